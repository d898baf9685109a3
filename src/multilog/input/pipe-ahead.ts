import { closeSync, openSync, readSync } from "node:fs";
import { type Poll, pollOf } from "../../system/libc.ts";
import { closePipe, discard, openPipeLike, type Pipe, tee } from "./pipe-calls.ts";

const NEWLINE = 0x0a;
/** So much is copied to find a line end. */
const GLANCE_BYTES = 4096;
/** No pipe holds as much. */
const ALL_BYTES = 2 ** 31 - 1;

/** Looks at what is in a pipe without taking it: by references to it in a pipe of our own, most of which are never read. */
export class PipeAhead {
  /** How much the last look has seen: as much as was asked for, or all of it if no line end is there. */
  seenBytes = 0;
  /** Whether no more goes into the pipe; to be asked after a look that has found no line end. */
  isFull = false;
  readonly #fd: number;
  readonly #own: Pipe;
  readonly #hasRoom: Poll;
  readonly #nowhere: number;
  readonly #glance = Buffer.alloc(GLANCE_BYTES);

  /** @throws the system's error, if it is no pipe or may not be looked at */
  constructor(fd: number) {
    this.#fd = fd;
    this.#own = openPipeLike(fd);
    this.#hasRoom = pollOf([this.#own.writing], "room");
    try {
      this.#nowhere = openSync("/dev/null", "w");
    } catch (error) {
      closePipe(this.#own);
      throw error;
    }
  }

  /** So many bytes the pipe can hold. */
  get sizeBytes(): number {
    return this.#own.sizeBytes;
  }

  close(): void {
    closePipe(this.#own);
    closeSync(this.#nowhere);
  }

  /**
   * Finds the last line end among the first bytes.
   *
   * @param limit So many bytes; if they are all of one line, more, by `step` each time.
   * @returns how many bytes there are up to it and with it; 0 if no line end is there
   * @throws the system's error; then this is of no more use
   */
  findLineEnd(limit: number, step: number): number {
    const count = tee(this.#fd, this.#own.writing, limit);
    this.seenBytes = count;
    if (count === 0) return 0;
    const from = Math.max(0, count - GLANCE_BYTES);
    discard(this.#own.reading, this.#nowhere, from);
    const newline = this.#glanceAt(count - from).lastIndexOf(NEWLINE);
    return newline === -1 ? this.#searchAll(limit, step) : from + newline + 1;
  }

  #searchAll(limit: number, step: number): number {
    const count = tee(this.#fd, this.#own.writing, ALL_BYTES);
    this.isFull = this.#hasRoom(0) === 0;
    let wanted = limit;
    let end = 0;
    for (let at = 0; at < count; at += GLANCE_BYTES) {
      const part = this.#glanceAt(Math.min(GLANCE_BYTES, count - at));
      const first = part.indexOf(NEWLINE);
      if (first === -1) continue;
      if (end === 0 && at + first >= wanted) wanted += Math.ceil((at + first + 1 - wanted) / step) * step;
      const last = part.subarray(0, Math.max(0, wanted - at)).lastIndexOf(NEWLINE);
      if (last !== -1) end = at + last + 1;
    }
    this.seenBytes = end === 0 ? count : Math.min(count, wanted);
    return end;
  }

  #glanceAt(length: number): Buffer {
    for (let filled = 0; filled < length; )
      filled += readSync(this.#own.reading, this.#glance, filled, length - filled, null);
    return this.#glance.subarray(0, length);
  }
}
