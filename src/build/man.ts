import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describedCommands } from "./described-commands.ts";
import { commandPage, programPage } from "./man-page.ts";
import { dist, projectVersion, root, sourceDate } from "./project.ts";
import { sectionOn } from "./prose.ts";
import { DOCUMENTS } from "./reference.ts";

/** Where the man pages are, beside the executables; `logship setup` installs them out of the executable. */
export const manDirectory = join(dist, "man");

/**
 * Writes logship(1) and a page for each command, from the description of the command, as the help, and from docs/. The same commit gives the same bytes; what is
 * right already is left alone, because another build may be reading it.
 */
export async function writeManPages(): Promise<void> {
  const edition = { version: projectVersion, date: await sourceDate() };
  const commands = await describedCommands();
  const documents = DOCUMENTS.map((path) => readFileSync(join(root, path), "utf8"));
  const pages = new Map([
    ["logship.1", programPage(commands, edition)],
    ...commands.map((command): [string, string] => {
      const text = sectionOn(command.name, documents);
      if (text === undefined) throw new Error(`docs/ has no section "## logship ${command.name}"`);
      return [`logship-${command.name}.1`, commandPage(command, text, edition)];
    }),
  ]);
  mkdirSync(manDirectory, { recursive: true });
  for (const name of readdirSync(manDirectory)) if (!pages.has(name)) rmSync(join(manDirectory, name));
  for (const [name, text] of pages) {
    const path = join(manDirectory, name);
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
  }
}
