import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../src/build/project.ts";
import { withReference } from "../src/build/reference.ts";
import { variableOf } from "../src/cli/options.ts";
import { documents } from "./support/documents.ts";
import { commands } from "./support/shown-arguments.ts";

const everything = [...documents.values()].join("\n");

test("what README and docs/ repeat of the code is as the code has it (npm run docs)", async () => {
  for (const [path, text] of await withReference(documents)) expect(documents.get(path)).toBe(text);
});

test.each([...commands.keys()])("the options of logship %s stand in docs/", (name) => {
  const { options, terms } = commands.get(name)!.spec;
  const hasTable = Object.keys(options).length > 0 || terms !== undefined;
  expect(everything.includes(`<!-- options of ${name} -->`)).toBe(hasTable);
});

test("README has fewer than 200 lines", () => {
  expect(documents.get("README.md")!.split("\n").length).toBeLessThan(200);
});

test("README and docs/ name no LOGSHIP_ variable that the program does not read", () => {
  const known = new Set(
    [...commands.values()].flatMap(({ spec }) => Object.values(spec.options).map(variableOf)),
  );
  const named = [...everything.matchAll(/`(LOGSHIP_[A-Z_]+)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("every link within the project leads somewhere", () => {
  const broken: string[] = [];
  const more = ["CONTRIBUTING.md", "SECURITY.md", "src/README.md", "test/README.md"];
  const texts = [
    ...documents,
    ...more.map((path) => [path, readFileSync(join(root, path), "utf8")] as const),
  ];
  for (const [path, text] of texts) {
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = "", anchor] = target!.split("#");
      const absolute = file === "" ? join(root, path) : join(root, dirname(path), file);
      if (!existsSync(absolute)) broken.push(`${path}: ${target}`);
      else if (anchor && !anchorsOf(readFileSync(absolute, "utf8")).includes(anchor))
        broken.push(`${path}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test("each promise of SECURITY.md names a test that is there", () => {
  const text = readFileSync(join(root, "SECURITY.md"), "utf8");
  const [promised] = text.split("What logship promises").slice(1).join("").split("\n\nWhat it does not");
  const promises = promised!.split(/^- /m).slice(1);
  expect(promises.length).toBeGreaterThan(10);
  for (const promise of promises) expect(promise).toMatch(/test\/\S+\.test\.ts/);
  for (const [path] of text.matchAll(/test\/[\w/-]+\.test\.ts/g))
    expect(existsSync(join(root, path))).toBe(true);
});

/** As GitHub makes them from headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
