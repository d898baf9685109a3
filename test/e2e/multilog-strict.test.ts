/** `logship multilog`: the same writer, but it says what daemontools hides. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, start } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { logFiles, numberedLines, storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

test.each([
  [["zzz"], 'unable to parse script at "zzz": unknown action; a directory begins with ./ or /'],
  [["S5", "./log"], 'unable to parse script at "S5": unknown action; a directory begins with ./ or /'],
  [[""], 'unable to parse script at "": unknown action; a directory begins with ./ or /'],
  [["nosuch"], 'unable to parse script at "nosuch": n takes a number of files, such as n10'],
  [["s1M", "./log"], 'unable to parse script at "s1M": s takes a number of bytes, such as s999999'],
  [["e", "t"], 'unable to parse script at "t": t must be the first action'],
  [["t"], "unable to parse script: it keeps no line; name a directory, such as ./main"],
  [[], "unable to parse script: it keeps no line; name a directory, such as ./main"],
  [["n5", "-*", "+a*"], "unable to parse script: it keeps no line; name a directory, such as ./main"],
])("multilog %j is refused before anything is made", async (args, message) => {
  const cwd = temporaryDirectory();
  const result = await run(["multilog", ...args], { cwd });
  expect(result).toMatchObject({ stdout: "", stderr: `logship: fatal: ${message}\n`, exitCode: 100 });
  expect(logFiles(cwd)).toEqual([]);
});

test("multilog takes actions that look like options", async () => {
  const cwd = temporaryDirectory();
  const result = await run(["multilog", "-*", "+a*", "--help", "e"], { cwd, stdin: "a\nb\n" });
  expect(result).toMatchObject({ stdout: "", stderr: "a\n", exitCode: 0 });
});

test("multilog keeps files above 16777215 bytes, where the stand-in splits", async () => {
  const cwd = temporaryDirectory();
  const input = numberedLines(200_000, 100);
  await run(["multilog", "s18000000", "./log"], { cwd, stdin: input });
  expect(logFiles(join(cwd, "log"))).toHaveLength(2);
  expect(statSync(join(cwd, "log", logFiles(join(cwd, "log"))[0]!)).size).toBeGreaterThan(17_990_000);
  expect(storedBytes(join(cwd, "log")).equals(input)).toBe(true);
});

test("multilog says when it cannot read standard input, and leaves a complete current", async () => {
  const cwd = temporaryDirectory();
  const result = await run(["multilog"], { cwd, under: ["sh", "-c", '"$0" "$@" ./log </'] });
  expect(result).toMatchObject({
    stderr: "logship: fatal: unable to read standard input: is a directory\n",
    exitCode: 111,
  });
  expect(statSync(join(cwd, "log/current")).mode & 0o777).toBe(0o744);
});

test("multilog says that its directory cannot be locked", async () => {
  const cwd = temporaryDirectory();
  const first = start(["multilog", "./log"], { cwd, stdin: "pipe" });
  await until("the first writer", () => existsSync(join(cwd, "log/current")));
  const second = await run(["multilog", "./log"], { cwd });
  expect(second).toMatchObject({
    stderr: "logship: fatal: unable to lock directory ./log: temporary failure\n",
    exitCode: 111,
  });
  first.closeInput();
  expect(await first.result).toMatchObject({ stderr: "", exitCode: 0 });
});

test("multilog warns once about an obstacle that stays, and goes on when it is gone", async () => {
  const cwd = temporaryDirectory();
  const path = join(cwd, "log");
  mkdirSync(path);
  // The first old file is a directory, so that pruning fails.
  mkdirSync(join(path, "@000000000000000000000000.s"));
  const writer = start(["multilog", "s4096", "n2", "./log"], { cwd, stdin: "pipe" });
  writer.write(numberedLines(50, 100));
  await until("the warning", () => writer.stderr.includes("pausing"));
  await Bun.sleep(6000); // the pause is 5 s, and the second failure must stay unsaid
  expect(writer.stderr).toBe("logship: warning: unable to read ./log, pausing: is a directory\n");
  await Bun.$`rmdir ${join(path, "@000000000000000000000000.s")}`;
  writer.closeInput();
  expect((await writer.result).exitCode).toBe(0);
}, 100_000);

test.skipIf(!needs("multilog", "flock"))(
  "daemontools' multilog and ours keep each other out of a directory",
  async () => {
    const cwd = temporaryDirectory();
    chmodSync(cwd, 0o755);
    const ours = join(standIns("multilog"), "multilog");
    const theirs = Bun.which("multilog")!;
    for (const [holder, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const first = Bun.spawn([holder, "./log"], { cwd, stdin: "pipe" });
      first.stdin.write("line\n");
      first.stdin.flush();
      await until("the first line", () => storedOrNothing(join(cwd, "log")).endsWith("line\n"));
      const second = Bun.spawn([other, "./log"], { cwd, stdin: "ignore", stderr: "pipe" });
      expect(await new Response(second.stderr).text()).toBe(
        "multilog: fatal: unable to lock directory ./log: temporary failure\n",
      );
      expect(await second.exited).toBe(111);
      first.stdin.end();
      expect(await first.exited).toBe(0);
      await Bun.$`rm -r ${join(cwd, "log")}`;
    }
  },
);

test("multilog --help among other actions is a pattern; alone it asks for the help", async () => {
  const cwd = temporaryDirectory("multilog");
  const pattern = await run(["multilog", "--help", "./log"], { cwd, stdin: "-help\nkept\n" });
  expect(pattern.stdout).toBe("");
  expect(storedOrNothing(join(cwd, "log"))).toBe("kept\n");
  const help = await run(["multilog", "--help"], { cwd, stdin: "-help\n" });
  expect(help.stdout).toContain("./DIR, /DIR ");
});

function storedOrNothing(directory: string): string {
  try {
    return storedBytes(directory).toString("latin1");
  } catch {
    return "";
  }
}

/** Names of the year 2100, as a clock that was ahead has left them. */
const AHEAD = ["@40000000f48656b400000001.s", "@40000000f48656b43b9ac9f4.u", "@40000000f48656b43b9ac9ff.s"];

test("multilog names a file after the newest there is, so that a clock that was ahead costs no line", async () => {
  const cwd = temporaryDirectory();
  const log = join(cwd, "log");
  mkdirSync(log);
  for (const name of AHEAD) writeFileSync(join(log, name), "old\n");
  // What no clock can have written is left where it is, and nothing is named after it.
  writeFileSync(join(log, "@ffffffffffffffffffffffff.s"), "highest\n");
  const input = numberedLines(400, 100);
  const result = await run(["multilog", "s4096", "n5", "./log"], { cwd, stdin: input });
  expect(result).toMatchObject({ stderr: "", exitCode: 0 });
  const names = logFiles(log);
  expect(names).toHaveLength(5);
  const [first, second, third, highest, current] = names.map((name) =>
    readFileSync(join(log, name), "latin1"),
  );
  expect(highest).toBe("highest\n");
  const kept = `${first}${second}${third}${current}`;
  expect(kept.length).toBeGreaterThan(3 * 2000);
  expect(input.toString("latin1").endsWith(kept)).toBe(true);
  expect(names[0]! > AHEAD[2]!).toBe(true);
  const shown = await run(["tail", "-n", "1000000", "./log"], { cwd });
  expect(shown.stdout.endsWith(`highest\n${current}`)).toBe(true);
});

test("multilog names what a crash has left after the newest file as well", async () => {
  const cwd = temporaryDirectory();
  const log = join(cwd, "log");
  mkdirSync(log);
  writeFileSync(join(log, AHEAD[2]!), "old\n");
  writeFileSync(join(log, "current"), "left over\n");
  expect((await run(["multilog", "n2", "./log"], { cwd, stdin: "new\n" })).exitCode).toBe(0);
  expect(logFiles(log)).toEqual(["@40000000f48656b5000001f4.u", "current"]);
  expect(storedBytes(log).toString()).toBe("left over\nnew\n");
});

test("as daemontools' multilog it names files by the clock alone", async () => {
  const cwd = temporaryDirectory();
  const log = join(cwd, "log");
  mkdirSync(log);
  writeFileSync(join(log, AHEAD[2]!), "old\n");
  writeFileSync(join(log, "current"), "left over\n");
  const child = Bun.spawn([join(standIns("multilog"), "multilog"), "./log"], { cwd, stdin: "ignore" });
  expect(await child.exited).toBe(0);
  const [first, second] = logFiles(log);
  expect([readFileSync(join(log, first!), "latin1"), second]).toEqual(["left over\n", AHEAD[2]!]);
});
