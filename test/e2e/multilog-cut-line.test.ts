/** kill -9 inside a write, so that half of a line is in the file: its other half comes behind it, not into the next file. */
import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { logFiles, modeOf, numberedLines, storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

const LINE_BYTES = 100;
const multilog = join(standIns("multilog"), "multilog");
const isPossible = needs("prlimit");

/** Writes until no file may grow beyond `maxBytes`, which cuts a write short, and is killed there. */
async function writeUpTo(maxBytes: number, script: readonly string[], cwd: string, stdin: number) {
  const child = Bun.spawn(["prlimit", `--fsize=${maxBytes}`, multilog, ...script], {
    cwd,
    stdin,
    stderr: "pipe",
  });
  const reader = child.stderr.getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain("file too big");
  child.kill("SIGKILL");
  await child.exited;
}

async function writeAll(script: readonly string[], cwd: string, stdin: number | "ignore"): Promise<void> {
  const child = Bun.spawn([multilog, ...script], { cwd, stdin, stderr: "pipe" });
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["", 0]);
}

const scripts: readonly { script: string[]; lines: number; logs?: string[] }[] = [
  { script: ["n100", "./log"], lines: 40 },
  { script: ["t", "n100", "./log"], lines: 40 },
  { script: ["s4096", "n100", "./log"], lines: 400 },
  { script: ["s4096", "n100", "!cat; echo >&5", "./log"], lines: 400 },
  { script: ["n100", "./log", "-*3*", "./other"], lines: 40, logs: ["log", "other"] },
];

test.skipIf(!isPossible).each(scripts)(
  "a line that a kill inside a write has cut is whole in one file: $script",
  async ({ script, lines, logs = ["log"] }) => {
    const cwd = temporaryDirectory("cut");
    // The record of what is unwritten has to be there before files must not grow.
    await writeAll(script, cwd, "ignore");
    const input = numberedLines(lines, LINE_BYTES);
    writeFileSync(join(cwd, "input"), input);
    const stdin = openSync(join(cwd, "input"), "r");
    // Twice: what is left is cut by a kill as well.
    await writeUpTo(1050, script, cwd, stdin);
    expect(statSync(join(cwd, "log/current")).size).toBe(1050);
    await writeUpTo(1333, script, cwd, stdin);
    expect(statSync(join(cwd, "log/current")).size).toBe(1333);
    await writeAll(script, cwd, stdin);
    closeSync(stdin);
    for (const log of logs) {
      const stamp = script[0] === "t" ? 26 : 0;
      for (const name of logFiles(join(cwd, log))) {
        const path = join(cwd, log, name);
        const text = readFileSync(path, "latin1");
        expect([name, text.length % (LINE_BYTES + stamp)]).toEqual([name, 0]);
        expect(text === "" || text.endsWith("\n")).toBe(true);
        if (!name.endsWith(".u")) expect(modeOf(path)).toBe("744");
      }
      const stored = storedBytes(join(cwd, log)).toString("latin1").split("\n");
      const expected = input.toString("latin1").split("\n");
      const wanted = log === "log" ? expected : expected.filter((line) => !line.includes("3"));
      expect(stored.map((line) => line.slice(stamp))).toEqual(wanted);
    }
    // As after any kill, an unprocessed file is called so.
    if (lines === 40)
      expect(logFiles(join(cwd, "log")).filter((name) => name.endsWith(".u"))).toHaveLength(1);
  },
);

test.skipIf(!isPossible || !needs("multilog"))(
  "a line that a kill has cut is there once more, whole, where daemontools' multilog has made an old file of its beginning",
  async () => {
    const theirs = Bun.which("multilog", { PATH: "/usr/bin:/usr/local/bin:/command" })!;
    const cwd = temporaryDirectory("put-away");
    await writeAll(["./log"], cwd, "ignore");
    const input = numberedLines(40, LINE_BYTES);
    writeFileSync(join(cwd, "input"), input);
    const stdin = openSync(join(cwd, "input"), "r");
    await writeUpTo(1050, ["./log"], cwd, stdin);
    expect(await Bun.spawn([theirs, "./log"], { cwd, stdin: "ignore" }).exited).toBe(0);
    await writeAll(["./log"], cwd, stdin);
    closeSync(stdin);
    const [old, current] = logFiles(join(cwd, "log")).map((name) => readFileSync(join(cwd, "log", name)));
    expect(old!.equals(input.subarray(0, 1050))).toBe(true);
    expect(current!.equals(input.subarray(1000))).toBe(true);
  },
);

test("a long line that goes on after a kill goes on in its file, also over several kills", async () => {
  const cwd = temporaryDirectory("long-cut");
  const fifo = join(cwd, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const writing = openSync(fifo, "r+");
  const reading = openSync(fifo, "r");
  const current = join(cwd, "log/current");
  let line = "";
  for (const letter of ["a", "b", "c"]) {
    const child = Bun.spawn([multilog, "./log"], { cwd, stdin: reading, stderr: "inherit" });
    writeSync(writing, letter.repeat(1500));
    line += letter.repeat(1500);
    await until("the beginning", () => {
      const { size } = statSync(current, { throwIfNoEntry: false }) ?? { size: 0 };
      return size === line.length;
    });
    child.kill("SIGKILL");
    await child.exited;
  }
  writeSync(writing, "d\nnext\n");
  closeSync(writing);
  await writeAll(["./log"], cwd, reading);
  closeSync(reading);
  expect(logFiles(join(cwd, "log"))).toEqual(["current"]);
  expect(readFileSync(current, "latin1")).toBe(`${line}d\nnext\n`);
});
