/** kill -9 at every call that matters, then a restart on the same input: every line is there, once. */
import { expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { logFiles, modeOf, numberedLines, storedBytes } from "../support/stored-lines.ts";

/** The calls that change something, under the names that they have on one machine or another. */
const CALLS = [
  "write",
  "fsync",
  "rename(at2?)?",
  "link(at)?",
  "unlink(at)?",
  "f?chmod(at)?",
  "fchdir",
  "flock",
  "mkdir(at)?",
  "vfork",
];
/** Those by which input is taken from a pipe. LOGSHIP_TEST_ALL_CALLS adds all the others, from the start of the program. */
const PIPE_CALLS = [...CALLS, "read", "ioctl", "p?poll", "tee", "splice"];
const OTHER_CALLS = [
  ...["close", "f?stat|statx|newfstatat", "open(at)?", "fcntl", "lseek", "getdents(64)?", "mmap", "munmap"],
  ...["mprotect", "madvise", "futex", "epoll_.*", "rt_.*", "clock_.*", "prctl", "sched_.*", "exit_group"],
];
const AT_ONCE = 3;
const multilog = join(standIns("multilog"), "multilog");
const input = numberedLines(140, 100);

/** Runs multilog and kills it when it enters one kind of call for the `count`th time. @returns whether it was killed */
async function runKilled(
  script: readonly string[],
  cwd: string,
  call: string,
  count: number,
  stdin: number,
): Promise<boolean> {
  const trace = join(cwd, "trace");
  const inject = `inject=/^${call}$:signal=KILL:when=${count}`;
  const strace = ["strace", "-o", trace, "-e", `trace=/^${call}$`, "-e", inject];
  const child = Bun.spawn([...strace, multilog, ...script], { cwd, stdin, stderr: "ignore" });
  await child.exited;
  return /^\+\+\+ killed by SIGKILL/m.test(readFileSync(trace, "latin1"));
}

/** Opens the input, for all the writers that read it one after the other. */
type OpenInput = (cwd: string) => number;

const asFile: OpenInput = (cwd) => {
  writeFileSync(join(cwd, "input"), input);
  return openSync(join(cwd, "input"), "r");
};

/** A pipe that we hold, as svscan would; it ends behind the input. */
const asPipe: OpenInput = (cwd) => {
  const fifo = join(cwd, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const both = openSync(fifo, "r+");
  writeSync(both, input); // less than a pipe holds
  const reading = openSync(fifo, "r");
  closeSync(both);
  return reading;
};

async function check(
  openInput: OpenInput,
  script: readonly string[],
  call: string,
  count: number,
): Promise<boolean> {
  const cwd = temporaryDirectory("killed");
  const log = join(cwd, "log");
  mkdirSync(log);
  const stdin = openInput(cwd);
  const isKilled = await runKilled(script, cwd, call, count, stdin);
  // The restart goes on with the same open file, and is killed as well, at a step that changes with the first.
  await runKilled(script, cwd, CALLS[count % CALLS.length]!, 1 + (count % 4), stdin);
  const last = Bun.spawn([multilog, ...script], { cwd, stdin, stderr: "pipe" });
  closeSync(stdin);
  expect([await new Response(last.stderr).text(), await last.exited]).toEqual(["", 0]);
  const stored = storedBytes(log);
  const when = `killed at ${call} ${count}`;
  expect([when, stored.length]).toEqual([when, input.length]);
  expect(stored.equals(input)).toBe(true);
  for (const name of logFiles(log)) if (!name.endsWith(".u")) expect(modeOf(join(log, name))).toBe("744");
  rmSync(cwd, { recursive: true });
  return isKilled;
}

/** @returns how often it was killed */
async function killEverywhere(
  script: readonly string[],
  openInput = asFile,
  kinds: readonly string[] = CALLS,
): Promise<number> {
  const calls = [...kinds];
  let killed = 0;
  const worker = async () => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      for (let count = 1; await check(openInput, script, call, count); count++) killed++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return killed;
}

const isPossible = needs("strace");

test.skipIf(!isPossible)(
  "multilog killed at any step of its rotations loses nothing and stores nothing twice",
  async () => expect(await killEverywhere(["s4096", "n100", "./log"])).toBeGreaterThan(50),
  600_000,
);

test.skipIf(!isPossible)(
  "multilog killed at any step around a processor loses nothing and stores nothing twice",
  async () => expect(await killEverywhere(["s4096", "n100", "!cat; echo >&5", "./log"])).toBeGreaterThan(80),
  600_000,
);

test.skipIf(!isPossible)(
  "multilog killed at any step of taking its input from a pipe leaves the rest for the next one",
  async () => {
    const all = process.env.LOGSHIP_TEST_ALL_CALLS ? OTHER_CALLS : [];
    const killed = await killEverywhere(["s4096", "n100", "./log"], asPipe, [...PIPE_CALLS, ...all]);
    process.stderr.write(`killed ${killed} times\n`);
    expect(killed).toBeGreaterThan(60);
  },
  600_000,
);
