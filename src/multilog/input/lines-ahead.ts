import { closeSync } from "node:fs";
import { pollOf, readableBytes } from "../../system/libc.ts";
import { PipeAhead } from "./pipe-ahead.ts";
import { awaitShortly, forgetGrowth, watchGrowth, yieldProcessor } from "./pipe-calls.ts";

/** How long the beginning of a long line has to stay as it is before it may be read without its end. */
const MOMENT_MS = 100;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 100;
/** So often others are let run before the first rest; all rests together last five milliseconds. */
const YIELDS = 8;
const RESTS = 25;
const REST_US = 200;

/** What is to be read at once. */
export interface LinesWanted {
  /** No more than so many bytes; if they are all of one line, more, by `stepBytes` each time. */
  readonly limitBytes: number;
  readonly stepBytes: number;
  /** A beginning of a line that is as long need not wait for its end for ever; 0: none has to. */
  readonly longBytes: number;
}

/** Finds out how much of a pipe can be read so that what is read ends with a line, and what to wait for if nothing can. */
export class LinesAhead {
  /** So many bytes of a line without its end have been seen in the pipe, behind what was read, and left there. */
  begunBytes = 0;
  /** Nothing else was there at the last look. */
  isWaiting = false;
  /** Becomes ready to read when it may be worth looking again. */
  readonly growth: number;
  /** After so long it is worth looking again in any case: a writer that waits for room may go on and tell nobody. */
  pauseMs = FIRST_PAUSE_MS;
  readonly #fd: number;
  readonly #ahead: PipeAhead;
  readonly #hasEnded: () => boolean;
  #seenAtMs = 0;
  /** What the last look has found to be read, and what is left of what it has seen. */
  #foundBytes = 0;
  #leftBytes = 0;

  /** @throws the system's error, if it is no pipe or may not be looked at */
  constructor(fd: number) {
    this.#fd = fd;
    this.#ahead = new PipeAhead(fd);
    try {
      this.growth = watchGrowth(fd);
    } catch (error) {
      this.#ahead.close();
      throw error;
    }
    const end = pollOf([fd], "end");
    this.#hasEnded = () => end(0) !== 0;
  }

  close(): void {
    this.#ahead.close();
    closeSync(this.growth);
  }

  /** How much the last look has seen. */
  get seenBytes(): number {
    return this.#ahead.seenBytes;
  }

  /**
   * @returns how many bytes to read; 0 if there is only the beginning of a line, or nothing at all
   * @throws the system's error; then this is of no more use
   */
  look({ limitBytes, stepBytes, longBytes }: LinesWanted): number {
    if (this.isWaiting && this.#isUnchanged(longBytes)) return 0;
    const hadLittleRoom = this.#ahead.seenBytes > this.#ahead.sizeBytes / 2;
    let lineBytes = this.#ahead.findLineEnd(limitBytes, stepBytes);
    if (lineBytes === 0 && longBytes > 0 && hadLittleRoom && !this.#ahead.isFull && this.#growsSoon())
      lineBytes = this.#ahead.findLineEnd(limitBytes, stepBytes);
    const { seenBytes, isFull } = this.#ahead;
    const isPart = lineBytes === 0 && seenBytes > 0;
    const hasToWait =
      isPart && longBytes > 0 && !isFull && !this.#hasEnded() && !this.#isLongThere(longBytes);
    if (hasToWait) this.#wait(seenBytes);
    this.isWaiting = hasToWait;
    this.#leftBytes = isPart ? 0 : seenBytes - lineBytes;
    this.#foundBytes = isPart && !hasToWait ? Math.min(seenBytes, limitBytes) : lineBytes;
    return this.#foundBytes;
  }

  /** So much is being read now. */
  advance(bytes: number): void {
    this.begunBytes = bytes === this.#foundBytes ? this.#leftBytes : 0;
    this.#leftBytes = 0;
    this.isWaiting = false;
  }

  /** A writer that had to wait for room goes on soon, and tells nobody. */
  #growsSoon(): boolean {
    const isGrown = () => readableBytes(this.#fd) !== this.#ahead.seenBytes;
    for (let count = 0; count < YIELDS; count++) {
      yieldProcessor();
      if (isGrown()) return true;
    }
    for (let count = 0; count < RESTS; count++) {
      forgetGrowth(this.growth);
      if (isGrown()) return true;
      awaitShortly(this.growth, count < 2 ? REST_US / 4 : REST_US);
    }
    return false;
  }

  /** A line without its end is still as it was, and has to wait. */
  #isUnchanged(longBytes: number): boolean {
    forgetGrowth(this.growth);
    if (readableBytes(this.#fd) !== this.begunBytes || this.#hasEnded() || this.#isLongThere(longBytes))
      return false;
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
    return true;
  }

  #isLongThere(longBytes: number): boolean {
    return this.isWaiting && this.begunBytes >= longBytes && performance.now() - this.#seenAtMs >= MOMENT_MS;
  }

  #wait(begunBytes: number): void {
    if (!this.isWaiting || begunBytes !== this.begunBytes) {
      this.#seenAtMs = performance.now();
      this.pauseMs = FIRST_PAUSE_MS;
    }
    this.begunBytes = begunBytes;
  }
}
