import { EXIT_CODES, PROGRAM_SUMMARY } from "../cli/command.ts";
import { groupTitle, type OptionSpec, variableOf } from "../cli/options.ts";
import { GROUPS } from "../command-list.ts";
import type { DescribedCommand } from "./described-commands.ts";
import { roffOf } from "./prose.ts";
import { definition, escaped, filled, verbatim } from "./roff.ts";

/** What stands at the head and foot of each page. */
export interface Edition {
  readonly version: string;
  /** Undefined where nobody knows when it was made. */
  readonly date: Date | undefined;
}

/** logship(1): what there is, by what it is for. */
export function programPage(commands: readonly DescribedCommand[], edition: Edition): string {
  const summaries = new Map(commands.map(({ name, summary }) => [name, summary]));
  const groups = GROUPS.map(({ title, commands: group }) => {
    const rows = group.map(({ name }) => definition(`logship ${name}`, summaries.get(name)!));
    return [`.SS ${quoted(title)}`, ...rows].join("\n");
  });
  return page("logship", edition, [
    section("NAME", filled(`logship - ${phrase(PROGRAM_SUMMARY)}`)),
    section("SYNOPSIS", "\\fBlogship\\fR \\fIcommand\\fR [\\fIoption\\fR ...] [\\fIargument\\fR ...]"),
    section("COMMANDS", ...groups),
    section(
      "OPTIONS",
      definition("-h, --help", "print the help, also behind a command"),
      definition("-V, --version", "print version and commit"),
    ),
    section(
      "ENVIRONMENT",
      filled(
        "Every option of a command is also a variable, which its page names. The command line wins, and an empty variable counts as not set. An option without a value takes yes or no there. AWS_ variables mean what they mean to the AWS CLI.",
      ),
    ),
    exitStatus,
    section("SEE ALSO", seeAlso(commands.map(({ name }) => `logship-${name}`))),
  ]);
}

/**
 * The page of a command: `logship-run(1)`.
 *
 * @param text What docs/ says of it, in Markdown.
 */
export function commandPage(
  { name, summary, spec }: DescribedCommand,
  text: string,
  edition: Edition,
): string {
  const { positional, examples = [], notes, terms, options } = spec;
  const groups = Map.groupBy(Object.values(options), (option) => groupTitle(option).slice(0, -1));
  const isGrouped = groups.size > 1;
  const optionText = [...groups].map(([title, group]) =>
    [...(isGrouped ? [`.SS ${quoted(title)}`] : []), ...group.map(optionDefinition)].join("\n"),
  );
  const terse = [terms ? "" : "[\\fIoption\\fR ...]", positional ? `\\fI${escaped(positional)}\\fR` : ""];
  const sections = [
    section("NAME", filled(`logship-${name} - ${phrase(summary)}`)),
    section(
      "SYNOPSIS",
      `\\fBlogship ${escaped(name)}\\fR ${terse.filter((part) => part !== "").join(" ")}`.trimEnd(),
    ),
    section("DESCRIPTION", roffOf(text)),
    terms &&
      section(terms.title.toUpperCase(), ...terms.rows.map(([term, meaning]) => definition(term, meaning))),
    optionText.length > 0 && section("OPTIONS", ...optionText),
    notes && section("NOTES", ...paragraphs(notes)),
    examples.length > 0 && section("EXAMPLES", verbatim(examples)),
    exitStatus,
    section("SEE ALSO", seeAlso(["logship"])),
  ];
  return page(
    `logship-${name}`,
    edition,
    sections.filter((text) => typeof text === "string"),
  );
}

function page(name: string, { version, date }: Edition, sections: readonly string[]): string {
  const day = date?.toISOString().slice(0, 10) ?? "";
  const head = `.TH ${escaped(name.toUpperCase())} 1 "${day}" ${quoted(`logship ${version}`)} ${quoted("logship")}`;
  return `${[head, ".nh", ".ad l", ...sections].join("\n")}\n`;
}

function section(title: string, ...parts: string[]): string {
  return [`.SH ${quoted(title)}`, ...parts].join("\n");
}

const exitStatus = section(
  "EXIT STATUS",
  ...EXIT_CODES.map(([code, meaning]) => definition(String(code), meaning)),
);

function optionDefinition(spec: OptionSpec<unknown>): string {
  const fallback = spec.fallback?.text ? ` (default: ${spec.fallback.text})` : "";
  return definition(spec.flags, `${spec.help}${fallback} [${variableOf(spec)}]`);
}

function paragraphs(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (line === "" ? [] : [...(index > 0 ? [".PP"] : []), filled(line)]));
}

function seeAlso(names: readonly string[]): string {
  return names
    .map((name, index) => `.BR ${escaped(name)} (1)${index < names.length - 1 ? " ," : ""}`)
    .join("\n");
}

/** A sentence as man pages have their names' meaning: without the capital of its first word and the full stop. */
function phrase(sentence: string): string {
  return (sentence[0]!.toLowerCase() + sentence.slice(1)).replace(/\.$/, "");
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
