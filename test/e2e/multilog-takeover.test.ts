/** What is in the pipe when a log writer is killed, and who gets it: logship or daemontools' multilog. */
import { afterEach, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readableBytes } from "../../src/system/libc.ts";
import { executable } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

const theirs = Bun.which("multilog", { PATH: "/usr/bin:/usr/local/bin:/command" }) ?? "multilog";
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A service's pipe that stays open, as svscan holds it, and its log directory. */
class Service {
  readonly log: string;
  readonly #cwd = temporaryDirectory("takeover");
  readonly #writing: number;
  readonly #reading: number;

  constructor() {
    this.log = join(this.#cwd, "log");
    const fifo = join(this.#cwd, "fifo");
    Bun.spawnSync(["mkfifo", fifo]);
    this.#writing = openSync(fifo, "r+");
    this.#reading = openSync(fifo, "r");
    cleanUps.push(() => [this.#writing, this.#reading].map(closeSync));
  }

  start(program: readonly string[], script = ["./log"]) {
    const child = Bun.spawn([...program, ...script], {
      cwd: this.#cwd,
      stdin: this.#reading,
      stderr: "inherit",
    });
    cleanUps.push(() => child.kill("SIGKILL"));
    return child;
  }

  write(text: string): void {
    writeSync(this.#writing, text);
  }

  /** What nobody has taken out of the pipe. */
  get waitingBytes(): number {
    return readableBytes(this.#reading) ?? 0;
  }

  get stored(): string {
    try {
      return storedBytes(this.log).toString("latin1");
    } catch {
      return "";
    }
  }

  async stores(text: string): Promise<void> {
    await until(`${JSON.stringify(text)} in the log`, () => this.stored === text);
  }
}

const ours = [executable, "multilog"];

test.skipIf(!needs("multilog"))(
  "a line that is begun in the pipe when logship is killed is whole in the log of daemontools' multilog",
  async () => {
    const service = new Service();
    const first = service.start(ours);
    service.write("one\ntw");
    await service.stores("one\n");
    first.kill("SIGKILL");
    await first.exited;
    const second = service.start([theirs]);
    service.write("o\nthree\n");
    await service.stores("one\ntwo\nthree\n");
    second.kill("SIGTERM");
    await second.exited;
    const third = service.start(ours);
    service.write("four\n");
    await service.stores("one\ntwo\nthree\nfour\n");
    third.kill("SIGTERM");
    expect(await third.exited).toBe(0);
  },
);

test("the beginning of a line stays in the pipe and costs no time; its end is noticed at once", async () => {
  const service = new Service();
  const child = service.start(ours);
  service.write("one\ntw");
  await service.stores("one\n");
  await Bun.sleep(300); // what a beginning costs that has been there for a while
  const ticksBefore = ticksOf(child.pid);
  await Bun.sleep(2000);
  expect(ticksOf(child.pid) - ticksBefore).toBeLessThanOrEqual(4);
  expect(service.waitingBytes).toBe(2);
  service.write("o\n");
  await service.stores("one\ntwo\n");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

test("TERM is noticed while a line is begun in the pipe: it is finished, and nothing after it is taken", async () => {
  const service = new Service();
  const child = service.start(ours);
  service.write("one\ntw");
  await service.stores("one\n");
  expect(service.waitingBytes).toBe(2);
  child.kill("SIGTERM");
  await until("the line to be taken", () => service.waitingBytes === 0);
  service.write("o\nthree\n");
  expect(await child.exited).toBe(0);
  expect([service.stored, service.waitingBytes]).toEqual(["one\ntwo\n", "three\n".length]);
});

test("ALRM is noticed while a line is begun in the pipe", async () => {
  const service = new Service();
  const child = service.start(ours);
  service.write("one\ntw");
  await service.stores("one\n");
  child.kill("SIGALRM");
  const current = join(service.log, "current");
  await until("the rotation", () => readFileSync(current).length === 0);
  service.write("o\n");
  await service.stores("one\ntwo\n");
  expect(readFileSync(current, "latin1")).toBe("two\n");
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

test("a line has the stamp of its beginning, also when its end comes much later", async () => {
  const service = new Service();
  const child = service.start(ours, ["t", "./log"]);
  service.write("one\ntw");
  await until("one", () => service.stored.includes(" one\n"));
  await Bun.sleep(1200); // between the stamps
  service.write("o\nthree\n");
  await until("three", () => service.stored.includes(" three\n"));
  const [one, two, three] = service.stored.split("\n").map(secondsOf);
  expect(two! - one!).toBeLessThan(1);
  expect(three! - two!).toBeGreaterThan(1);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

test("a line longer than the pipe, and a long line whose end does not come, are written", async () => {
  const service = new Service();
  const child = service.start(ours);
  const line = "x".repeat(1500);
  service.write(line);
  await service.stores(line);
  service.write("\n");
  const writer = Bun.spawn(["sh", "-c", "head -c 300000 /dev/zero; echo"], {
    stdout: openSync(`${service.log}/../fifo`, "w"),
  });
  await writer.exited;
  await until("the long line", () => service.stored.length === 1501 + 300_001);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

const refusals = ["tee:error=ENOSYS", "splice:error=EINVAL", "pipe2:error=EMFILE", "epoll_ctl:error=EPERM"];

test.skipIf(!needs("strace")).each(refusals)(
  "a pipe is read as ever where it must not be looked at: %s",
  (refusal) => {
    const cwd = temporaryDirectory("refused");
    const call = refusal.split(":")[0]!;
    const strace = [
      "strace",
      "-o",
      join(cwd, "trace"),
      "-e",
      `trace=${call}`,
      "-e",
      `inject=${refusal}:when=1+`,
    ];
    const input = Buffer.from("one\ntwo\n".repeat(3000));
    writeFileSync(join(cwd, "input"), input);
    const command = ["sh", "-c", 'cat input | "$@"', "sh", ...strace, ...ours, "s16777215", "./log"];
    const child = Bun.spawnSync(command, { cwd, stderr: "pipe" });
    expect([child.stderr.toString(), child.exitCode]).toEqual(["", 0]);
    expect(storedBytes(join(cwd, "log")).equals(input)).toBe(true);
    expect(readFileSync(join(cwd, "trace"), "latin1")).toContain("INJECTED");
  },
);

test.skipIf(!needs("strace"))(
  "lines of a writer that was killed before it looked at the clock are stamped when they are written",
  async () => {
    const service = new Service();
    const trace = join(service.log, "../trace");
    const current = join(service.log, "current");
    const inject = ["-e", "trace=write", "-P", current, "-e", "inject=write:signal=KILL"];
    service.write("one\ntwo\n");
    await service.start(["strace", "-o", trace, ...inject, ...ours], ["t", "./log"]).exited;
    expect(service.stored).toBe("");
    const record = openSync(join(service.log, "unwritten"), "r+");
    for (const block of [0, 1]) writeSync(record, Buffer.alloc(8), 0, 8, 8 * (8 + 328 * block + 5));
    closeSync(record);
    const child = service.start(ours, ["t", "./log"]);
    await until("two", () => service.stored.includes(" two\n"));
    for (const line of service.stored.trimEnd().split("\n"))
      expect(Math.abs(secondsOf(line) - 10 - Date.now() / 1000)).toBeLessThan(60);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  },
);

/** In hundredths of a second. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function secondsOf(line: string): number {
  return Number.parseInt(line.slice(9, 17), 16) + Number.parseInt(line.slice(17, 25), 16) / 1e9;
}
