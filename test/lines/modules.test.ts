import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compiledModules, MODULES } from "../../src/build/core.ts";
import { root } from "../../src/build/project.ts";

test("src/lines/modules.ts is what the source of the core compiles to (npm run core)", async () => {
  expect(await compiledModules()).toBe(readFileSync(join(root, MODULES), "utf8"));
}, 60_000);
