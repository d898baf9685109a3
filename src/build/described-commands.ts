import type { CommandEntry, CommandSpec } from "../cli/command.ts";
import { COMMANDS } from "../command-list.ts";

/** A command with its description, from which its table in docs/ and its man page come. */
export interface DescribedCommand extends Omit<CommandEntry, "load"> {
  readonly spec: CommandSpec;
}

/** All of them, in the order of the help. */
export async function describedCommands(): Promise<DescribedCommand[]> {
  return Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => ({ name, summary, spec: await load() })),
  );
}
