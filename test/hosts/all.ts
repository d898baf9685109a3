/**
 * `npm run hosts [-- WORD…]`: walks the main paths on every host and processor, prints what it sees, and writes the times
 * into test/README.md. With words, only on those whose names contain one, and nothing is written. As root on Debian.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { table } from "../../src/build/markdown.ts";
import { runDirectory } from "../support/run-directory.ts";
import { DEBIANS, debianIfPossible } from "./debian.ts";
import { buildForArm64, PROCESSORS, walkEmulated } from "./processors.ts";
import { type Storage, startStorage } from "./storage.ts";
import { PATHS, type Walk } from "./walk.ts";

const words = process.argv.slice(2);
const storage = await startStorage();
const walks = new Map<string, Walk>();
try {
  for (const name of Object.keys(DEBIANS) as (keyof typeof DEBIANS)[]) {
    if (isChosen(name)) tell(name, await walkDebian(name, storage));
  }
  if (isChosen("arm64")) await buildForArm64();
  for (const name of Object.keys(PROCESSORS)) {
    if (isChosen(name)) tell(name, await walkEmulated(name, undefined, storage));
  }
} finally {
  await storage.stop();
  Bun.spawnSync(["rm", "-rf", runDirectory]);
}
if (words.length === 0) writeTable();
process.exitCode = [...walks.values()].every(({ paths }) => [...paths.values()].every(isWell)) ? 0 : 1;

function isChosen(name: string): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}

async function walkDebian(name: keyof typeof DEBIANS, storage: Storage): Promise<Walk> {
  const host = await debianIfPossible(name);
  if (host === undefined) throw new Error(`unable to make ${name} here, see above`);
  try {
    await host.container.boot();
    return await host.walk(storage);
  } finally {
    await host.container.powerOff();
  }
}

function tell(name: string, walk: Walk): void {
  process.stdout.write(`\n${name}\n${walk.text}`);
  walks.set(name, walk);
}

function isWell({ outcome }: { readonly outcome: string }): boolean {
  return outcome !== "failed";
}

/** Seconds, a row for each path and a column for each host. */
function writeTable(): void {
  const path = join(import.meta.dir, "../README.md");
  const rows = PATHS.map((pathName) => [
    pathName,
    ...[...walks.values()].map((walk) => cell(walk, pathName)),
  ]);
  const libraries = [...walks].map(([name, { host }]) =>
    name in DEBIANS ? `${name}<br>${/glibc [\d.]+/.exec(host)?.[0]}` : name,
  );
  const kernel = /kernel \d+\.\d+/.exec([...walks.values()][0]!.host)![0];
  const [load] = loadavg();
  const head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model}, ${kernel}, load average ${load!.toFixed(1)} at the end; seconds.`;
  const block = `<!-- hosts -->\n${head}\n\n${table(["path", ...libraries], rows)}\n<!-- end -->\n`;
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(/<!-- hosts -->\n.*?<!-- end -->\n/s, () => block),
  );
}

function cell({ paths }: Walk, pathName: string): string {
  const found = paths.get(pathName);
  if (found === undefined) return "";
  return found.outcome === "ok" ? (found.milliseconds! / 1000).toFixed(1) : found.outcome;
}
