/** src/README.md, which shows the house to those who want to change it. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/build/project.ts";

const readmeOfSource = readFileSync(join(root, "src/README.md"), "utf8");
const rooms = readdirSync(join(root, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(rooms)("src/README.md says what src/%s/ is for", (room) => {
  expect(readmeOfSource).toContain(`| \`${room}/\` |`);
});

test("src/README.md gives a reason for every dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const reasons = readmeOfSource.slice(readmeOfSource.indexOf("## Dependencies"));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(reasons).toContain(name);
});

test("src/README.md draws every room, and no arrow that is no import", async () => {
  const picture = /```mermaid\n(.*?)```/s.exec(readmeOfSource)![1]!;
  const drawn = new Map([...picture.matchAll(/(\w+)\["([a-z0-9-]+)\//g)].map(([, id, room]) => [id!, room!]));
  expect([...drawn.values()].sort()).toEqual(
    rooms.filter((room) => room !== "time" && room !== "system").sort(),
  );
  for (const [, from, to] of picture.matchAll(/^ {2}(\w+)(?:\[[^\]]*\])? --> (\w+)/gm)) {
    const [importer, imported] = [drawn.get(from!), drawn.get(to!)];
    if (importer === undefined || imported === undefined) continue;
    expect(await importsOf(importer)).toContain(imported);
  }
});

/** The rooms that a room imports from. */
async function importsOf(room: string): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const file of new Bun.Glob("**/*.ts").scan(join(root, "src", room))) {
    const text = readFileSync(join(root, "src", room, file), "utf8");
    for (const [, other] of text.matchAll(/"\.\.\/([a-z0-9-]+)\//g)) found.add(other!);
  }
  return found;
}
