/**
 * Runs the tests and sums them up: `npm test`, `npm test -- --unit`, `npm test -- test/e2e/upload.test.ts`.
 * As root on Debian it first installs the packages that are missing; `--no-install` and `--unit` leave that out.
 *
 * It ends with the host that it ran on and, in the last line, `N passed, N failed` (and `, N skipped`); the exit code is 0 only if none failed.
 */
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { installMissingPackages, mayInstall } from "./support/packages.ts";
import { stopRadosGateway } from "./support/radosgw.ts";
import { runDirectory } from "./support/run-directory.ts";
import { thisHost } from "./support/this-host.ts";

const root = join(import.meta.dir, "..");
const missingList = join(runDirectory, "missing");
const isUnitOnly = process.argv.includes("--unit");
const patterns = process.argv.slice(2).filter((argument) => !["--unit", "--no-install"].includes(argument));
if (mayInstall(process.argv)) await installMissingPackages();

// What takes long begins first; in a fresh checkout by how long it took elsewhere.
const timings = join(root, "dist/.test-timings.json");
if (!existsSync(timings)) copyFileSync(join(import.meta.dir, "timings.json"), timings);

const tests = Bun.spawn(
  [
    process.execPath,
    "test",
    `--parallel=${cpus().length + 1}`, // many wait for a server or a service
    "--only-failures",
    "--timeout=300000",
    `--timings=${timings}`,
    "--update-timings",
    ...(isUnitOnly ? ["--path-ignore-patterns=test/{e2e,hosts,install}/**"] : []),
    ...(patterns.length > 0 ? patterns : ["./test/"]),
  ],
  {
    cwd: root,
    stdout: "inherit",
    stderr: "pipe",
    env: { ...process.env, LOGSHIP_TEST_DIRECTORY: runDirectory, LOGSHIP_TEST_MISSING: missingList },
  },
);
process.on("SIGINT", () => tests.kill("SIGINT"));
process.on("SIGTERM", () => tests.kill("SIGTERM"));

let report = "";
const decoder = new TextDecoder();
for await (const bytes of tests.stderr) {
  process.stderr.write(bytes);
  report += decoder.decode(bytes, { stream: true });
}
const exitCode = await tests.exited;
stopRadosGateway(join(runDirectory, "radosgw"));

const passed = count("pass");
let failed = count("fail") + count("error");
const skipped = count("skip") + count("todo");
const hasRun = passed > 0 || (skipped > 0 && process.env.CI !== "true");
if (failed === 0 && (exitCode !== 0 || !hasRun)) failed = 1;
process.stdout.write(`\non ${thisHost()}\n`);
if (skipped > 0) process.stdout.write(`SKIPPED ${skipped} TESTS: ${reasonForSkipping()}\n`);
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
rmSync(runDirectory, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;

/** The last count of that name in the summary of `bun test`: a line such as ` 12 pass` or ` 1 error`. */
function count(name: string): number {
  const matches = [...report.matchAll(new RegExp(`^ (\\d+) ${name}s?$`, "gm"))];
  return Number(matches.at(-1)?.[1] ?? 0);
}

function reasonForSkipping(): string {
  if (!existsSync(missingList)) return "they run in CI only";
  const programs = new Set(readFileSync(missingList, "utf8").trim().split("\n"));
  return `missing here: ${[...programs].sort().join(", ")} (or they run in CI only)`;
}
