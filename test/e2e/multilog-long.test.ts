/** What only shows over many lines: full disks, restarts under load, thousands of rotations. */
import { afterAll, expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { numberedLine, numberedLines, storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

const multilog = join(standIns("multilog"), "multilog");
const LINE_BYTES = 100;
const disks: string[] = [];
afterAll(() => {
  for (const disk of disks) Bun.spawnSync(["umount", "-l", disk]);
});

function startWriter(args: readonly string[], cwd: string) {
  return Bun.spawn([multilog, ...args], { cwd, stdin: "pipe", stderr: "pipe" });
}

/** Checks that bytes are numbered lines without a gap, and returns the number that comes next. */
function followLines(bytes: Buffer, next: number): number {
  expect(bytes.length % LINE_BYTES).toBe(0);
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = bytes.toString("latin1", at, at + LINE_BYTES);
    if (line !== numberedLine(next, LINE_BYTES)) expect(line).toBe(numberedLine(next, LINE_BYTES));
    next++;
  }
  return next;
}

function mountSmallDisk(directory: string): boolean {
  const mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", directory];
  return Bun.spawnSync(mount, { stderr: "ignore" }).exitCode === 0;
}

function canMount(): boolean {
  const directory = temporaryDirectory("mount");
  const isMounted = mountSmallDisk(directory);
  if (isMounted) Bun.spawnSync(["umount", directory]);
  else if (process.env.CI === "true") throw new Error("mount is not permitted");
  else process.stderr.write("skipping the test of a full disk, mount is not permitted\n");
  return isMounted;
}

test.skipIf(!needs("mount", "umount") || !canMount())(
  "multilog loses no line of 200 MB on a disk of 8 MB that is full again and again",
  async () => {
    const disk = temporaryDirectory("disk");
    mountSmallDisk(disk);
    disks.push(disk);
    const directory = join(disk, "log");
    const writer = startWriter(["s1000000", "n1000", "./log"], disk);
    let stderr = "";
    void (async () => {
      for await (const text of writer.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
    })();
    const lines = 2_000_000;
    let isFed = false;
    const feeding = (async () => {
      for (let from = 0; from < lines; from += 5000) {
        writer.stdin.write(numberedLines(5000, LINE_BYTES, from));
        await writer.stdin.flush();
      }
      isFed = true;
      await writer.stdin.end();
    })();
    let next = 0;
    let fullTimes = 0;
    const takeOldFiles = () => {
      const names = readdirSync(directory).filter((name) => name.startsWith("@"));
      for (const name of names.sort()) {
        next = followLines(readFileSync(join(directory, name)), next);
        rmSync(join(directory, name));
      }
    };
    while (!isFed) {
      if (fullTimes < 3) {
        const warnings = stderr.split("\n").length;
        await until("a full disk", () => stderr.split("\n").length > warnings);
        fullTimes++;
      }
      const goal = next + 500_000;
      // What is not taken at once fills the disk again, which costs another pause of 5 s.
      while (next < goal && !isFed) {
        takeOldFiles();
        await Bun.sleep(1);
      }
    }
    await feeding;
    expect(await writer.exited).toBe(0);
    next = followLines(storedBytes(directory), next);
    expect(next).toBe(lines);
    expect(stderr).toMatch(
      /^(multilog: warning: unable to write to \.\/log\/current, pausing: out of disk space\n)+$/,
    );
  },
  600_000,
);

test("multilog ended by TERM again and again under load loses no line, like a service that is restarted", async () => {
  const cwd = temporaryDirectory("restarted");
  const fifo = join(cwd, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  // Both ends stay open here, as they do in svscan, so that the pipe outlives every reader.
  const pipe = openSync(fifo, "r+");
  const feeder = Bun.spawn(["perl", "-e", 'printf "line %09d %s\\n", $_, "." x 84 for 0..2999999'], {
    stdout: pipe,
  });
  const script = ["s16777215", "n1000", "./log"];
  try {
    for (let restart = 0; restart < 25; restart++) {
      const before = storedSize(join(cwd, "log"));
      const writer = Bun.spawn([multilog, ...script], { cwd, stdin: pipe, stderr: "pipe" });
      await until("some lines", () => writer.exitCode !== null || storedSize(join(cwd, "log")) > before);
      await Bun.sleep(restart); // TERM comes at another point of the work each time
      writer.kill("SIGTERM");
      expect([await writer.exited, await new Response(writer.stderr).text()]).toEqual([0, ""]);
    }
  } finally {
    feeder.kill("SIGKILL");
    closeSync(pipe);
  }
  const stored = storedBytes(join(cwd, "log"));
  expect(followLines(stored, 0)).toBeGreaterThan(10_000);
  rmSync(cwd, { recursive: true });
}, 300_000);

function storedSize(directory: string): number {
  try {
    const names = readdirSync(directory).filter((name) => name === "current" || name.startsWith("@"));
    return names.reduce((sum, name) => sum + Bun.file(join(directory, name)).size, 0);
  } catch {
    return 0;
  }
}

test("24000 rotations leave no descriptor open and do not grow the program", async () => {
  const cwd = temporaryDirectory("rotations");
  mkdirSync(join(cwd, "log"));
  const writer = startWriter(["s4096", "n5", "./log"], cwd);
  const lines = numberedLines(200, LINE_BYTES);
  let written = 0;
  const rotate = async (count: number) => {
    for (let rotation = 0; rotation < count; rotation += 8) {
      writer.stdin.write(lines); // each file gets 21 to 25 of the 200 lines
      await writer.stdin.flush();
      written += lines.length;
    }
    await until("the lines to be read", () => readBytesOf(writer.pid) >= written);
    await waitForInput();
  };
  // In the middle of a rotation there is one descriptor less.
  const waitForInput = () =>
    until("the writer to wait for input", () =>
      /poll/.test(readFileSync(`/proc/${writer.pid}/wchan`, "latin1")),
    );
  const measure = () => ({
    descriptors: readdirSync(`/proc/${writer.pid}/fd`).length,
    anonymousKiB: Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${writer.pid}/status`, "latin1"))?.[1]),
  });
  await rotate(3000);
  const early = measure();
  const later: ReturnType<typeof measure>[] = [];
  for (let look = 0; look < 3; look++) {
    await rotate(7000);
    later.push(measure());
  }
  for (const { descriptors } of later) expect(descriptors).toBe(early.descriptors);
  // It comes and goes with the collector; what leaked would be there at each look.
  expect(Math.min(...later.map(({ anonymousKiB }) => anonymousKiB))).toBeLessThan(20_000);
  await writer.stdin.end();
  expect([await writer.exited, await new Response(writer.stderr).text()]).toEqual([0, ""]);
  expect(readdirSync(join(cwd, "log")).filter((name) => name.startsWith("@"))).toHaveLength(4);
}, 300_000);

function readBytesOf(pid: number): number {
  return Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);
}

test("multilog goes on in a log directory that is renamed", async () => {
  const cwd = temporaryDirectory("renamed");
  const writer = startWriter(["s4096", "n100", "./log"], cwd);
  const input = numberedLines(100, LINE_BYTES);
  writer.stdin.write(input.subarray(0, 5000));
  await writer.stdin.flush();
  await until("the first lines", () => storedSize(join(cwd, "log")) === 5000);
  renameSync(join(cwd, "log"), join(cwd, "moved"));
  writer.stdin.write(input.subarray(5000));
  await writer.stdin.end();
  expect([await writer.exited, await new Response(writer.stderr).text()]).toEqual([0, ""]);
  expect(storedBytes(join(cwd, "moved")).equals(input)).toBe(true);
});
