/** Input without line ends, as of a file that is no log: every command that reads lines gets over it in bounded memory. */
import { afterEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Result, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** More than anything that reads lines may hold. */
const ENDLESS_BYTES = 600 * 1024 * 1024;
/** Pieces of ship live in memory, one more than are uploaded at a time. */
const MOST_MIB = { ship: 350, others: 200 };
const LIMIT_MS = 120_000;
/** Of a line that is newer than any moment of `--since`. */
const LABEL_TO_COME = "@400000007fffffff00000000";

let cwd = "";
/** What is left takes more room than all other tests together. */
afterEach(() => rmSync(cwd, { recursive: true }));

/** Runs a command with so many zeros, and then a line, as its standard input; they are in `log`, too, where they take no room. */
async function fed(command: string, last = "last"): Promise<Result> {
  cwd = temporaryDirectory("endless");
  const log = join(cwd, "log");
  writeFileSync(log, "");
  truncateSync(log, ENDLESS_BYTES);
  writeFileSync(log, `\n${last}\n`, { flag: "a" });
  const feed = 'exec "$@" < <(cat log) > printed';
  const args = command.split(" ").map((word) => word.replace("CWD", cwd));
  return run(args, { cwd, under: ["bash", "-c", feed, "bash"] });
}

const sizesIn = (directory: string, isWanted: RegExp) =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => isWanted.test(name))
    .sort()
    .map((name) => statSync(join(directory, name)).size);

test.skipIf(!needs("bash")).each([
  ["split", [ENDLESS_BYTES + 6]],
  ["split --bytes 1M", [ENDLESS_BYTES + 1, 5]],
  ["split --bytes 8G", [ENDLESS_BYTES + 6]],
  ["split --bytes 8G --format script", [ENDLESS_BYTES + 6]],
] as const)(
  "%s puts a line of 600 MiB into one piece",
  async (command, sizes) => {
    const { stderr, exitCode, peakMiB } = await fed(command);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(peakMiB).toBeLessThan(MOST_MIB.others);
    expect(sizesIn(cwd, /^xa/)).toEqual([...sizes]);
  },
  LIMIT_MS,
);

test.skipIf(!needs("bash")).each(["tai64n", "tai64nlocal", "tail log", "tail --since 1h log"])(
  "%s shows what comes behind a line of 600 MiB",
  async (command) => {
    const { stderr, exitCode, peakMiB } = await fed(command, `${LABEL_TO_COME} last`);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(peakMiB).toBeLessThan(MOST_MIB.others);
    expect(readFileSync(join(cwd, "printed")).subarray(-6).toString()).toBe(" last\n");
  },
  LIMIT_MS,
);

test
  .skipIf(!needs("bash"))
  .each([
    "ship --once --to file://CWD/out --state CWD/state -",
    "ship --once --to file://CWD/out --state CWD/state log",
  ])(
  "%s cuts a line of 600 MiB and stores all of it",
  async (command) => {
    const { exitCode, peakMiB } = await fed(command);
    expect(exitCode).toBe(0);
    expect(peakMiB).toBeLessThan(MOST_MIB.ship);
    const sizes = sizesIn(join(cwd, "out"), /\.log$/);
    expect(Math.max(...sizes)).toBe(16 * 1024 * 1024);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(ENDLESS_BYTES + 6);
  },
  LIMIT_MS,
);

test.skipIf(!needs("bash"))(
  "verify --source reads over a line of 600 MiB",
  async () => {
    const { stderr, exitCode, peakMiB } = await fed("verify file://CWD --source log");
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 1 });
    expect(peakMiB).toBeLessThan(MOST_MIB.others);
    expect(readFileSync(join(cwd, "printed"), "utf8")).toContain("nothing of log is stored");
  },
  LIMIT_MS,
);
