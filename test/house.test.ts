/** src/README.md, which shows the house to those who want to change it. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/build/project.ts";
import { DOCUMENTS, withReference } from "../src/build/reference.ts";

const readmeOfSource = readFileSync(join(root, "src/README.md"), "utf8");

test("src/README.md gives a reason for every dependency", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const reasons = readmeOfSource.slice(readmeOfSource.indexOf("## Dependencies"));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(reasons).toContain(name);
});

test("the picture and the rooms of src/README.md are as the code has them (npm run docs)", async () => {
  const documents = new Map(
    [...DOCUMENTS, "src/README.md"].map((path) => [path, readFileSync(join(root, path), "utf8")]),
  );
  expect((await withReference(documents)).get("src/README.md")).toBe(readmeOfSource);
});
