import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processorVariables } from "./processor.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { until } from "./until.ts";

/** The built program; everything a user sees is tested with it, never with the sources. */
export const executable = join(import.meta.dir, "../../dist/logship");

const TERM_BIT = 1 << (15 - 1);

export interface Settings {
  /** Added to an environment that has a PATH, an empty HOME and nothing else. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Nothing to read by default; "pipe" leaves it open for `Process.stdin`. */
  readonly stdin?: string | Uint8Array | "pipe";
  /** What to start the program with: `["strace", "-f"]`. */
  readonly under?: readonly string[];
  /** Another name for the executable, such as a link to it. */
  readonly executable?: string;
}

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + the number of the signal that ended it, as a shell reports it. */
  readonly exitCode: number;
  /** The highest resident set size seen, sampled every 20 ms: of the program, not of what it was started under. */
  readonly peakMiB: number;
  readonly durationMs: number;
}

/** A running logship whose output is collected while it runs. */
export class Process {
  readonly pid: number;
  /** Resolves when the program has ended and all its output has been read. */
  readonly result: Promise<Result>;
  stdout = "";
  stderr = "";
  #child: Bun.Subprocess<"pipe" | "ignore" | Uint8Array<ArrayBuffer>, "pipe", "pipe">;
  #peakKiB = 0;
  #hasEnded = false;

  constructor(args: readonly string[], settings: Settings = {}) {
    const startedAt = performance.now();
    this.#child = Bun.spawn([...(settings.under ?? []), settings.executable ?? executable, ...args], {
      cwd: settings.cwd ?? temporaryDirectory("cwd"),
      env: cleanEnvironment(settings.env),
      stdin: stdinOf(settings.stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    this.pid = this.#child.pid;
    const sampler = setInterval(() => this.#samplePeak(), 20);
    const collected = Promise.all([
      this.#collect(this.#child.stdout, "stdout"),
      this.#collect(this.#child.stderr, "stderr"),
      this.#child.exited,
    ]);
    this.result = collected
      .then(([, , exitCode]) => ({
        stdout: this.stdout,
        stderr: this.stderr,
        exitCode,
        peakMiB: this.#peakKiB / 1024,
        durationMs: performance.now() - startedAt,
      }))
      .finally(() => {
        this.#hasEnded = true;
        clearInterval(sampler);
      });
  }

  /** Writes to a standard input that was opened with "pipe". */
  write(bytes: string | Uint8Array): void {
    const stdin = this.#child.stdin as Bun.FileSink;
    stdin.write(bytes);
    stdin.flush();
  }

  closeInput(): void {
    (this.#child.stdin as Bun.FileSink).end();
  }

  /**
   * Waits until a condition holds while the program runs.
   *
   * @throws Error with what it printed, if it ends before
   */
  async until(what: string, condition: () => boolean, limitMs?: number): Promise<void> {
    const holds = () => {
      if (condition()) return true;
      if (this.#hasEnded) throw new Error(`logship ended before ${what}: ${this.stdout}${this.stderr}`);
      return false;
    };
    try {
      await until(what, holds, limitMs);
    } catch (error) {
      this.kill("SIGKILL"); // nothing is left running behind a test that failed
      throw error;
    }
  }

  /** True once TERM does not simply end the program. */
  awaitsTerm(): boolean {
    const caught = /SigCgt:\s+(\w+)/.exec(readFileSync(`/proc/${this.pid}/status`, "latin1"))?.[1];
    return (Number(`0x${caught?.slice(-4)}`) & TERM_BIT) !== 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #collect(stream: ReadableStream<Uint8Array>, name: "stdout" | "stderr"): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this[name] += decoder.decode(bytes, { stream: true });
  }

  /** VmHWM counts from exec on, unlike ru_maxrss, which starts with the size of the process that forked. */
  #samplePeak(): void {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
      this.#peakKiB = Math.max(this.#peakKiB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }
}

/** Starts logship and leaves it running. */
export function start(args: readonly string[], settings?: Settings): Process {
  return new Process(args, settings);
}

/** Runs logship to its end. */
export function run(args: readonly string[], settings?: Settings): Promise<Result> {
  return new Process(args, settings).result;
}

function cleanEnvironment(added: Record<string, string> = {}): Record<string, string> {
  const path = process.env.PATH ?? "/usr/bin:/bin";
  return {
    PATH: path,
    HOME: temporaryDirectory("home"),
    TZ: "UTC",
    AWS_EC2_METADATA_DISABLED: "true",
    ...processorVariables(),
    ...added,
  };
}

function stdinOf(input: Settings["stdin"]): "pipe" | "ignore" | Uint8Array<ArrayBuffer> {
  if (input === undefined) return "ignore";
  if (input === "pipe") return input;
  return typeof input === "string" ? new TextEncoder().encode(input) : new Uint8Array(input);
}
