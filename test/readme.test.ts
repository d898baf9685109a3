import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../src/command-list.ts";
import type { CommandSpec } from "../src/commands/command.ts";
import { variableOf } from "../src/commands/options.ts";
import { optionTable } from "./support/option-table.ts";

const root = join(import.meta.dir, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const specs: [name: string, spec: CommandSpec][] = await Promise.all(
  COMMANDS.map(async ({ name, load }): Promise<[string, CommandSpec]> => [name, await load()]),
);

function sectionOf(name: string): string {
  const section = readme.split(/^#{2,3} /m).find((text) => text.startsWith(`logship ${name}\n`));
  if (section === undefined) throw new Error(`the README has no section "logship ${name}"`);
  return section;
}

test.each(specs)(
  "the README has a section on logship %s with every option as the program knows it",
  (name, spec) => {
    const section = sectionOf(name);
    if (Object.keys(spec.options).length > 0) expect(section).toContain(optionTable(spec.options));
  },
);

test("the README names no LOGSHIP_ variable that the program does not read", () => {
  const known = new Set(specs.flatMap(([, spec]) => Object.values(spec.options).map(variableOf)));
  const named = [...readme.matchAll(/`(LOGSHIP_[A-Z_]+)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("the README names every folder of src/", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of folders) expect(readme).toContain(`    src/${name}/ `);
});

test("the README gives a reason for every dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const reasons = readme.slice(readme.indexOf("## Dependencies"));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(reasons).toContain(name);
});
