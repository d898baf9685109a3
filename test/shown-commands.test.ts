/** The commands in README and docs/, without running them; test/e2e/docs.test.ts does that. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/build/project.ts";
import { codeBlocks, documents, inlineCode, shownCommands } from "./support/documents.ts";
import { simpleCommands } from "./support/shell-words.ts";
import { callsOfLogship, commands, optionsOf, parseAsLogship } from "./support/shown-arguments.ts";

const scripts = [
  ...codeBlocks("sh"),
  ...codeBlocks("console").map(({ path, text }) => ({
    path,
    text: shownCommands(text)
      .map(({ command }) => command)
      .join("\n"),
  })),
];
const calls = scripts.flatMap(({ path, text }) =>
  callsOfLogship(text).map((args) => [path, args.join(" "), args] as const),
);

test.each(calls)("%s: logship %s is understood", (_path, _text, args) => {
  expect(() => parseAsLogship(args)).not.toThrow();
});

test("there are some, and in README too", () => {
  expect(calls.filter(([path]) => path === "README.md").length).toBeGreaterThan(10);
});

test("every npm script that is shown is one", () => {
  const { scripts: known } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const texts = [...documents.values(), contributing].join("\n");
  const names = [...texts.matchAll(/\bnpm\s+run\s+(?:-s\s+)?([a-z]+)\b/g)].map(([, name]) => name!);
  expect(names).toContain("build");
  expect(names.filter((name) => known[name] === undefined)).toEqual([]);
});

test("in running text, too, they and their options exist", () => {
  const problems: string[] = [];
  for (const { path, text } of inlineCode()) {
    const called = /^(?:… \| )?logship ([a-z0-9]+)/.exec(text)?.[1];
    if (called === undefined) continue;
    if (!commands.has(called)) problems.push(`${path}: ${text}`);
    else if (!(text.match(/--[a-z-]+/g) ?? []).every((option) => optionsOf(called).has(option)))
      problems.push(`${path}: ${text}`);
  }
  expect(problems).toEqual([]);
});

test("every option that is named is one of a command", () => {
  const known = new Set([...commands.keys()].flatMap((name) => [...optionsOf(name)]));
  const named = inlineCode()
    .filter(({ text }) => text.startsWith("--"))
    .flatMap(({ path, text }) => (text.match(/--[a-z-]+/g) ?? []).map((option) => `${path}: ${option}`));
  const unknown = named.filter((text) => !known.has(text.split(": ")[1]!));
  expect(unknown.filter((text) => !text.endsWith(": --version"))).toEqual([]);
});

test("shell is read as a shell does", () => {
  expect(simpleCommands("A=1 x 'a b' \"c|d\" # no\ny \\\n z > file 2>&1 | w&&v \\$")).toEqual([
    ["A=1", "x", "a b", "c|d"],
    ["y", "z"],
    ["w"],
    ["v", "$"],
  ]);
});
