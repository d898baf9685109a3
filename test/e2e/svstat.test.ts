/** svstat, svok and svc: the stand-ins say and do what daemontools 0.76 was seen to, and so do the originals, if installed. */
import { describe, expect, test } from "bun:test";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type FakeStatus, ServiceDirectory } from "../supervise/service-directory.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { standIns } from "../support/stand-ins.ts";

const PROGRAMS = ["svstat", "svok", "svc"];
const implementations: [name: string, directory: string][] = [["the stand-in", standIns(...PROGRAMS)]];
if (needs(...PROGRAMS)) implementations.push(["the original", ""]);

/** What svstat prints for what supervise has written; S stands for 5 or 6 seconds. */
const STATES: [what: string, status: FakeStatus, hasDownFile: boolean, text: string][] = [
  ["a running program", { age: 5, pid: 1234, want: "u" }, false, "up (pid 1234) S seconds"],
  [
    "whole seconds only",
    { age: 5, nanoseconds: 999_999_999, pid: 1, want: "u" },
    false,
    "up (pid 1) S seconds",
  ],
  ["a pid of 32 bits", { age: 5, pid: 4_294_967_295, want: "u" }, false, "up (pid 4294967295) S seconds"],
  [
    "a program that is normally down",
    { age: 5, pid: 7, want: "u" },
    true,
    "up (pid 7) S seconds, normally down",
  ],
  ["a program that is to end", { age: 5, pid: 7, want: "d" }, false, "up (pid 7) S seconds, want down"],
  ["a program started once", { age: 5, pid: 7 }, false, "up (pid 7) S seconds"],
  [
    "all notes in order",
    { age: 5, pid: 7, paused: 1, want: "d" },
    true,
    "up (pid 7) S seconds, normally down, paused, want down",
  ],
  ["a program that is down as it should be", { age: 5, want: "d" }, true, "down S seconds"],
  ["a program that is normally up", { age: 5, want: "d" }, false, "down S seconds, normally up"],
  ["a program that is to start", { age: 5, want: "u" }, true, "down S seconds, want up"],
  ["no pause of what is down", { age: 5, paused: 1 }, true, "down S seconds"],
  ["an age of decades", { age: 1_000_000_000, pid: 9 }, false, "up (pid 9) 100000000D seconds"],
  ["a change in the future as now", { age: -100, pid: 9 }, false, "up (pid 9) 0 seconds"],
];

/** What svstat prints where there is nothing to show. */
const OBSTACLES: [what: string, prepare: (s: ServiceDirectory) => void, text: string][] = [
  [
    "a short status",
    (s) => s.fifo("supervise/ok", true).write("supervise/status", new Uint8Array(17)),
    "unable to read supervise/status: bad format",
  ],
  ["no status", (s) => s.fifo("supervise/ok", true), "unable to open supervise/status: file does not exist"],
  ["nobody behind ok", (s) => s.fifo("supervise/ok", false), "supervise not running"],
  ["no ok", () => {}, "unable to open supervise/ok: file does not exist"],
  ["a directory ok", (s) => s.directory("supervise/ok"), "unable to open supervise/ok: is a directory"],
  [
    "a loop for down, before anything else",
    (s) => symlinkSync("down", join(s.fifo("supervise/ok", false).path, "down")),
    "unable to stat down: symbolic link loop",
  ],
];

describe.each(implementations)("%s", (_, directory) => {
  function call(service: ServiceDirectory, name: string, ...args: string[]) {
    const executable = directory ? join(directory, name) : Bun.which(name)!;
    return run(args, { executable, cwd: service.parent });
  }

  test.each(STATES)("svstat shows %s", async (_what, status, hasDownFile, text) => {
    using service = new ServiceDirectory();
    service.supervised(status);
    if (hasDownFile) service.write("down");
    const result = await call(service, "svstat", "s");
    const pattern = text.replace(/[()]/g, "\\$&").replace("S", "[456]").replace("D", "[01]");
    expect(result.stdout).toMatch(new RegExp(`^s: ${pattern}\n$`));
    expect(result.stderr).toBe("");
    expect(result.exitCode).toBe(0);
  });

  test.each([
    ["ff".repeat(18), "up (pid 4294967295) 0 seconds, paused"],
    ["c00000000000000a0000000001000000" + "0075", "up (pid 1) 0 seconds"],
    ["bfffffffffffffff0000000000000000" + "0075", "down 0 seconds, normally up, want up"],
  ])("svstat shows 0 seconds for a status far in the future: %s", async (hex, text) => {
    using service = new ServiceDirectory();
    service.fifo("supervise/ok", true).write("supervise/status", Buffer.from(hex, "hex"));
    expect((await call(service, "svstat", "s")).stdout).toBe(`s: ${text}\n`);
  });

  test.each(OBSTACLES)("svstat reports %s and exits 0", async (_what, prepare, text) => {
    using service = new ServiceDirectory();
    prepare(service);
    const result = await call(service, "svstat", "s");
    expect(result.stdout).toBe(`s: ${text}\n`);
    expect(result.stderr).toBe("");
    expect(result.exitCode).toBe(0);
  });

  test("svstat takes each argument as a directory and shows all", async () => {
    using service = new ServiceDirectory();
    await Bun.write(join(service.parent, "file"), "");
    const result = await call(service, "svstat", "nope", "file", "", "-x");
    expect(result.stdout).toBe(
      "nope: unable to chdir: file does not exist\n" +
        "file: unable to chdir: not a directory\n" +
        ": unable to chdir: file does not exist\n" +
        "-x: unable to chdir: file does not exist\n",
    );
    expect(result.exitCode).toBe(0);
  });

  test("svok tells by its exit code whether supervise runs", async () => {
    using service = new ServiceDirectory();
    expect(await call(service, "svok", "s")).toMatchObject({ stdout: "", stderr: "", exitCode: 100 });
    service.fifo("supervise/ok", true);
    expect(await call(service, "svok", "s")).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
  });

  test("svok exits 111 where it cannot be told, and 100 without argument", async () => {
    using service = new ServiceDirectory();
    service.directory("supervise/ok");
    expect(await call(service, "svok", "s")).toMatchObject({
      stderr: "svok: fatal: unable to open s/supervise/ok: is a directory\n",
      exitCode: 111,
    });
    expect(await call(service, "svok", "nope")).toMatchObject({
      stderr: "svok: fatal: unable to chdir to nope: file does not exist\n",
      exitCode: 111,
    });
    expect(await call(service, "svok")).toMatchObject({ stderr: "svok: usage: svok dir\n", exitCode: 100 });
  });

  test.each([
    ["each letter once, in the order given", ["-dddx", "-u", "-uuo", "-pcdhaitk", "s"], "dxuopchaitk"],
    ["over what is there", ["-d", "s"], "d"],
    ["nothing without letters", ["s"], ""],
    ["letters before -- only", ["-t", "--", "s"], "t"],
  ])("svc writes %s", async (_what, args, written) => {
    using service = new ServiceDirectory();
    service.write("supervise/control");
    const result = await call(service, "svc", ...args);
    expect(result).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
    expect(readFileSync(join(service.path, "supervise/control"), "utf8")).toBe(written);
  });

  test("svc warns of what it cannot control, goes on, and exits 0", async () => {
    using service = new ServiceDirectory();
    service.fifo("supervise/control", false);
    const result = await call(service, "svc", "-d", "nope", "s", "-u");
    expect(result.stderr).toBe(
      "svc: warning: unable to chdir to nope: file does not exist\n" +
        "svc: warning: unable to control s: supervise not running\n" +
        "svc: warning: unable to chdir to -u: file does not exist\n",
    );
    expect(result.exitCode).toBe(0);
  });

  test("svc refuses a letter that is none, before it does anything", async () => {
    using service = new ServiceDirectory();
    service.write("supervise/control");
    const result = await call(service, "svc", "-dz", "s");
    expect(result.stderr).toBe(
      "svc: illegal option -- z\n" +
        "svc options: u up, d down, o once, x exit, p pause, c continue, h hup, a alarm, i interrupt, t term, k kill\n",
    );
    expect(result.exitCode).toBe(100);
    expect(readFileSync(join(service.path, "supervise/control"), "utf8")).toBe("");
  });
});
