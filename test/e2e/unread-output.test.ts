/** A standard output that nobody reads holds neither the uploads back nor the end. */
import { expect, test } from "bun:test";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { start } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

/** A pipe that is full, and that is read only by `read()`. */
class FullPipe {
  readonly path = join(temporaryDirectory("pipe"), "pipe");
  readonly #fd: number;

  constructor() {
    Bun.spawnSync(["mkfifo", this.path]);
    this.#fd = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
    const filling = Buffer.alloc(4096, "x\n");
    try {
      for (;;) writeSync(this.#fd, filling);
    } catch {
      // It is full.
    }
  }

  /** What is in it now. */
  read(): string {
    const buffer = Buffer.alloc(1024 * 1024);
    try {
      return buffer.toString("latin1", 0, readSync(this.#fd, buffer));
    } catch {
      return "";
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Starts logship with its standard output, or both outputs, in the pipe. */
function startInto(pipe: FullPipe, redirection: string, args: string[], under: string[] = []) {
  return start(args, {
    under: ["sh", "-c", `exec ${under.join(" ")} "$0" "$@" >${pipe.path} ${redirection}`],
  });
}

const filesIn = (directory: string) => [...new Bun.Glob("**/*.log.*").scanSync(directory)];

test("run stores all batches while nobody reads its receipts, and prints them when somebody does", async () => {
  const to = temporaryDirectory("out");
  const pipe = new FullPipe();
  const args = ["run", "--records", "20", "--batches", "30", "--interval", "0", "--to", `file://${to}`];
  const logship = startInto(pipe, "", args);
  await logship.until("all batches", () => filesIn(to).length === 30);
  let text = "";
  await until("the receipts", () => {
    text += pipe.read();
    return text.split("upload: ").length === 31;
  });
  const { stderr, exitCode } = await logship.result;
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  pipe.close();
});

test.each([
  ["", /unable to print the receipts of \d+ stored objects: standard output is not read\n$/],
  ["2>&1", /^$/],
])(
  "TERM ends run while nobody reads its output %s, with 0 when everything is stored",
  async (redirection, message) => {
    const to = temporaryDirectory("out");
    const pipe = new FullPipe();
    const args = ["run", "--records", "20", "--interval", "1h", "--grace", "300ms", "--to", `file://${to}`];
    const logship = startInto(pipe, redirection, args);
    await logship.until("a batch", () => filesIn(to).length === 1);
    logship.kill("SIGTERM");
    const { stderr, exitCode } = await logship.result;
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(0);
    pipe.close();
  },
);

const RECEIPTS_LOST =
  /^logship: warning: unable to print the receipts of \d+ stored objects: out of disk space\n$/;

test("run that has stored all ends with 0 where the disk of its receipts is full", async () => {
  const to = temporaryDirectory("out");
  const args = ["run", "--records", "20", "--batches", "3", "--interval", "0", "--to", `file://${to}`];
  const under = ["sh", "-c", 'exec "$0" "$@" >/dev/full'];
  const { stderr, exitCode } = await start(args, { under }).result;
  expect(filesIn(to)).toHaveLength(3);
  expect(stderr).toMatch(RECEIPTS_LOST);
  expect(exitCode).toBe(0);
});

test("so does ship, and a failure is still told", async () => {
  const work = temporaryDirectory("work");
  await Bun.write(join(work, "a.log"), "a\nb\n");
  const args = ["ship", "--once", "--state", join(work, "state"), join(work, "a.log")];
  const under = ["sh", "-c", 'exec "$0" "$@" >/dev/full'];
  const stored = await start([...args, "--to", `file://${join(work, "to")}`], { under }).result;
  expect(stored.stderr).toMatch(RECEIPTS_LOST);
  expect(stored.exitCode).toBe(0);
  await Bun.write(join(work, "b.log"), "a\nb\n");
  const other = ["ship", "--once", "--state", join(work, "state"), join(work, "b.log"), "--attempts", "1"];
  const failed = await start([...other, "--to", "file:///proc/nowhere"], { under }).result;
  expect(failed.exitCode).toBe(111);
});

test("a failure ends run with 111 even if nobody reads its messages", async () => {
  const pipe = new FullPipe();
  const args = [
    "run",
    "--once",
    "--no-create-bucket",
    "--attempts",
    "1",
    "--grace",
    "0s",
    "--to",
    "file:///proc/nowhere",
  ];
  const { exitCode } = await startInto(pipe, "2>&1", args).result;
  expect(exitCode).toBe(111);
  pipe.close();
});

/** Whoever opens the file waits until this program ends, as in a file system that has died. */
const HOLD_OPENING = `import fcntl, os, sys, time
fcntl.fcntl(os.open(sys.argv[1], os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
import signal; signal.signal(signal.SIGIO, lambda *_: None)
print("held", flush=True)
while True: time.sleep(60)`;

test.skipIf(!needs("python3"))(
  "TERM ends upload while opening a file hangs, and names the file",
  async () => {
    const from = temporaryDirectory("from");
    const to = temporaryDirectory("out");
    const hanging = join(from, "hangs");
    await Bun.write(join(from, "fine"), "fine\n");
    await Bun.write(hanging, "hangs\n");
    await using holder = Bun.spawn(["python3", "-c", HOLD_OPENING, hanging], { stdout: "pipe" });
    await holder.stdout.getReader().read();
    const logship = start([
      "upload",
      join(from, "fine"),
      hanging,
      "--grace",
      "300ms",
      "--to",
      `file://${to}`,
    ]);
    await logship.until("the other file", () => [...new Bun.Glob("fine").scanSync(to)].length === 1);
    logship.kill("SIGTERM");
    const { stderr, exitCode } = await logship.result;
    expect(stderr).toBe(
      `logship: fatal: unable to upload ${hanging} to file://${to}: stopped before it was uploaded (1 of 2 files failed)\n`,
    );
    expect(exitCode).toBe(111);
  },
);
