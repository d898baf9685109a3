import { writeOutput } from "./output.ts";

/** The other screen of the terminal, without a cursor, and the one from before with all that was on it. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const CTRL_C = "\x03";
const CTRL_Z = "\x1a";
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The whole terminal, for something that is drawn anew again and again. `q`, ctrl-C, INT, TERM and HUP end it; ctrl-Z stops the
 * program until it is continued. However the program ends, short of a kill -9, the terminal is as it was before.
 */
export class FullScreen {
  /** Aborted when the person, or a signal, has ended it. */
  readonly ended: AbortSignal;
  readonly #end = new AbortController();
  readonly #draw: () => string[];
  #isOpen = false;

  /** @param draw The lines to be shown, no more and none wider than the terminal. */
  constructor(draw: () => string[]) {
    this.ended = this.#end.signal;
    this.#draw = draw;
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  open(): void {
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#onEnd);
    process.on("SIGCONT", this.#onContinue);
    process.on("exit", this.#onExit);
    process.stdout.on("resize", this.#onResize);
    if (process.stdin.isTTY) process.stdin.on("data", this.#onKeys);
    this.#enter();
  }

  /** Draws all of it, without flicker. */
  refresh(): void {
    if (!this.#isOpen) return;
    const lines = this.#draw().map((line) => `${line}\x1b[K`);
    this.#write(`\x1b[H${lines.join("\r\n")}\x1b[J`);
  }

  close(): void {
    this.#leave();
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onEnd);
    process.off("SIGCONT", this.#onContinue);
    process.off("exit", this.#onExit);
    process.stdout.off("resize", this.#onResize);
    process.stdin.off("data", this.#onKeys);
    process.stdin.pause();
  }

  #enter(): void {
    this.#isOpen = true;
    if (process.stdin.isTTY) process.stdin.setRawMode(true);
    this.#write(ENTER);
    this.refresh();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#write(LEAVE);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  }

  readonly #onEnd = () => this.#end.abort();
  readonly #onExit = () => this.#leave();
  readonly #onResize = () => {
    if (this.#isOpen) this.#write("\x1b[2J");
    this.refresh();
  };
  readonly #onContinue = () => {
    if (!this.#isOpen) this.#enter();
  };
  readonly #onKeys = (bytes: Buffer) => {
    for (const key of bytes.toString("latin1")) {
      if (key === "q" || key === "Q" || key === CTRL_C) this.#end.abort();
      if (key !== CTRL_Z) continue;
      this.#leave();
      process.kill(process.pid, "SIGSTOP");
    }
  };

  #write(text: string): void {
    try {
      writeOutput(text);
    } catch {
      this.#end.abort(); // the terminal is gone
    }
  }
}
