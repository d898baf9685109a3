import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { processorVariables } from "../support/processor.ts";
import { until } from "../support/until.ts";
import type { Case, Data, Run, Setup } from "./case.ts";
import { differencesIn, shown } from "./expect-files.ts";

const TIME_LIMIT_MS = 60_000;
/** Shorter than the pauses after which a program looks again at the beginning of a line. */
const REST_MS = 40;
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
const BLOCK_AND_SEND = `use POSIX; my @s = map { POSIX->can($_)->() } split /,/, shift;
  sigprocmask(SIG_BLOCK, POSIX::SigSet->new(@s)); kill($_, $$) for @s; exec { $ARGV[0] } @ARGV or die`;

/**
 * Runs a case in a directory of its own.
 *
 * @param program The name of the program that the case is about.
 * @param programs A directory that comes first in PATH, undefined for the programs of the system.
 * @returns what was different from what the case says, in words
 */
export async function runCase(testCase: Case, program: string, programs?: string): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "logship-case-"));
  chmodSync(root, 0o755);
  try {
    const known = new Set<string>();
    prepare(root, testCase.setup ?? [], known);
    const found: string[] = [];
    for (const run of testCase.runs ?? [testCase]) {
      if (run !== testCase) prepare(root, run.setup ?? [], known);
      found.push(...(await new CaseRun(root, run, known).perform(testCase, program, programs)));
    }
    return found;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function prepare(root: string, setup: readonly Setup[], known: Set<string>): void {
  for (const { path, data, kind, target, mode } of setup) {
    const full = join(root, path);
    known.add(normalize(path));
    if (kind === "directory") mkdirSync(full, { recursive: true });
    else if (kind === "fifo") spawnSync("mkfifo", [full]);
    else if (kind === "hardlink") linkSync(join(root, target!), full);
    else writeFileSync(full, data!);
    if (mode !== undefined) chmodSync(full, mode);
  }
}

class CaseRun {
  readonly #root: string;
  readonly #run: Run;
  readonly #known: Set<string>;
  readonly #found: string[] = [];
  #pid = 0;
  #writer = -1;
  #ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor(root: string, run: Run, known: Set<string>) {
    this.#root = root;
    this.#run = run;
    this.#known = known;
  }

  async perform(testCase: Case, program: string, programs: string | undefined): Promise<string[]> {
    const run = this.#run;
    const [name, ...args] = commandOf(run, program).map((arg) => arg.replaceAll("$ROOT", this.#root));
    const stdin = this.#openInput();
    const startedAt = performance.now();
    const path = programs ? `${programs}:${SYSTEM_PATH}` : SYSTEM_PATH;
    const child = spawn(name!, args, {
      cwd: this.#root,
      env: { TZ: "UTC", ...processorVariables(), ...testCase.environment, PATH: path, LC_ALL: "C" },
      stdio: [stdin, "pipe", "pipe"],
    });
    this.#pid = child.pid!;
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.on("data", (data) => output[stream].push(data));
    }
    const closed = new Promise((resolve) => child.on("close", resolve));
    child.on("exit", (code, signal) => {
      this.#ended = { code, signal };
    });
    if (run.steps) await this.#takeSteps();
    await this.#end(() => child.kill("SIGKILL"));
    const durationMs = performance.now() - startedAt;
    if (run.inputOffset !== undefined) this.#check("input is at", offsetOf(stdin), run.inputOffset);
    if (this.#writer !== -1) closeSync(this.#writer);
    if (run.inputLeft !== undefined) this.#check("left is", readAll(stdin), run.inputLeft);
    closeSync(stdin);
    await closed;
    this.#check("it ended by", this.#ended?.signal ?? this.#ended?.code, run.signal ?? run.exitCode ?? 0);
    this.#checkOutput("stdout", Buffer.concat(output.stdout), run.stdout);
    this.#checkOutput("stderr", Buffer.concat(output.stderr), run.stderr);
    if (run.minMs && durationMs < run.minMs) this.#found.push(`it took only ${Math.round(durationMs)} ms`);
    this.#found.push(...differencesIn(this.#root, run.directories ?? {}, this.#known));
    return this.#found;
  }

  #openInput(): number {
    const { steps, inputPath, input } = this.#run;
    if (inputPath) return openSync(inputPath, "r");
    const path = `${this.#root}.input`;
    if (!steps) writeFileSync(path, input ?? "");
    else if (spawnSync("mkfifo", [path]).status !== 0) throw new Error("mkfifo failed");
    // The descriptor opened first keeps the FIFO open until both ends are.
    const first = steps && openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (steps) this.#writer = openSync(path, constants.O_WRONLY);
    const stdin = openSync(path, "r");
    if (first !== undefined) closeSync(first);
    unlinkSync(path);
    return stdin;
  }

  async #takeSteps(): Promise<void> {
    await this.#settle();
    for (const step of this.#run.steps ?? []) {
      if (step === "close") {
        closeSync(this.#writer);
        this.#writer = -1;
      } else if (step === "has ended") await until("its end", () => this.#ended);
      else if (step === "still runs") this.#check("still runs", this.#ended === undefined, true);
      else if ("sleepMs" in step) await Bun.sleep(step.sleepMs);
      else if ("setup" in step) prepare(this.#root, step.setup, this.#known);
      else if ("directories" in step) await this.#awaitFiles(step.directories);
      else {
        if ("write" in step) writeSync(this.#writer, step.write as string);
        else if ("signal" in step) process.kill(this.#pid, step.signal);
        else
          spawnSync("sh", ["-c", step.shell], {
            cwd: this.#root,
            env: { PATH: SYSTEM_PATH, PID: `${this.#pid}` },
          });
        await this.#settle();
      }
    }
  }

  /** Waits until the program has nothing more to do: it sleeps, and is not woken for a while. */
  async #settle(): Promise<void> {
    await until("rest", async () => {
      const before = activityOf(this.#pid);
      await Bun.sleep(REST_MS);
      return activityOf(this.#pid) === before && /^S|^Z|^$/.test(before);
    });
  }

  async #awaitFiles(wanted: Exclude<Run["directories"], undefined>): Promise<void> {
    let found: string[] = [];
    await until("the files", () => {
      found = differencesIn(this.#root, wanted, this.#known);
      return found.length === 0;
    }).catch(() => this.#found.push(...found));
  }

  async #end(kill: () => void): Promise<void> {
    await until("its end", () => this.#ended, TIME_LIMIT_MS).catch(async () => {
      this.#found.push("it did not end");
      kill();
      await until("its end", () => this.#ended);
    });
  }

  #check(what: string, found: unknown, wanted: unknown): void {
    if (found !== wanted) this.#found.push(`${what} ${found}, not ${wanted}`);
  }

  #checkOutput(name: string, found: Buffer, wanted: Data | RegExp = ""): void {
    const isRight =
      wanted instanceof RegExp
        ? wanted.test(found.toString("latin1"))
        : found.equals(Buffer.from(wanted as string));
    if (!isRight) this.#found.push(`${name} is ${shown(found)}`);
  }
}

function commandOf(run: Run, program: string): string[] {
  const command = [...(run.command ?? [program, ...(run.args ?? [])])];
  return run.pending ? ["perl", "-e", BLOCK_AND_SEND, run.pending.join(","), ...command] : command;
}

/** The state of a process and how often it was woken; empty when it has gone. */
function activityOf(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const state = /State:\s+(\w)/.exec(status)?.[1] ?? "";
    return state + (/voluntary_ctxt_switches:\s+\d+/g.exec(status)?.[0] ?? "");
  } catch {
    return "";
  }
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(1000);
  return buffer.toString("latin1", 0, readSync(fd, buffer));
}

function offsetOf(fd: number): number {
  return Number(/pos:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1]);
}
