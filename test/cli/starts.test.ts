/** What a start loads: the tables of the simulated traffic take as long to build as all the rest of it. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { root } from "../../src/build/project.ts";
import { COMMANDS } from "../../src/command-list.ts";

/** Where wheels, digits and exchanges are built as soon as the file is imported. */
const TABLES = ["exchange.ts", "visit.ts", "visitor.ts", "digits.ts", "response.ts"].map(
  (file) => `access-log/${file}`,
);
const transpiler = new Bun.Transpiler({ loader: "ts" });

function importsOf(file: string): { path: string; kind: string }[] {
  return transpiler
    .scanImports(readFileSync(join(root, "src", file), "utf8"))
    .filter(({ path }) => path.startsWith(".") && path.endsWith(".ts"))
    .map(({ path, kind }) => ({ path: normalize(join(file, "..", path)), kind }));
}

/** All that is loaded before a file's own code runs, by way of which file. */
function loadedWith(start: string): Map<string, string> {
  const loaded = new Map([[start, ""]]);
  for (const file of loaded.keys())
    for (const { path, kind } of importsOf(file))
      if (kind === "import-statement" && !loaded.has(path)) loaded.set(path, file);
  return loaded;
}

const commandFiles = importsOf("command-list.ts").flatMap(({ path, kind }) =>
  kind === "dynamic-import" ? [path] : [],
);

test("the files of all commands are looked at", () => {
  expect(commandFiles.length).toBeGreaterThan(COMMANDS.length / 2);
  expect([...loadedWith("cli/open-access-log.ts").keys()]).toEqual(expect.arrayContaining(TABLES));
});

test.each(["main.ts", "program.ts", ...commandFiles])(
  "%s is loaded without the tables of the traffic",
  (file) => {
    const loaded = loadedWith(file);
    expect(
      TABLES.filter((table) => loaded.has(table)).map((table) => `${loaded.get(table)} -> ${table}`),
    ).toEqual([]);
  },
);
