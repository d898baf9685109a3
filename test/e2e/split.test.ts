import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountTmpfs } from "../support/disk.ts";
import { executable, run, start } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

const random = seededRandom("split");
const below = (limit: number) => Math.floor(random() * limit);

/** The files of a directory and their contents. */
function filesIn(directory: string): Map<string, string> {
  const names = readdirSync(directory).sort();
  return new Map(names.map((name) => [name, readFileSync(join(directory, name), "latin1")]));
}

/** What real GNU split makes of an input. */
function splitByGnu(args: string[], input: Uint8Array): Map<string, string> {
  const cwd = temporaryDirectory("gnu");
  Bun.spawnSync(["split", ...args], { cwd, stdin: input });
  return filesIn(cwd);
}

/** GNU split gives a last line without newline a piece of its own also where it would fill the one before to the byte. */
function withoutNeedlessLast(files: Map<string, string>, maxBytes: number): Map<string, string> {
  const [before, last] = [...files].slice(-2);
  if (!before || !last || last[1].endsWith("\n") || before[1].length + last[1].length !== maxBytes)
    return files;
  return new Map([...[...files].slice(0, -2), [before[0], before[1] + last[1]]]);
}

async function splitByLogship(args: string[], input: Uint8Array) {
  const cwd = temporaryDirectory("logship");
  const { stderr, exitCode } = await run(["split", ...args], { cwd, stdin: input });
  return { files: filesIn(cwd), stderr, exitCode };
}

/** Lines of any bytes but newlines, some empty, the last one with or without its end. */
function randomLines(count: number, mostBytes: number): Buffer {
  const lines = Array.from({ length: count }, () => {
    const line = Buffer.from(Array.from({ length: below(mostBytes) }, () => below(256)));
    return Buffer.concat([line.map((byte) => (byte === 10 ? 11 : byte)), Buffer.from("\n")]);
  });
  return Buffer.concat([...lines, Buffer.from(below(2) === 0 ? "no end" : "")]);
}

const isGnu = needs("split");

test.skipIf(!isGnu)("split --bytes gives the pieces of GNU split -C on random input", async () => {
  for (let round = 0; round < 25; round++) {
    const input = randomLines(below(400), 60);
    const size = String(60 + below(round % 2 === 0 ? 200 : 4000));
    const { files, exitCode } = await splitByLogship(["--bytes", size], input);
    expect(exitCode).toBe(0);
    expect(files).toEqual(withoutNeedlessLast(splitByGnu(["-C", size], input), Number(size)));
  }
});

test.skipIf(!isGnu)("split --records gives the pieces of GNU split -l on random input", async () => {
  for (let round = 0; round < 25; round++) {
    const input = randomLines(below(1500), 20);
    const count = String(1 + below(60));
    const { files, exitCode } = await splitByLogship(["--records", count, "-", "part."], input);
    expect(exitCode).toBe(0);
    expect(files).toEqual(splitByGnu(["-l", count, "-", "part."], input));
  }
});

test.skipIf(!isGnu)("split of larger input in pieces of 1 MiB is GNU's", async () => {
  const input = Buffer.concat(Array.from({ length: 40 }, () => randomLines(1000, 300)));
  const { files } = await splitByLogship(["-C", "1M"], input);
  expect(files.size).toBeGreaterThan(4);
  expect(files).toEqual(splitByGnu(["-C", "1M"], input));
});

test.skipIf(!isGnu)("split without limits makes pieces of 1000 lines, and none of nothing", async () => {
  const input = Buffer.from("x\n".repeat(2001));
  expect((await splitByLogship([], input)).files).toEqual(splitByGnu([], input));
  expect((await splitByLogship([], Buffer.from(""))).files.size).toBe(0);
});

test.skipIf(!isGnu)("split widens its suffixes as GNU split does, past yz and past zyzz", async () => {
  const input = Buffer.from(Array.from({ length: 17_600 }, (_, number) => `${number}\n`).join(""));
  const { files } = await splitByLogship(["-l", "1"], input);
  const ofGnu = splitByGnu(["-l", "1"], input);
  for (const name of ["xyz", "xzaaa", "xzyzz", "xzzaaaa"]) expect(ofGnu.has(name)).toBe(true);
  expect([...files]).toEqual([...ofGnu]);
});

test.skipIf(!isGnu)(
  "split --suffix-length fails as GNU split does when the suffixes are used up",
  async () => {
    const input = Buffer.from("x\n".repeat(30));
    const { files, stderr, exitCode } = await splitByLogship(["-l", "1", "--suffix-length", "1"], input);
    expect(stderr).toBe("logship: fatal: unable to name piece 27: output file suffixes exhausted\n");
    expect(exitCode).toBe(111);
    expect(files).toEqual(splitByGnu(["-l", "1", "-a", "1"], input));
    const enough = await splitByLogship(["-l", "1", "-a", "3"], input);
    expect(enough.files).toEqual(splitByGnu(["-l", "1", "-a", "3"], input));
  },
);

test.skipIf(!isGnu)(
  "a file, also as standard input or out of a FIFO, is split as GNU split -C does",
  async () => {
    for (let round = 0; round < 4; round++) {
      const input = Buffer.concat(Array.from({ length: 20 + below(20) }, () => randomLines(1000, 300)));
      const size = String(64 * 1024 + below(1_000_000));
      const expected = withoutNeedlessLast(splitByGnu(["-C", size], input), Number(size));
      const path = join(temporaryDirectory("input"), "in");
      writeFileSync(path, input);
      const words = [
        `split -C ${size} ${path}`,
        `split -C ${size} < ${path}`,
        `split -C ${size} - < ${path}`,
        `split -C ${size} <(cat ${path})`,
      ];
      for (const line of words) {
        const cwd = temporaryDirectory("logship");
        const { exitCode } = Bun.spawnSync(["bash", "-c", `exec ${executable} ${line}`], { cwd });
        expect([line, exitCode]).toEqual([line, 0]);
        expect(filesIn(cwd)).toEqual(expected);
      }
    }
  },
);

test("standard input that is in the middle of its file is split from there", async () => {
  const cwd = temporaryDirectory("middle");
  const path = join(temporaryDirectory("input"), "in");
  writeFileSync(path, `first\n${"x".repeat(99)}\n`.repeat(2000));
  const line = `{ head -c 6 > /dev/null; exec ${executable} split -C 100k -; } < ${path}`;
  // What head has read is all that it takes from the file, as it seeks back where it can.
  expect(Bun.spawnSync(["bash", "-c", line], { cwd }).exitCode).toBe(0);
  expect([...filesIn(cwd).values()].join("")).toBe(readFileSync(path, "latin1").slice(6));
});

test("a file of /proc, which says that it is empty, is split like any other", async () => {
  const cwd = temporaryDirectory("proc");
  const { exitCode } = await run(["split", "-C", "64k", "/proc/self/maps"], { cwd });
  expect(exitCode).toBe(0);
  expect([...filesIn(cwd).values()].join("")).toContain("[stack]");
});

test.skipIf(!needs("strace"))(
  "pieces of a size are copied by the kernel, and hardly anything of the file is read",
  async () => {
    const cwd = temporaryDirectory("copied");
    const path = join(temporaryDirectory("input"), "in");
    writeFileSync(path, "0123456789abcde\n".repeat(500_000));
    const trace = join(temporaryDirectory("trace"), "trace");
    const args = ["strace", "-f", "-y", "-e", "trace=read,pread64,write,pwrite64,sendfile", "-o", trace];
    expect(Bun.spawnSync([...args, executable, "split", "-C", "1M", path], { cwd }).exitCode).toBe(0);
    expect([...filesIn(cwd).values()].join("")).toBe(readFileSync(path, "latin1"));
    const calls = readFileSync(trace, "utf8").split("\n");
    const bytes = (pattern: RegExp) =>
      calls.map((line) => Number(pattern.exec(line)?.[1] ?? 0)).reduce((sum, count) => sum + count, 0);
    expect(bytes(/ sendfile\(.* = (\d+)$/)).toBe(8_000_000);
    expect(bytes(/ p?read(?:64)?\(\d+<[^>]*input[^>]*>.* = (\d+)$/)).toBeLessThan(100_000);
  },
);

test.skipIf(!isRoot())(
  "a full disk ends the split of a file with the pieces before it complete",
  async () => {
    using disk = mountTmpfs("size=1m");
    const path = join(temporaryDirectory("input"), "in");
    writeFileSync(path, "0123456789abcde\n".repeat(100_000));
    const { stderr, exitCode } = await run(["split", "-C", "300000", path], { cwd: disk.path });
    expect(stderr).toBe("logship: fatal: unable to write to xad: out of disk space\n");
    expect(exitCode).toBe(111);
    const files = filesIn(disk.path);
    expect([...files.keys()]).toEqual(["xaa", "xab", "xac"]);
    for (const content of files.values()) expect(content).toBe("0123456789abcde\n".repeat(18_750));
  },
);

test.skipIf(!needs("strace"))(
  "a file that is cut short while it is split is a failure that names it",
  async () => {
    const cwd = temporaryDirectory("cut");
    const path = join(temporaryDirectory("input"), "in");
    writeFileSync(path, "0123456789abcde\n".repeat(500_000));
    // The second piece is held up at its beginning until the file is shorter.
    const args = [
      "strace",
      "-f",
      "-qq",
      "-e",
      "trace=sendfile",
      "-e",
      "inject=sendfile:delay_enter=2000000:when=2",
    ];
    const child = Bun.spawn([...args, executable, "split", "-C", "1M", path], { cwd, stderr: "pipe" });
    await until(
      "the second piece begun",
      () => readdirSync(cwd).includes("xaa") && readdirSync(cwd).some(isTemporary),
    );
    truncateSync(path, 1_000_000);
    expect(await child.exited).toBe(111);
    expect(await child.stderr.text()).toContain(
      `logship: fatal: unable to read ${path}: it changed while it was split\n`,
    );
    expect(readdirSync(cwd)).toEqual(["xaa"]);
  },
);

/** A piece has such a name until it is complete. */
function isTemporary(name: string): boolean {
  return /^\.[0-9a-f-]{36}\.tmp$/.test(name);
}

test("split leaves a record larger than the size whole, where GNU split cuts it", async () => {
  const long = `${"y".repeat(700_000)}\n`;
  const { files } = await splitByLogship(["--bytes", "1000"], Buffer.from(`a\n${long}b\n`));
  expect(Object.fromEntries(files)).toEqual({ xaa: "a\n", xab: long, xac: "b\n" });
});

test("split --format script keeps the lines of a record together", async () => {
  const log = await run(["generate", "--format", "script", "--records", "50", "--seed", "1", "--start", "0"]);
  const input = Buffer.from(log.stdout);
  const { files } = await splitByLogship(["--format", "script", "--records", "7"], input);
  expect([...files.values()].join("")).toBe(input.toString("latin1"));
  expect([...files.values()].map((text) => text.split("\n}\n").length - 1)).toEqual([7, 7, 7, 7, 7, 7, 7, 1]);
  const bySize = (await splitByLogship(["--format", "script", "-C", "3000"], input)).files;
  for (const text of bySize.values()) {
    expect(text).toStartWith("{ \n");
    expect(text).toEndWith("\n}\n");
    expect(text.length).toBeLessThanOrEqual(3000);
  }
});

test("split reads a named file and writes where the prefix says, in place of what is there", async () => {
  const cwd = temporaryDirectory("named");
  mkdirSync(join(cwd, "out"));
  writeFileSync(join(cwd, "in"), "a\nb\nc\n");
  writeFileSync(join(cwd, "out/p.aa"), "old and much longer");
  const { exitCode, stdout } = await run(["split", "-l", "2", "in", "out/p."], { cwd });
  expect([exitCode, stdout]).toEqual([0, ""]);
  expect(Object.fromEntries(filesIn(join(cwd, "out")))).toEqual({ "p.aa": "a\nb\n", "p.ab": "c\n" });
});

test("split shows a piece under a temporary name until it is complete", async () => {
  const cwd = temporaryDirectory("unfinished");
  const splitting = start(["split", "-l", "2"], { cwd, stdin: "pipe" });
  splitting.write("a\nb\nc\n");
  await until("the first piece", () => readdirSync(cwd).includes("xaa"));
  await until("the second piece begun", () => readdirSync(cwd).some(isTemporary));
  expect(readdirSync(cwd).filter((name) => !isTemporary(name))).toEqual(["xaa"]);
  splitting.closeInput();
  expect((await splitting.result).exitCode).toBe(0);
  expect(Object.fromEntries(filesIn(cwd))).toEqual({ xaa: "a\nb\n", xab: "c\n" });
});

test("split removes the unfinished piece when the file system takes no more", async () => {
  const cwd = temporaryDirectory("full");
  writeFileSync(join(cwd, "in"), "0123456789abcde\n".repeat(4000));
  const line = `trap '' XFSZ; ulimit -f 16; exec "${executable}" split -C 20000 in; `;
  const fits = Bun.spawnSync(["bash", "-c", line.replace("20000", "10000")], {
    cwd,
    env: { PATH: "/usr/bin:/bin" },
  });
  expect(fits.exitCode).toBe(0);
  for (const name of readdirSync(cwd)) if (name !== "in") Bun.spawnSync(["rm", name], { cwd });
  const { stderr, exitCode } = Bun.spawnSync(["bash", "-c", line], { cwd, env: { PATH: "/usr/bin:/bin" } });
  expect(stderr.toString()).toBe("logship: fatal: unable to write to xaa: file too big\n");
  expect(exitCode).toBe(111);
  expect(readdirSync(cwd)).toEqual(["in"]);
});

test("split does not replace the file it is reading", async () => {
  const cwd = temporaryDirectory("same");
  writeFileSync(join(cwd, "in"), "a\nb\n");
  symlinkSync("in", join(cwd, "xab"));
  const { stderr, exitCode } = await run(["split", "-l", "1", "in"], { cwd });
  expect(stderr).toBe("logship: fatal: unable to create xab: it is the file that is split\n");
  expect(exitCode).toBe(111);
  expect(readFileSync(join(cwd, "in"), "utf8")).toBe("a\nb\n");
  expect(readdirSync(cwd).sort()).toEqual(["in", "xaa", "xab"]);
});

test.each([
  [["missing"], "unable to open missing: file does not exist", 111],
  [["."], "unable to read .: is a directory", 111],
  [["in", "nowhere/x"], "unable to create nowhere/xaa: file does not exist", 111],
  [["-C", "0", "in"], "unable to parse --bytes 0: must be a size such as 500k or 2M, at least 1", 100],
  [["-l", "x", "in"], "unable to parse --records x: must be a whole number, 1 or more", 100],
  [["-a", "-1", "in"], "unable to parse --suffix-length -1: must be a whole number from 0 to 100", 100],
])("split %p fails in one line and leaves nothing", async (args, reason, code) => {
  const cwd = temporaryDirectory("bad");
  writeFileSync(join(cwd, "in"), "a\n");
  const { stdout, stderr, exitCode } = await run(["split", ...args], { cwd });
  expect(stdout).toBe("");
  expect(stderr).toBe(`logship: fatal: ${reason}\n`);
  expect(exitCode).toBe(code);
  expect(readdirSync(cwd)).toEqual(["in"]);
});
