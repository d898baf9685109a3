/** The stand-in multilog as the logger of a service, under the real svscan and supervise, controlled by the real svc. */
import { afterAll, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { logFiles, modeOf } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

const isPossible = needs("svscan", "supervise", "svc", "svstat", "setuidgid") && isRoot();
const NOBODY = 65_534;

const scan = temporaryDirectory("scan");
const service = join(scan, "web");
const log = join(service, "log");
const main = join(log, "main");
let svscan: Bun.Subprocess | undefined;
let messages = "";
let pipe = -1;

/** The account of the logger has to reach the program. */
function programForAll(): string {
  const directory = temporaryDirectory("programs");
  chmodSync(runDirectory, 0o755);
  for (const path of [directory, scan]) chmodSync(path, 0o755);
  copyFileSync(executable, join(directory, "multilog"));
  chmodSync(join(directory, "multilog"), 0o755);
  return directory;
}

function writeScript(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\nexec 2>&1\n${text}\n`);
  chmodSync(path, 0o755);
}

function svc(letters: string, ...directories: string[]): void {
  expect(Bun.spawnSync(["svc", `-${letters}`, ...directories]).stderr.toString()).toBe("");
}

function svstat(directory: string): string {
  return Bun.spawnSync(["svstat", directory]).stdout.toString();
}

function loggerPid(): string | undefined {
  return /up \(pid (\d+)\)/.exec(svstat(log))?.[1];
}

function contentOf(name: string): string {
  return readFileSync(join(main, name), "latin1").replace(/^@[0-9a-f]{24} /gm, "");
}

function stored(): string[] {
  return logFiles(main).map((name) => `${modeOf(join(main, name))} ${name.slice(-2)} ${contentOf(name)}`);
}

afterAll(() => {
  svscan?.kill("SIGKILL");
  if (isPossible) Bun.spawnSync(["svc", "-dkx", service, log]);
  if (pipe !== -1) closeSync(pipe);
});

test.skipIf(!isPossible)("a logger whose directory is missing says so, once a second", async () => {
  mkdirSync(log, { recursive: true });
  Bun.spawnSync(["mkfifo", join(service, "lines")]);
  pipe = openSync(join(service, "lines"), "r+");
  writeScript(join(service, "run"), "exec cat lines");
  writeScript(join(log, "run"), "exec setuidgid nobody multilog t ./main");
  const env = { PATH: `${programForAll()}:${process.env.PATH}` };
  svscan = Bun.spawn(["svscan", scan], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  for (const stream of [svscan.stdout, svscan.stderr] as ReadableStream<Uint8Array>[]) {
    void (async () => {
      for await (const bytes of stream) messages += Buffer.from(bytes).toString();
    })();
  }
  const message = "multilog: fatal: unable to open directory ./main: file does not exist\n";
  await until("two tries", () => messages.startsWith(message + message));
});

test.skipIf(!isPossible)("a logger makes its files for its account", async () => {
  mkdirSync(main);
  chownSync(main, NOBODY, NOBODY);
  chmodSync(main, 0o2755);
  await until("current", () => stored().length === 1);
  await until("its mode", () => stored()[0] === "644 nt ");
  for (const [name, mode] of Object.entries({ current: "644", lock: "600", state: "644" })) {
    const { size, uid, gid } = statSync(join(main, name));
    expect([name, modeOf(join(main, name)), size, uid, gid]).toEqual([name, mode, 0, NOBODY, NOBODY]);
  }
});

test.skipIf(!isPossible)("a line of the service is in current at once", async () => {
  writeSync(pipe, "one\n");
  await until("the line", () => stored()[0] === "644 nt one\n");
});

test.skipIf(!isPossible)("svc -t restarts the logger with the same current", async () => {
  const before = loggerPid();
  svc("t", log);
  await until("another logger", () => ![undefined, before].includes(loggerPid()));
  await until("its current", () => stored()[0] === "644 nt one\n");
});

test.skipIf(!isPossible)("svc -a makes an old file", async () => {
  writeSync(pipe, "two\n");
  await until("the line", () => stored()[0] === "644 nt one\ntwo\n");
  // The restarted logger may still be starting; until then ALRM would end it.
  await until("the logger to wait", () => isWaiting(loggerPid()));
  svc("a", log);
  await until("an old file", () => stored().length === 2 && stored()[1] === "644 nt ");
  expect(stored()).toEqual(["744 .s one\ntwo\n", "644 nt "]);
});

test.skipIf(!isPossible)("svc -k leaves a file of the crash", async () => {
  writeSync(pipe, "three\n");
  await until("the line", () => stored()[1] === "644 nt three\n");
  svc("k", log);
  await until("another current", () => stored().length === 3 && stored()[2] === "644 nt ");
  expect(stored()).toEqual(["744 .s one\ntwo\n", "644 .u three\n", "644 nt "]);
});

test.skipIf(!isPossible)(
  "svc -d completes current, and svc -u goes on with what came meanwhile",
  async () => {
    await until("the logger to wait", () => isWaiting(loggerPid()));
    svc("d", log);
    await until("a complete current", () => stored()[2] === "744 nt ");
    writeSync(pipe, "four\n");
    svc("u", log);
    await until("the line", () => stored()[2] === "644 nt four\n");
  },
);

test.skipIf(!isPossible)("files end near their size, and nine old ones stay", async () => {
  const line = `${"x".repeat(99)}\n`;
  for (let block = 0; block < 60; block++) {
    writeSync(pipe, line.repeat(160));
    await Bun.sleep(1); // the pipe holds 64 KiB, and writing to it here would wait for ever if all stood still
  }
  await until("nine old files", () => logFiles(main).length === 10);
  for (const name of logFiles(main)
    .filter((file) => file.endsWith(".s"))
    .slice(1)) {
    expect(statSync(join(main, name)).size).toBeWithin(97_999, 98_600);
  }
});

test.skipIf(!isPossible)("svc -dx ends all and leaves a complete current", async () => {
  svscan?.kill("SIGKILL");
  svc("dx", service);
  await until("the end of the service", () => svstat(service).includes("supervise not running"));
  svc("dx", log);
  await until("the end of the logger", () => svstat(log).includes("supervise not running"));
  expect(modeOf(join(main, "current"))).toBe("744");
  expect(
    messages.replaceAll("multilog: fatal: unable to open directory ./main: file does not exist\n", ""),
  ).toBe("");
});

/** True if the process has a handler for ALRM and sleeps. */
function isWaiting(pid: string | undefined): boolean {
  if (pid === undefined) return false;
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const caught = Number(`0x${/SigCgt:\s+(\w+)/.exec(status)?.[1]?.slice(-4)}`);
  return /State:\s+S/.test(status) && (caught & (1 << 13)) !== 0;
}
