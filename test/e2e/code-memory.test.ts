/** Where no memory may be made executable, commands work without it or say so; where the address space is limited, they work. */
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagnosis } from "../support/doctor.ts";
import { type Result, run, type Settings } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { numberedLines, storedBytes } from "../support/stored-lines.ts";

const CONFINED = join(import.meta.dir, "../support/confined.ts");
const input = numberedLines(200, 100);

describe.skipIf(process.arch !== "x64")("as with systemd's MemoryDenyWriteExecute", () => {
  const cwd = temporaryDirectory("denied");
  writeFileSync(join(cwd, "log"), input);
  const denied = (args: readonly string[], settings: Settings = {}) =>
    run(args, { cwd, ...settings, under: [process.execPath, CONFINED, "no-code-memory"] });

  test.each([
    [["run", "--help"]],
    [["run", "--once", "--success", "--records", "500", "--to", `file://${cwd}/out`]],
    [["verify", `file://${cwd}/out`]],
    [["upload", "log", "--to", `file://${cwd}/out`]],
    [["tail", "log"]],
    [["generate", "--records", "10"]],
  ])("works: %p", async (args) => {
    const { stderr, exitCode } = await denied(args);
    expect([stderr, exitCode]).toEqual(["", 0]);
  });

  test("tai64n stamps in whole milliseconds", async () => {
    const before = Date.now();
    const { stdout, exitCode } = await denied(["tai64n"], { stdin: "a line\n" });
    const [, seconds, nanoseconds] = /^@4([0-9a-f]{15})([0-9a-f]{8}) a line\n$/.exec(stdout)!;
    const ms = (Number(`0x${seconds}`) - 10) * 1000 + (Number(`0x${nanoseconds}`) - 500) / 1e6;
    expect(ms).toBeWithin(before, Date.now() + 1);
    expect([exitCode, ms % 1]).toEqual([0, 0]);
  });

  const line = (program: string) =>
    `${program}: fatal: unable to call the C library: no memory may be made executable here: lift MemoryDenyWriteExecute, or a limit on the address space (ulimit -v, softlimit)\n`;

  test.each([
    [["multilog", "t", "./main"]],
    [["ship", "log", "--once", "--state", "state", "--to", `file://${cwd}/shipped`]],
    ...(isRoot() ? [[["setup", "--dry-run"]]] : []),
  ])("says in one line what has to be lifted: %p", async (args) => {
    const { stdout, stderr, exitCode } = await denied(args, { stdin: input });
    expect([stdout, stderr, exitCode]).toEqual(["", line("logship"), 111]);
  });

  test("doctor names it", async () => {
    const nowhere = ["--services", "/nowhere", "--state", "/nowhere"];
    const { lines, exitCode } = diagnosis(await denied(["doctor", "--json", "--offline", ...nowhere]));
    expect(lines.find(({ check }) => check === "code memory")).toEqual({
      check: "code memory",
      verdict: "failed",
      text: "may not be made executable here, which multilog, ship and setup need, and all else is slow",
      remedy: "systemctl show --property MemoryDenyWriteExecute daemontools",
      looked: true,
    });
    expect(exitCode).toBe(1);
  });
});

describe.each([600, 900, 1600, 2200])("an address space of %p MB", (megabytes) => {
  const cwd = temporaryDirectory("limited");
  writeFileSync(join(cwd, "log"), input);
  const limited = (args: readonly string[], settings: Settings = {}): Promise<Result> => {
    const shell = `ulimit -v ${megabytes * 1000}; exec "$@"`;
    return run(args, { cwd, ...settings, under: ["sh", "-c", shell, "sh"] });
  };

  test("is enough for multilog, and its processor sees no other environment", async () => {
    const script = ["s4096", "n100", "!env > environment; cat", "./main"];
    const { stderr, exitCode } = await limited(["multilog", ...script], { stdin: input });
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(storedBytes(join(cwd, "main")).equals(input)).toBe(true);
    expect(readFileSync(join(cwd, "main/environment"), "latin1")).not.toMatch(
      /BUN(?!_JSC_useWasmSIMD)|MIMALLOC/,
    );
  });

  test("is enough for run, ship and verify", async () => {
    const to = (name: string) => `file://${cwd}/${name}`;
    for (const args of [
      ["run", "--once", "--success", "--quiet", "--records", "500", "--to", to("out")],
      ["verify", to("out")],
      ["ship", "log", "--once", "--quiet", "--state", "state", "--to", to("shipped")],
      ["verify", to("shipped"), "--source", "log"],
    ]) {
      const { stderr, exitCode } = await limited(args);
      expect([args[0], stderr, exitCode]).toEqual([args[0], "", 0]);
    }
  });

  test("changes no argument", async () => {
    for (const args of [["no such\ncommand", "é"], ["generate", "--seed", ""], []]) {
      const { stdout, stderr, exitCode } = await limited(args);
      const free = await run(args, { cwd });
      expect([stdout, stderr, exitCode]).toEqual([free.stdout, free.stderr, free.exitCode]);
    }
  });
});

test.skipIf(!needs("softlimit"))("softlimit -m of 600 MB is enough for multilog", async () => {
  const cwd = temporaryDirectory("softlimit");
  const under = ["softlimit", "-m", "600000000"];
  const { stderr, exitCode } = await run(["multilog", "./main"], { cwd, under, stdin: input });
  expect([stderr, exitCode]).toEqual(["", 0]);
  expect(storedBytes(join(cwd, "main")).equals(input)).toBe(true);
});
