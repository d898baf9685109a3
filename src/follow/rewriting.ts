import { fstatSync } from "node:fs";
import type { LogFile } from "./log-files.ts";

/** A write changes first the time of a file and then its size; so long after it, it has not changed the size. */
const WRITTEN_MS = 50;

/**
 * Notices that a log was emptied and written anew with the same bytes (`echo done >job.log`): all that tells is the time of
 * the last write. touch(1) looks alike.
 */
export class Rewriting {
  #log: LogFile | undefined;
  #size = 0;
  #modifiedMs = 0;
  #isPending = false;

  /** True while the next look may tell. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Looks at a log that is read from now on. @param log Open. */
  note(log: LogFile): void {
    const { size, mtimeMs } = fstatSync(log.fd);
    this.#isPending &&= this.#log === log;
    this.#log = log;
    this.#size = size;
    this.#modifiedMs = mtimeMs;
  }

  /** @param log Open, with what was seen of it still in it. */
  isSeen(log: LogFile): boolean {
    const { size, mtimeMs, ctimeMs } = fstatSync(log.fd);
    const isSameSize = this.#log === log && this.#size === size && size > 0;
    const isWritten = isSameSize && mtimeMs > this.#modifiedMs && ctimeMs === mtimeMs;
    const isConfirmed = isSameSize && this.#isPending && (isWritten || Date.now() - mtimeMs >= WRITTEN_MS);
    this.#isPending = !isConfirmed && isSameSize && (isWritten || this.#isPending);
    this.#log = log;
    this.#size = size;
    this.#modifiedMs = mtimeMs;
    return isConfirmed;
  }
}
