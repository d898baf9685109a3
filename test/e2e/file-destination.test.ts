/** `--to file:///dir`: a name without the temporary form is always complete, whatever happens. */
import { afterAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, start } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { workplace } from "../support/proxied-server.ts";
import { digest, directoryOfRecords, numberedRecord } from "../support/records.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const mounts: string[] = [];
const mayMount = isRoot() && needs("mount", "umount");

afterAll(() => {
  for (const directory of mounts) Bun.spawnSync(["umount", directory]);
});

/** A file system of its own, so small that it is soon full. */
function smallDisk(size: string): string {
  const directory = temporaryDirectory("disk");
  const { exitCode } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory]);
  expect(exitCode).toBe(0);
  mounts.push(directory);
  return directory;
}

/** All files below a directory by their paths. */
function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => join(file.parentPath, file.name).slice(directory.length + 1)).sort();
}

function isTemporary(path: string): boolean {
  return /(^|\/)\.[0-9a-f-]{36}\.tmp$/.test(path);
}

test("upload to a directory leaves the same names and bytes as S3 would have", async () => {
  const target = join(temporaryDirectory("target"), "not yet/there");
  const cwd = workplace({ "access.T/access.T.log.aa": "one\n", "access.T/access.T.log.ab": "\0\xff\n" });
  const { stdout, stderr, exitCode } = await run(["upload", "--to", pathToFileURL(target).href, "access.T"], {
    cwd,
  });
  expect(stderr).toBe("");
  const url = pathToFileURL(target).href;
  expect(stdout.split("\n").filter(Boolean).sort()).toEqual(
    ["aa", "ab"].map((s) => `upload: access.T/access.T.log.${s} to ${url}/access.T/access.T.log.${s}`),
  );
  expect(exitCode).toBe(0);
  expect(filesBelow(target)).toEqual(["access.T/access.T.log.aa", "access.T/access.T.log.ab"]);
  expect(readFileSync(join(target, "access.T/access.T.log.aa"), "utf8")).toBe("one\n");
});

test("upload --no-create-bucket refuses a directory that is missing", async () => {
  const target = join(temporaryDirectory("target"), "missing");
  const cwd = workplace({ a: "a\n" });
  const { stderr, exitCode } = await run(["upload", "--to", `file://${target}`, "--no-create-bucket", "a"], {
    cwd,
  });
  expect(stderr).toBe(`logship: fatal: unable to upload a to file://${target}: file does not exist\n`);
  expect(exitCode).toBe(111);
});

test("upload onto something that is no directory, or cannot be written, says so", async () => {
  const cwd = workplace({ a: "a\n", occupied: "", "dir/a/x": "" });
  const toFile = await run(["upload", "--to", `file://${cwd}/occupied`, "a"], { cwd });
  expect(toFile.stderr).toBe(
    `logship: fatal: unable to upload a to file://${cwd}/occupied: not a directory\n`,
  );
  expect(toFile.exitCode).toBe(111);
  const ontoDirectory = await run(["upload", "--to", `file://${cwd}/dir`, "a"], { cwd });
  expect(ontoDirectory.stderr).toBe(
    `logship: fatal: unable to upload a to file://${cwd}/dir: is a directory\n`,
  );
  expect(filesBelow(join(cwd, "dir"))).toEqual(["a/x"]);
  const toProc = await run(["upload", "--to", "file:///proc/logship", "a"], { cwd });
  expect(toProc.stderr).toBe(
    "logship: fatal: unable to upload a to file:///proc/logship: file does not exist\n",
  );
});

test.skipIf(!needs("strace"))(
  "an object is written under a temporary name, synced, renamed, and its directory synced",
  async () => {
    const target = temporaryDirectory("target");
    const trace = join(temporaryDirectory("trace"), "trace");
    const under = [
      "strace",
      "-f",
      "-y",
      "-o",
      trace,
      "-e",
      "trace=openat,open,fsync,fdatasync,rename,renameat,renameat2",
    ];
    const { exitCode } = await run(["upload", "--to", `file://${target}`, "a"], {
      cwd: workplace({ a: "a\n" }),
      under,
    });
    expect(exitCode).toBe(0);
    const lines = readFileSync(trace, "utf8").split("\n");
    const temporary = `${target}/\\.[0-9a-f-]{36}\\.tmp`;
    const positions = [
      lines.findIndex((line) => new RegExp(`"${temporary}", O_WRONLY\\|O_CREAT\\|O_EXCL`).test(line)),
      lines.findIndex((line) => new RegExp(`fsync\\(\\d+<${temporary}>`).test(line)),
      lines.findIndex((line) => new RegExp(`rename.*"${temporary}".*"${target}/a"`).test(line)),
      lines.findLastIndex((line) => new RegExp(`fsync\\(\\d+<${target}>`).test(line)),
    ];
    expect(positions.every((position) => position >= 0)).toBe(true);
    expect(positions.toSorted((a, b) => a - b)).toEqual(positions);
  },
);

test("kill -9 at any moment leaves no half-written file under a final name, and a second run completes", async () => {
  const { path, contents } = directoryOfRecords({ files: 200, recordsPerFile: 2000 });
  const target = temporaryDirectory("target");
  const wanted = new Map([...contents].map(([key, content]) => [key, digest(content)]));
  for (let round = 0; round < 5; round++) {
    const before = filesBelow(target).length;
    const logship = start(["upload", "--to", `file://${target}`, path]);
    await logship.until("some files more", () => filesBelow(target).length > before + 7 * round);
    logship.kill("SIGKILL");
    await logship.result;
    for (const key of filesBelow(target).filter((each) => !isTemporary(each)))
      expect(digest(readFileSync(join(target, key)))).toBe(wanted.get(key)!);
  }
  const { exitCode } = await run(["upload", "--to", `file://${target}`, path]);
  expect(exitCode).toBe(0);
  expect(filesBelow(target).filter((each) => !isTemporary(each))).toEqual([...wanted.keys()].sort());
}, 300_000);

test.skipIf(!mayMount)("a full disk is told, and nothing half-written stays under any name", async () => {
  const disk = smallDisk("1m");
  const cwd = temporaryDirectory("work");
  mkdirSync(join(cwd, "d"));
  for (const name of ["a", "b", "c", "d"])
    writeFileSync(join(cwd, "d", name), numberedRecord(1).repeat(4000));
  const args = ["upload", "--to", `file://${disk}`, "--delete", "--concurrency", "1", "--attempts", "2", "d"];
  const { stdout, stderr, exitCode } = await run(args, { cwd });
  expect(stderr).toMatch(
    /^logship: fatal: unable to upload d\/c to file:\/\/\S+, after 2 files that were: out of disk space\n$/,
  );
  expect(exitCode).toBe(111);
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(2);
  expect(filesBelow(disk)).toEqual(["d/a", "d/b"]);
  for (const name of ["a", "b"]) expect(readFileSync(join(disk, "d", name)).length).toBe(400_000);
  expect(readdirSync(join(cwd, "d")).sort()).toEqual(["c", "d"]);
});

test.skipIf(!mayMount)("a full disk is told for a large file too", async () => {
  const disk = smallDisk("40m");
  const cwd = workplace({ large: Buffer.alloc(70 * 1024 * 1024, "a record\n") });
  const args = ["upload", "--to", `file://${disk}`, "--attempts", "2", "large"];
  const { stderr, exitCode } = await run(args, { cwd });
  expect(stderr).toBe(`logship: fatal: unable to upload large to file://${disk}: out of disk space\n`);
  expect(exitCode).toBe(111);
  expect(filesBelow(disk)).toEqual([]);
});

/** Fills what is left of a disk. */
function fill(disk: string): string {
  const filler = join(disk, "filler");
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${filler}`, "bs=64k"]);
  return filler;
}

test.skipIf(!mayMount)(
  "upload waits until a full disk has room again, and says so",
  async () => {
    const disk = smallDisk("1m");
    const filler = fill(disk);
    const cwd = workplace({ a: numberedRecord(1).repeat(4000) });
    const logship = start(["upload", "--to", `file://${disk}`, "a"], { cwd });
    await logship.until("the warning", () => logship.stderr.includes("trying on"));
    rmSync(filler);
    const { stderr, exitCode } = await logship.result;
    expect(stderr).toMatch(
      /^logship: warning: unable to upload a to file:\/\/\S+, trying on: out of disk space\nlogship: info: uploads to file:\/\/\S+ work again after \d+ failed tries\n$/,
    );
    expect(exitCode).toBe(0);
    expect(filesBelow(disk)).toEqual(["a"]);
    expect(readFileSync(join(disk, "a")).equals(readFileSync(join(cwd, "a")))).toBe(true);
  },
  60_000,
);

test.skipIf(!mayMount)(
  "ship waits until a full disk has room again, and stores each line once",
  async () => {
    const disk = smallDisk("1m");
    const filler = fill(disk);
    const cwd = workplace({ "x.log": numberedRecord(1).repeat(1000) });
    const args = [
      "ship",
      join(cwd, "x.log"),
      "--once",
      "--to",
      `file://${disk}`,
      "--state",
      join(cwd, "state"),
    ];
    const logship = start(args);
    await logship.until("the warning", () => logship.stderr.includes("trying on"));
    rmSync(filler);
    const { stderr, exitCode } = await logship.result;
    expect(stderr).toContain(", trying on: out of disk space\n");
    expect(stderr).not.toContain("fatal");
    expect(exitCode).toBe(0);
    const stored = filesBelow(disk).map((name) => readFileSync(join(disk, name)));
    expect(Buffer.concat(stored).equals(readFileSync(join(cwd, "x.log")))).toBe(true);
  },
  60_000,
);

test.each(["", "--gzip"])(
  "a large file that is cut short while it is copied is named, and not stored %s",
  async (option) => {
    const target = temporaryDirectory("target");
    const cwd = workplace({ large: Buffer.alloc(200 * 1024 * 1024, "a record\n"), small: "a\n" });
    const args = ["upload", "--to", `file://${target}`, "--concurrency", "1", "large", "small"];
    if (option) args.push(option);
    const logship = start(args, { cwd });
    await logship.until("the copy", () => filesBelow(target).some(isTemporary));
    truncateSync(join(cwd, "large"), 1000);
    const { stderr, exitCode } = await logship.result;
    expect(stderr).toMatch(
      /^logship: fatal: unable to upload large to file:\/\/\S+: it changed while it was read: 209715200 bytes, then 1000 \(1 of 2 files failed\)\n$/,
    );
    expect(exitCode).toBe(111);
    expect(filesBelow(target)).toEqual([option ? "small.gz" : "small"]);
  },
  60_000,
);

test("run ships into a directory what generate makes, with its folders", async () => {
  const target = temporaryDirectory("target");
  const seeded = ["--records", "5000", "--seed", "7", "--start", "2017-01-12T14:36:56Z"];
  const args = ["run", "--once", "--to", pathToFileURL(target).href, "--piece-bytes", "300k", ...seeded];
  const { stderr, exitCode } = await run(args);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  const files = filesBelow(target);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect(file).toMatch(/^(access\.[0-9:-]+)\/\1\.log\.a[a-z]$/);
  const { stdout } = await run(["generate", ...seeded]);
  expect(
    Buffer.concat(files.map((file) => readFileSync(join(target, file)))).equals(Buffer.from(stdout)),
  ).toBe(true);
});

test("kill -9 of a run leaves only complete pieces under final names", async () => {
  const target = temporaryDirectory("target");
  const args = ["run", "--to", pathToFileURL(target).href, "--records", "1000000", "--piece-bytes", "200k"];
  for (let round = 0; round < 3; round++) {
    const before = filesBelow(target).length;
    const logship = start(args);
    await logship.until("some pieces", () => filesBelow(target).length > before + 11);
    logship.kill("SIGKILL");
    await logship.result;
    for (const file of filesBelow(target).filter((each) => !isTemporary(each))) {
      const content = readFileSync(join(target, file), "utf8");
      expect(content.length).toBeWithin(198_000, 204_801);
      expect(content).toEndWith("}\n");
    }
  }
}, 300_000);

test.skipIf(!mayMount)(
  "a full disk ends run --attempts with 111 and leaves nothing half-written",
  async () => {
    const disk = smallDisk("3m");
    const size = ["--records", "1000000", "--piece-bytes", "500k", "--attempts", "2"];
    const { stderr, exitCode } = await run(["run", "--once", "--to", `file://${disk}`, ...size]);
    expect(stderr).toMatch(/^logship: fatal: unable to upload [^\n]+: out of disk space\n$/);
    expect(exitCode).toBe(111);
    const files = filesBelow(disk);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(readFileSync(join(disk, file), "utf8")).toEndWith("}\n");
  },
);

test("run --once without room for a record in a batch is a usage error and makes nothing", async () => {
  const target = join(temporaryDirectory("none"), "out");
  const args = ["run", "--once", "--bytes", "10", "--seed", "7", "--to", `file://${target}`];
  const result = await run(args);
  expect(result.stderr).toMatch(
    /^logship: fatal: unable to fit a record into 10 bytes: the next one has \d+\n$/,
  );
  expect(result).toMatchObject({ stdout: "", exitCode: 100 });
  expect(existsSync(target)).toBe(false);
  const { exitCode, stdout } = await run([
    "run",
    "--once",
    "--bytes",
    "1000",
    "--seed",
    "7",
    "--to",
    `file://${target}`,
  ]);
  expect(stdout).toContain("upload: ");
  expect(exitCode).toBe(0);
});
