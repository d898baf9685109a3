import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";

const source = join(import.meta.dir, "../src");

/**
 * Which rooms of src/ a room may import, besides itself and what those may: imports point one way, from commands over
 * domains to system. Circles between files are forbidden by the lint rule noImportCycles.
 */
const ALLOWED: Record<string, readonly string[]> = {
  system: [],
  time: ["system"],
  tai64n: ["time", "system"],
  "access-log": ["time", "system"],
  pieces: ["time", "system"],
  destination: ["system"],
  pipeline: ["pieces", "destination", "time", "system"],
  verify: ["access-log", "pieces", "destination", "pipeline", "time", "system"],
  multilog: ["tai64n", "system"],
  follow: ["system"],
  diary: ["follow", "tai64n", "time", "system"],
  ship: ["follow", "pieces", "destination", "pipeline", "time", "system"],
  supervise: ["diary", "ship", "follow", "tai64n", "time", "system"],
  doctor: [
    ...["destination", "diary", "follow", "ship", "supervise", "tai64n"],
    ...["pieces", "pipeline", "time", "system"],
  ],
  setup: ["system"],
  completion: [],
  build: ["setup", "commands", "command-list.ts"],
};

test("imports point one way: commands to domains to time and system", async () => {
  const forbidden: string[] = [];
  for await (const file of new Bun.Glob("*/**/*.ts").scan(source)) {
    const room = file.split("/")[0]!;
    if (room === "commands") continue;
    for (const imported of importsOf(file)) {
      const other = imported.split("/")[0]!;
      const isAllowed = other === room || ALLOWED[room]?.includes(other) || imported.startsWith("../");
      if (!isAllowed) forbidden.push(`${file} imports ${imported}`);
    }
  }
  expect(forbidden).toEqual([]);
});

test("every room of src/ has its place in the order of imports", async () => {
  const rooms = new Set<string>();
  for await (const file of new Bun.Glob("*/**/*.ts").scan(source)) rooms.add(file.split("/")[0]!);
  expect([...rooms].filter((room) => room !== "commands").sort()).toEqual(Object.keys(ALLOWED).sort());
});

/** What a file of src/ imports from the project, relative to src/. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g)].map((match) =>
    normalize(join(file, "..", match[1]!)),
  );
}
