import { writeSync } from "node:fs";
import type { Poll } from "../system/libc.ts";
import { type Messages, withoutInfos } from "../system/message.ts";
import { processStat } from "../system/process-stat.ts";
import type { Host } from "./command.ts";
import { type Advance, ProgressText } from "./progress-text.ts";

/** What is done sooner needs no watching. */
const SHOWN_AFTER_MS = 500;
const DRAWN_EVERY_MS = 100;
const STANDARD_ERROR = 2;
/** The cursor waits at the start of the line: so all of it is erased also where a narrower terminal has broken it in two. */
const ERASE = "\r\x1b[J";
const ERASE_REST = "\x1b[J\r";
/** A line is cut where a terminal ends that has become narrower a moment ago, instead of going on in the next row. */
const WRAPPING_OFF = "\x1b[?7l";
const WRAPPING_ON = "\x1b[?7h";

/**
 * Whether there is a person who wants to see how work goes on: standard error is a terminal that can rewrite a line, and
 * they have not asked for quiet.
 */
function isWatched(isQuiet: boolean, { environment }: Host): boolean {
  return !isQuiet && process.stderr.isTTY === true && environment.TERM !== "dumb";
}

/**
 * The line at the foot of the terminal that shows how far some work is, if anybody watches. It is looked up ten times a second and costs
 * the work nothing else.
 */
export class Progress {
  readonly isQuiet: boolean;
  readonly #isWatched: boolean;
  #look: () => Advance | undefined = () => undefined;
  #name = "";
  #text: ProgressText | undefined;
  #drawn = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  #hasRoom: Poll | undefined;

  /** @param isQuiet What is no trouble is not to be told, by this line or otherwise. */
  constructor(isQuiet: boolean, host: Host) {
    this.isQuiet = isQuiet;
    this.#isWatched = isWatched(isQuiet, host);
  }

  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** @param look How far it is; undefined while there is nothing to be shown. */
  show(name: string, look: () => Advance | undefined): void {
    if (!this.#isWatched) return;
    this.#name = name;
    this.#look = look;
    this.#watchRoom();
    const shownFromMs = performance.now() + SHOWN_AFTER_MS;
    this.#draw(false);
    this.#timer = setInterval(() => this.#draw(performance.now() >= shownFromMs), DRAWN_EVERY_MS);
    this.#timer.unref();
  }

  /** Writes something else to the terminal; the line is away meanwhile. */
  beside(write: () => void): void {
    const isDrawn = this.#drawn !== "";
    if (isDrawn) this.#write(ERASE);
    write();
    if (isDrawn) this.#writeLine();
  }

  /** Messages that do not run into the line. */
  messages({ warning, info }: Messages): Messages {
    const beside = {
      warning: (text: string) => this.beside(() => warning(text)),
      info: (text: string) => this.beside(() => info(text)),
    };
    return this.isQuiet ? withoutInfos(beside) : beside;
  }

  /** The work is done; if it was watched, what has been done stays to be seen. */
  finish(): void {
    const advance = this.#drawn === "" ? undefined : this.#look();
    const text = this.#text;
    this.end();
    if (advance && text) this.#write(`${text.summary(advance, performance.now())}\n`);
  }

  /** Takes the line away for good. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#drawn !== "") this.#write(ERASE);
    this.#drawn = "";
  }

  #draw(isShown: boolean): void {
    const advance = this.#look();
    const isOurs = isShown && isInForeground();
    if (!isOurs) this.#drawn = ""; // what is to be seen there now is another's
    if (advance === undefined) {
      if (this.#drawn !== "") this.#write(ERASE);
      this.#drawn = "";
      this.#text = undefined;
      return;
    }
    this.#text ??= new ProgressText(this.#name, advance, performance.now());
    const line = this.#text.line(advance, performance.now(), (process.stderr.columns || 80) - 1);
    if (!isOurs || line === this.#drawn) return;
    this.#drawn = line;
    this.#writeLine();
  }

  #writeLine(): void {
    this.#write(`\r${WRAPPING_OFF}${this.#drawn}${WRAPPING_ON}${ERASE_REST}`);
  }

  /** Loaded only where somebody watches, and long before anything is drawn. */
  async #watchRoom(): Promise<void> {
    const { pollOf } = await import("../system/libc.ts");
    this.#hasRoom = pollOf([STANDARD_ERROR], "room");
  }

  /** A terminal that takes nothing now, or is gone, must not hold up the work. */
  #write(text: string): void {
    if (this.#hasRoom?.(0) === 0) return;
    try {
      writeSync(STANDARD_ERROR, text);
    } catch {
      // The terminal is gone.
    }
  }
}

/** False for a job that its shell has sent to the background, where the terminal belongs to the shell. */
function isInForeground(): boolean {
  const [, , group, , , groupOfTerminal] = processStat("self").fields;
  return groupOfTerminal === group || groupOfTerminal === "-1";
}
