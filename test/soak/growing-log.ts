/** A log that a server writes: steadily, rotated by renaming, and the oldest files go. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

const LINES_PER_SECOND = 200;
const LINE = `${"x".repeat(149)}\n`;
const PAUSE_MS = 100;
/** A host that slept is not flooded with what it has missed. */
const LONGEST_GAP_MS = 10_000;
const KEPT = 3;

export class GrowingLog {
  readonly path: string;
  /** In all its files, those that are gone too. */
  writtenBytes = 0;
  #fd: number;
  #writtenAt = performance.now();
  readonly #timer = setInterval(() => this.#write(), PAUSE_MS);

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "a");
  }

  rotate(): void {
    rmSync(`${this.path}.${KEPT}`, { force: true });
    for (let index = KEPT - 1; index >= 0; index--) {
      const from = index === 0 ? this.path : `${this.path}.${index}`;
      try {
        renameSync(from, `${this.path}.${index + 1}`);
      } catch {
        // Not so many yet.
      }
    }
    closeSync(this.#fd);
    this.#fd = openSync(this.path, "a");
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
  }

  #write(): void {
    const now = performance.now();
    this.#writtenAt = Math.max(this.#writtenAt, now - LONGEST_GAP_MS);
    const lines = Math.floor(((now - this.#writtenAt) / 1000) * LINES_PER_SECOND);
    this.#writtenAt += (lines / LINES_PER_SECOND) * 1000;
    if (lines > 0) this.writtenBytes += writeSync(this.#fd, LINE.repeat(lines));
  }
}
