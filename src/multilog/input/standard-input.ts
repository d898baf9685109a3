import { fstatSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { errnoName } from "../../system/errno.ts";
import { isNonBlocking, type Poll, pollOf, readableBytes, releaseProgramCode } from "../../system/libc.ts";
import { LinesAhead, type LinesWanted } from "./lines-ahead.ts";

/**
 * Standard input as a program has to read it that must neither miss a signal nor lose input to one. Reads are
 * synchronous, so no byte is ever taken from the pipe without being handed over; the waiting, which signals interrupt,
 * is a `poll(2)` of standard input together with the descriptor on which the runtime's event loop itself waits.
 */
export interface StandardInput {
  /**
   * Waits until there is input, the end of it, or a signal; the handlers of the signal have run when this returns.
   * While the beginning of a line is in a pipe, of which `bytesToRead()` wanted to see more, it waits for more.
   *
   * @returns true if `read()` will not wait
   */
  isReady(): Promise<boolean>;
  /** How many bytes `read()` will give, if so many are asked for; undefined where that cannot be known. */
  readableBytes(): number | undefined;
  /**
   * How many bytes to read at once: from a pipe, so many that they end with a line. 0 if there is only the beginning of
   * one, which had better stay in the pipe; undefined where it cannot be known how many `read()` will give.
   */
  bytesToRead(wanted: LinesWanted): number | undefined;
  /** How much of a pipe `bytesToRead()` has seen; undefined where it does not look at it. */
  readonly seenBytes: number | undefined;
  /** How long the beginning of a line is that `bytesToRead()` has seen behind what was read. */
  readonly begunBytes: number;
  /**
   * Reads up to `length` bytes.
   *
   * @returns the number of bytes, 0 at the end; undefined if there is nothing to read after all
   */
  read(target: Buffer, from: number, length: number): number | undefined;
}

const STDIN = 0;
const O_CLOEXEC = 0o2000000;
const INPUT = 1;
/** So many reads from the start the reading loop is still being compiled. */
const FIRST_READS = 1024;
/** When nothing has come for so long, memory is given back as well. */
const QUIET_MS = 1000;
/** Only if the event loop cannot be found: how long a signal may go unnoticed that came just before the wait. */
const BLIND_WAIT_MS = 500;

class PolledInput implements StandardInput {
  readonly #endsWhenEmpty: boolean;
  readonly #poll: Poll;
  readonly #waitMs: number;
  #reads = 0;
  #hasMemoryToRelease = true;
  #lines: LinesAhead | undefined;
  readonly #pollMore: Poll | undefined;
  #quietSinceMs = 0;

  constructor(endsWhenEmpty: boolean) {
    const eventLoop = findEventLoop();
    this.#endsWhenEmpty = endsWhenEmpty;
    this.#poll = pollOf(eventLoop === undefined ? [STDIN] : [STDIN, eventLoop]);
    this.#waitMs = eventLoop === undefined ? BLIND_WAIT_MS : -1;
    this.#lines = linesAhead();
    if (this.#lines)
      this.#pollMore = pollOf(
        eventLoop === undefined ? [this.#lines.growth] : [this.#lines.growth, eventLoop],
      );
    releaseProgramCode();
  }

  async isReady(): Promise<boolean> {
    if (this.#lines?.isWaiting) return this.#awaitMore(this.#lines);
    let ready = this.#poll(0);
    if (ready === INPUT) return true;
    // Asked each time, because the flag belongs to everyone who has the same file open.
    const isEnd = ready === 0 && this.#endsWhenEmpty && isNonBlocking(STDIN);
    if (ready === 0 && !isEnd) ready = this.#wait();
    if (ready !== INPUT) await runHandlers();
    return isEnd || (ready & INPUT) !== 0;
  }

  #wait(): number {
    if (!this.#hasMemoryToRelease) return this.#poll(this.#waitMs);
    const ready = this.#poll(QUIET_MS);
    if (ready !== 0) return ready;
    releaseMemory();
    this.#hasMemoryToRelease = false;
    // Whatever else ran before the wait would want its memory again.
    return this.#poll(this.#waitMs);
  }

  /** It is ready to be read in any case. */
  async #awaitMore({ pauseMs }: LinesAhead): Promise<true> {
    const ready = this.#pollMore!(pauseMs);
    if (ready & ~INPUT) await runHandlers();
    this.#releaseWhenQuiet();
    return true;
  }

  #releaseWhenQuiet(): void {
    if (!this.#hasMemoryToRelease) return;
    if (this.#quietSinceMs === 0) this.#quietSinceMs = performance.now();
    if (performance.now() - this.#quietSinceMs < QUIET_MS) return;
    releaseMemory();
    this.#hasMemoryToRelease = false;
  }

  bytesToRead(wanted: LinesWanted): number | undefined {
    const lines = this.#lines;
    if (lines) {
      try {
        const longBytes = this.#endsWhenEmpty && isNonBlocking(STDIN) ? 0 : wanted.longBytes;
        const count = lines.look({ ...wanted, longBytes });
        if (count > 0 || lines.isWaiting) return count;
        // the end, or nothing after all
      } catch {
        // Not allowed here: it is read like any other input.
        lines.close();
        this.#lines = undefined;
      }
    }
    const readable = this.readableBytes();
    return readable === undefined ? undefined : Math.min(wanted.limitBytes, readable);
  }

  get seenBytes(): number | undefined {
    return this.#lines?.seenBytes;
  }

  get begunBytes(): number {
    return this.#lines?.begunBytes ?? 0;
  }

  readableBytes(): number | undefined {
    return readableBytes(STDIN);
  }

  read(target: Buffer, from: number, length: number): number | undefined {
    if (isTimeToRelease(++this.#reads)) releaseMemory();
    this.#hasMemoryToRelease = true;
    this.#quietSinceMs = 0;
    this.#lines?.advance(length);
    try {
      return readSync(STDIN, target, from, length, null);
    } catch (error) {
      const name = errnoName(error);
      if (name === "EINTR" || (name === "EAGAIN" && !this.#endsWhenEmpty)) return undefined;
      throw error;
    }
  }
}

/**
 * @param endsWhenEmpty Reading an empty non-blocking standard input fails, as it does for daemontools, instead of
 *   waiting for input.
 */
export function openStandardInput(endsWhenEmpty: boolean): StandardInput {
  return new PolledInput(endsWhenEmpty);
}

function linesAhead(): LinesAhead | undefined {
  try {
    return fstatSync(STDIN).isFIFO() ? new LinesAhead(STDIN) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the program near 50 MB while much is read. It takes as long as dozens of reads do. */
function releaseMemory(): void {
  Bun.gc(true);
  releaseProgramCode();
}

function runHandlers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The epoll descriptor of the runtime: it becomes ready when a signal handler waits to be run. */
function findEventLoop(): number | undefined {
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      const isPoll = readlinkSync(`/proc/self/fd/${name}`) === "anon_inode:[eventpoll]";
      if (isPoll && isClosedOnExec(name)) return Number(name);
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return undefined;
}

/** While the reading loop is compiled, which takes memory, more often. */
function isTimeToRelease(reads: number): boolean {
  return reads % (reads < FIRST_READS ? 256 : 4096) === 0;
}

/** True for what this process has opened: a descriptor that it was started with has no such flag. */
function isClosedOnExec(fd: string): boolean {
  const [, flags] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")) ?? [];
  return (Number.parseInt(flags ?? "0", 8) & O_CLOEXEC) !== 0;
}
