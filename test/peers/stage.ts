import { appendFileSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../support/run-directory.ts";
import type { Shipper } from "./shippers.ts";
import { type Sink, startSink } from "./sink.ts";

/** What came of the lines of one row. */
export interface Outcome {
  readonly written: number;
  readonly lost: number;
  /** How many came too often: a line that came three times counts twice. */
  readonly doubled: number;
}

/** Nothing new for so long, when all that ran was let run: it is all that will come. */
const QUIET_MS = 8000;
const LOOK_MS = 200;
const STOP_MS = 10_000;
/** A whole line; what is torn or glued together is none. */
const LINE = /n=(\d{8}) GET 200 some more of an ordinary line, as long as many e=\1(?!\d)/g;

/** A log and one shipper beside it. */
export class Stage {
  readonly directory = temporaryDirectory("peer");
  readonly log: string;
  readonly sink: Sink | undefined;
  readonly #program: string;
  readonly #shipper: Shipper;
  readonly #out: string;
  #written = 0;
  #child: Bun.Subprocess | undefined;

  private constructor(shipper: Shipper, program: string, log: string, sink: Sink | undefined) {
    this.#shipper = shipper;
    this.#program = program;
    this.log = join(this.directory, log);
    this.sink = sink;
    this.#out = join(this.directory, "out");
    mkdirSync(this.#out);
    mkdirSync(join(this.directory, "log"));
  }

  static async make(shipper: Shipper, program: string, log: string, isToServer: boolean): Promise<Stage> {
    return new Stage(shipper, program, log, isToServer ? await startSink() : undefined);
  }

  /** Adds lines to the log, or to another file. */
  write(count: number, path = this.log): void {
    let text = "";
    for (let index = 0; index < count; index++) {
      const number = String(this.#written++).padStart(8, "0");
      text += `n=${number} GET 200 some more of an ordinary line, as long as many e=${number}\n`;
    }
    appendFileSync(path, text);
  }

  start(): void {
    const { directory, log, sink } = this;
    const { args, env } = this.#shipper.configure({ directory, log, out: this.#out, port: sink?.port });
    const said = openSync(join(directory, "said"), "a");
    this.#child = Bun.spawn([this.#program, ...args], {
      cwd: directory,
      env: { PATH: process.env.PATH ?? "", HOME: directory, ...env },
      stdin: "ignore",
      stdout: said,
      stderr: said,
    });
  }

  /** As a service manager does it: TERM, and KILL for what has not ended after a while. */
  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_MS);
    await this.#child?.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  /** Waits until all lines are there, or nothing comes any more. */
  async settled(quietMs = QUIET_MS): Promise<void> {
    let lastMs = performance.now();
    for (let before = -1; performance.now() - lastMs < quietMs; ) {
      const count = this.#counts().size;
      if (count === this.#written) return;
      if (count !== before) lastMs = performance.now();
      before = count;
      await Bun.sleep(LOOK_MS);
    }
  }

  async end(): Promise<Outcome> {
    await this.settled();
    // What is about to come a second time comes within this.
    await Bun.sleep(2000);
    await this.stop();
    const counts = this.#counts();
    this.sink?.stop();
    let all = 0;
    for (const count of counts.values()) all += count;
    return { written: this.#written, lost: this.#written - counts.size, doubled: all - counts.size };
  }

  /** How often each line is there. */
  #counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const text of this.sink?.texts ?? this.#files())
      for (const [, number] of text.matchAll(LINE)) counts.set(number!, (counts.get(number!) ?? 0) + 1);
    return counts;
  }

  *#files(): Iterable<string> {
    for (const entry of readdirSync(this.#out, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) yield readFileSync(join(entry.parentPath, entry.name), "latin1");
  }
}
