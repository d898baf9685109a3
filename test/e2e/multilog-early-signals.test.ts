/** TERM and ALRM that come while the log writer starts: they are heard, and no line is lost. */
import { describe, expect, test } from "bun:test";
import { closeSync, existsSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readableBytes } from "../../src/system/libc.ts";
import { executable } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

const NAMES = {
  "logship multilog": [executable, "multilog"],
  multilog: [join(standIns("multilog"), "multilog")],
};
const input = "one\ntwo\n";
const ENDED_BY_TERM = 128 + 15;

/** A pipe with lines in it that stays open, as svscan holds it, and a directory for them. */
class Stage {
  readonly cwd = temporaryDirectory("early");
  readonly log = join(this.cwd, "log");
  readonly #pipe: number;

  constructor() {
    const fifo = join(this.cwd, "fifo");
    Bun.spawnSync(["mkfifo", fifo]);
    this.#pipe = openSync(fifo, "r+");
    writeSync(this.#pipe, input);
  }

  start(program: readonly string[]) {
    return Bun.spawn([...program, "./log"], { cwd: this.cwd, stdin: this.#pipe, stderr: "pipe" });
  }

  /** What is stored and what is still in the pipe, which is closed. */
  end(): string {
    const rest = Buffer.alloc(readableBytes(this.#pipe) ?? 0);
    if (rest.length > 0) readSync(this.#pipe, rest);
    closeSync(this.#pipe);
    const stored = existsSync(this.log) ? storedBytes(this.log).toString("latin1") : "";
    return stored + rest.toString("latin1");
  }
}

describe.each(Object.entries(NAMES))("%s", (_, program) => {
  test.skipIf(!needs("strace"))(
    "TERM at any file that is opened from the handler on ends it with 0, and before that nothing was begun",
    async () => {
      const calls = await tracedCalls(program);
      const first = calls.findIndex((call) => call.includes("/proc/self/limits")); // the first instructions
      const handler = calls.findIndex((call) => /^rt_sigaction\(SIGTERM, \{sa_handler=0x/.test(call));
      expect(first).toBeGreaterThan(0);
      expect(calls.slice(first + 1, handler).filter((call) => call.startsWith("openat"))).toEqual([]);
      const opened = (end: number) => calls.slice(0, end).filter((call) => call.startsWith("openat")).length;
      expect(calls.slice(0, handler).filter((call) => call.includes('"./log"'))).toEqual([]);
      for (let count = opened(handler) + 1; count <= opened(calls.length); count++) {
        const stage = new Stage();
        const inject = ["-e", `inject=openat:signal=TERM:when=${count}`];
        const child = stage.start(["strace", "-o", "/dev/null", "-e", "trace=openat", ...inject, ...program]);
        expect([count, await new Response(child.stderr).text(), await child.exited]).toEqual([count, "", 0]);
        expect([count, stage.end()]).toEqual([count, input]);
      }
    },
  );

  test("TERM at a random moment of the start loses no line, and ends it with 0 once it is caught", async () => {
    const random = seededRandom("early signals");
    let caught = 0;
    for (let round = 0; round < 40; round++) {
      const stage = new Stage();
      const child = stage.start(program);
      await Bun.sleep(random() * 25);
      const isCaught = catches(child.pid, "TERM");
      child.kill("SIGTERM");
      child.kill("SIGCONT");
      const exitCode = await child.exited;
      if (isCaught) caught++;
      expect(exitCode === 0 || (exitCode === ENDED_BY_TERM && !isCaught)).toBe(true);
      expect(await new Response(child.stderr).text()).toBe("");
      expect(stage.end()).toBe(input);
    }
    process.stderr.write(`TERM was caught ${caught} times of 40\n`);
  });

  test("ALRM as soon as it is caught rotates nothing away and ends nothing", async () => {
    const stage = new Stage();
    const child = stage.start(program);
    await until("ALRM to be caught", () => catches(child.pid, "ALRM"));
    child.kill("SIGALRM");
    await until("the lines", () => existsSync(stage.log) && storedBytes(stage.log).length === input.length);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(stage.end()).toBe(input);
  });
});

/** What the main thread does until it has started and ended at once, for want of input. */
async function tracedCalls(program: readonly string[]): Promise<string[]> {
  const cwd = temporaryDirectory("traced");
  const strace = ["strace", "-o", "trace", "-e", "trace=openat,rt_sigaction"];
  const child = Bun.spawn([...strace, ...program, "./log"], { cwd, stdin: "ignore", stderr: "pipe" });
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["", 0]);
  return readFileSync(join(cwd, "trace"), "latin1").split("\n");
}

/** Whether a process has a handler for a signal. */
function catches(pid: number, name: "ALRM" | "TERM"): boolean {
  const caught = /SigCgt:\s+(\w+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  const number = { ALRM: 14, TERM: 15 }[name];
  return (Number(`0x${caught?.slice(-4)}`) & (1 << (number - 1))) !== 0;
}
