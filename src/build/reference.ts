/** The parts of README.md and docs/ that repeat the code, between `<!-- NAME -->` and `<!-- end -->`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandSpec, EXIT_CODES } from "../cli/command.ts";
import { type OptionTable, variableOf } from "../cli/options.ts";
import { GROUPS } from "../command-list.ts";
import { type DescribedCommand, describedCommands } from "./described-commands.ts";
import { figuresBlock } from "./figures.ts";
import { plain, table } from "./markdown.ts";
import { root } from "./project.ts";
import { pictureBlock, roomsBlock } from "./rooms.ts";

/** README.md and the files of docs/, from the directory of the project. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

const HOUSE = "src/README.md";

/** Writes them, and src/README.md, as they should be. @returns the paths of those that were not */
export async function writeReference(): Promise<string[]> {
  const documents = new Map(
    [...DOCUMENTS, HOUSE].map((path) => [path, readFileSync(join(root, path), "utf8")]),
  );
  const stale = [...(await withReference(documents))].filter(([path, text]) => text !== documents.get(path));
  for (const [path, text] of stale) writeFileSync(join(root, path), text);
  return stale.map(([path]) => path);
}

/**
 * The documents as they should be, by their paths: `<!-- options of run -->` with the options of a command,
 * `<!-- commands -->` with all commands and where they are described, `<!-- exits -->` with the exit codes, `<!-- figures -->` with what was measured, `<!-- picture -->` and `<!-- rooms -->` with the rooms of src/.
 *
 * @throws Error if a command has no section `## logship NAME`, or a mark names no command
 */
export async function withReference(
  documents: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const commands = await describedCommands();
  const blocks = new Map(commands.map(({ name, spec }) => [`options of ${name}`, optionsBlock(spec)]));
  blocks.set("commands", commandsBlock(commands, documents));
  blocks.set(
    "exits",
    table(
      ["code", "meaning"],
      EXIT_CODES.map(([code, meaning]) => [String(code), meaning]),
    ),
  );
  blocks.set("picture", await pictureBlock());
  blocks.set("rooms", roomsBlock());
  blocks.set("figures", figuresBlock(readFileSync(join(root, "test/bench/RESULTS.md"), "utf8")));
  return new Map([...documents].map(([path, text]) => [path, filledIn(text, blocks)]));
}

function filledIn(text: string, blocks: ReadonlyMap<string, string>): string {
  return text.replace(/<!-- ((?:options of )?[a-z0-9]+) -->\n.*?<!-- end -->\n/gs, (_, name: string) => {
    const block = blocks.get(name);
    if (block === undefined) throw new Error(`nothing is known to stand at <!-- ${name} -->`);
    return `<!-- ${name} -->\n${block}\n<!-- end -->\n`;
  });
}

function optionsBlock({ options, terms }: CommandSpec): string {
  if (terms !== undefined)
    return table(
      ["", "meaning"],
      terms.rows.map(([term, meaning]) => [`\`${term}\``, plain(meaning)]),
    );
  return optionTable(options);
}

function optionTable(options: OptionTable): string {
  const rows = Object.values(options).map((spec) => [
    `\`${spec.flags}\``,
    `\`${variableOf(spec)}\``,
    spec.fallback?.text ? `\`${spec.fallback.text}\`` : "",
    plain(spec.help),
  ]);
  return table(["option", "variable", "default", "meaning"], rows);
}

/** A row for each group of the help. */
function commandsBlock(
  commands: readonly DescribedCommand[],
  documents: ReadonlyMap<string, string>,
): string {
  const links = new Map(commands.map(({ name }) => [name, `[${name}](${addressOf(name, documents)})`]));
  const rows = GROUPS.map((group) => [
    group.title,
    group.commands.map(({ name }) => links.get(name)!).join(", "),
  ]);
  return table(["what for", "commands"], rows);
}

/** Where a command is described: `docs/simulate.md#logship-run`. */
function addressOf(name: string, documents: ReadonlyMap<string, string>): string {
  const heading = new RegExp(`^## logship ${name}$`, "m");
  const path = [...documents.keys()].find((path) => heading.test(documents.get(path)!));
  if (path === undefined) throw new Error(`no document has a section "## logship ${name}"`);
  return `${path}#logship-${name}`;
}
