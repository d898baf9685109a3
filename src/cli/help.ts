import { type Command, Option } from "commander";
import type { CommandSpec, Terms } from "./command.ts";
import { groupTitle, longName, type OptionTable, variableOf } from "./options.ts";

/** Gives a command what its help has beside the options: examples before them, notes and the variables after them. */
export function addHelp(
  command: Command,
  { options, examples = [], terms, notes, isRaw }: CommandSpec,
): void {
  command.helpOption(false);
  if (!isRaw) command.addHelpOption(helpOption(options));
  if (examples.length > 0)
    command.description(
      `${command.summary()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
    );
  const after = [terms && termsText(terms), notes, variablesNote(options)]
    .filter((text) => text !== undefined)
    .join("\n\n");
  if (after !== "") command.addHelpText("after", () => `\n${wrapped(after, command)}`);
}

/** In the last of the groups. */
function helpOption(options: OptionTable): Option {
  return new Option("-h, --help", "print this help").helpGroup(groupTitle(Object.values(options).at(-1)));
}

function termsText({ title, rows }: Terms): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  return [`${title}:`, ...rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`)].join("\n");
}

function variablesNote(options: OptionTable): string | undefined {
  const [first] = Object.values(options);
  return first && `Every option is also a variable: --${longName(first)} is ${variableOf(first)}.`;
}

/** Within the width of the terminal; what stands beside a term stays beside it. */
function wrapped(text: string, command: Command): string {
  const width = command.configureOutput().getOutHelpWidth?.() ?? 80;
  const help = command.createHelp();
  const lines = text.split("\n").map((line) => {
    const [term = ""] = /^ {2}\S.*? {2,}|^ +/.exec(line) ?? [];
    const beside = help.boxWrap(line.slice(term.length), width - term.length);
    return term + beside.replaceAll("\n", `\n${" ".repeat(term.length)}`);
  });
  return lines.join("\n");
}
