/**
 * The short scenarios of test/conformance beside two servers that people run, where these are in the cache or can be had in
 * two minutes; where not, they are skipped and named. They answer as they did when docs/works-with.md was written.
 */
import { expect, test } from "bun:test";
import { installed, missingTools } from "../conformance/cache.ts";
import { installing } from "../conformance/programs.ts";
import { keptResult } from "../conformance/results.ts";
import { SCENARIOS } from "../conformance/scenarios/all.ts";
import type { ServerRecipe } from "../conformance/server.ts";
import { moto } from "../conformance/servers/moto.ts";
import { rclone } from "../conformance/servers/rclone.ts";
import { walk } from "../conformance/walk.ts";
import { isWithout } from "../support/needs.ts";

const LIMIT_MS = 300_000;

installing.limitMs = 120_000;
const isHere = new Map<ServerRecipe, boolean>();
for (const recipe of [moto, rclone]) isHere.set(recipe, await isToBeHad(recipe));

for (const [recipe, isThere] of isHere) {
  test.skipIf(!isThere)(
    `${recipe.name} answers as docs/works-with.md says`,
    async () => {
      const short = SCENARIOS.filter(({ isLong }) => !isLong);
      const seen = await walk(recipe, short, () => {});
      const known = keptResult(recipe)!.walk;
      for (const { name } of short) expect({ name, ...seen[name] }).toEqual({ name, ...known[name]! });
    },
    LIMIT_MS,
  );
}

async function isToBeHad(recipe: ServerRecipe): Promise<boolean> {
  const missing = missingTools(recipe);
  try {
    if (missing.length > 0) throw new Error(missing.join(", "));
    await installed(recipe);
    return true;
  } catch {
    isWithout(`${recipe.name} ${recipe.version} (${recipe.source}), to run beside`);
    return false;
  }
}
