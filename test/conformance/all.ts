/**
 * `npm run conformance [-- NAME…]`: plays the scenarios beside every S3 server, or those whose names contain one of the words,
 * keeps what was seen in results/, and writes docs/works-with.md. `--short` leaves out what takes long, and keeps nothing.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../src/system/version.ts";
import { runDirectory } from "../support/run-directory.ts";
import { missingTools } from "./cache.ts";
import { page } from "./page.ts";
import { keepResult } from "./results.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { SERVERS } from "./servers/all.ts";
import { walk } from "./walk.ts";

const isShort = process.argv.includes("--short");
const words = process.argv.slice(2).filter((word) => word !== "--short");
const chosen = SERVERS.filter(({ name }) => {
  return words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase()));
});
const scenarios = SCENARIOS.filter(({ isLong }) => !(isShort && isLong));
const tell = (text: string) => {
  process.stdout.write(text);
};

try {
  for (const recipe of chosen) {
    const missing = missingTools(recipe);
    if (missing.length > 0) {
      tell(`SKIPPED ${recipe.name}: missing here: ${missing.join(", ")}\n`);
      continue;
    }
    try {
      const outcomes = await walk(recipe, scenarios, tell);
      const date = new Date().toISOString().slice(0, 10);
      if (!isShort) keepResult(recipe, { version: recipe.version, date, logship: version, walk: outcomes });
    } catch (error) {
      process.exitCode = 1;
      tell(`FAILED ${recipe.name}: ${(error as Error).message}\n`);
    }
  }
} finally {
  rmSync(runDirectory, { recursive: true, force: true });
}
if (!isShort) writeFileSync(join(import.meta.dir, "../../docs/works-with.md"), page());
process.exit();
