import { writeSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { type Poll, pollOf } from "./libc.ts";

/** A pipe with room takes so much without waiting: PIPE_BUF of Linux. */
const CHUNK_BYTES = 4096;
const LARGEST_QUEUE_BYTES = 1024 * 1024;
const LOOK_AGAIN_MS = 20;

/** True if a descriptor takes a line within the time; it may be a pipe that nobody reads. */
export function hasRoom(fd: number, timeoutMs: number): boolean {
  return pollOf([fd], "room")(timeoutMs) !== 0;
}

/**
 * Writes lines to a descriptor as far as somebody reads them, and never makes their writer wait: up to 1 MiB of them
 * waits for the reader.
 */
export class Outlet {
  readonly #fd: number;
  readonly #poll: Poll;
  readonly #beside: (write: () => void) => void;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #failure: unknown;
  /** Lines that waited when the writing ended. */
  #lost = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onEmpty = () => {};

  /** @param beside Called with what writes some of the lines, to do something to the terminal before and after that. */
  constructor(fd: number, beside: (write: () => void) => void = (write) => write()) {
    this.#fd = fd;
    this.#beside = beside;
    this.#poll = pollOf([fd], "room");
  }

  /** The system's error that ended the writing, if there was one. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @returns false if the line is left out, because too much waits for the reader already, or the writing has ended */
  write(line: string): boolean {
    if (this.#failure !== undefined) return false;
    const bytes = Buffer.from(line);
    if (this.#queuedBytes + bytes.length > LARGEST_QUEUE_BYTES) return false;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#timer === undefined) this.#flush();
    return true;
  }

  /**
   * Waits until everything is written, or the signal gives up what nobody reads.
   *
   * @returns how many lines were given up, also when the writing ended
   */
  async drain(abort: AbortSignal): Promise<number> {
    if (this.#timer === undefined) return this.#lost;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    abort.addEventListener("abort", () => resolve());
    if (!abort.aborted) await promise;
    clearTimeout(this.#timer);
    return this.#lost + this.#queue.length;
  }

  #flush(): void {
    this.#timer = undefined;
    try {
      if (this.#poll(0) !== 0) this.#beside(() => this.#writeWhileRead());
    } catch (error) {
      if (errnoName(error) !== "EAGAIN") this.#fail(error);
    }
    if (this.#queue.length === 0) this.#onEmpty();
    else this.#timer = setTimeout(() => this.#flush(), LOOK_AGAIN_MS);
  }

  #writeWhileRead(): void {
    do this.#writeSome(this.#queue[0]!);
    while (this.#queue.length > 0 && this.#poll(0) !== 0);
  }

  #writeSome(line: Buffer): void {
    const written = writeSync(this.#fd, line, 0, Math.min(line.length, CHUNK_BYTES));
    this.#queuedBytes -= written;
    if (written === line.length) this.#queue.shift();
    else this.#queue[0] = line.subarray(written);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#lost = this.#queue.length;
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}
