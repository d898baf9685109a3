import type { Messages } from "../system/message.ts";
import type { OptionTable, OptionValues } from "./options.ts";

/** What logship does, in one sentence. */
export const PROGRAM_SUMMARY =
  "Simulates a web server's access log, ships logs to S3 and writes multilog-compatible logs.";

/** Those of every command; what else a command's own mean is in its notes. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "done"],
  [100, "wrong usage"],
  [111, "failed now, try again later"],
  [101, "a bug in logship"],
];

/** What a command gets from the process that runs it; the core never reaches for these by itself. */
export interface Host {
  readonly environment: Record<string, string | undefined>;
  readonly messages: Messages;
  /** The name this program was called by, for usage lines of its stand-ins. */
  readonly program: string;
  /** All of them. */
  readonly commands: readonly CommandEntry[];
}

/** Words that a command takes and that are no options of its table, with their meanings. */
export interface Terms {
  /** Above them in the help: `Actions`. */
  readonly title: string;
  readonly rows: readonly (readonly [term: string, meaning: string])[];
}

/** One subcommand of logship. */
export interface CommandSpec {
  /** Positional arguments as commander writes them: `[file] [prefix]`, `<path...>`. */
  readonly positional?: string;
  /** Command lines that a person can use as they are; they come first in the help. */
  readonly examples?: readonly string[];
  readonly terms?: Terms;
  /** Text after the options in the help, a line for each paragraph. */
  readonly notes?: string;
  readonly options: OptionTable;
  /** Takes its arguments unparsed, because they have a grammar of their own. */
  readonly isRaw?: boolean;
  /** `-5` stands for `-n 5`, as for tail(1). */
  readonly readsCount?: boolean;
  /** A variable with a value that cannot be parsed counts as not set, because the command tells of it. */
  readonly reportsWrongVariables?: boolean;
  /**
   * @param given The options of the command line with their texts, as typed.
   * @returns the exit code; 0 when nothing is returned
   */
  readonly run: (
    options: never,
    args: string[],
    host: Host,
    given: ReadonlyMap<string, string>,
  ) => Promise<number | undefined>;
}

/** A command before it is loaded; loading only the one that is called keeps the others out of memory. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandSpec>;
}

/** Gives a command's `run` the types of its option table. */
export function defineCommand<Table extends OptionTable>(
  spec: Omit<CommandSpec, "options" | "run"> & {
    options: Table;
    run: (
      options: OptionValues<Table>,
      args: string[],
      host: Host,
      given: ReadonlyMap<string, string>,
    ) => Promise<number | undefined>;
  },
): CommandSpec {
  return spec;
}
