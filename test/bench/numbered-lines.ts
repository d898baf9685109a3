/**
 * Lines that say which they are and how long they have to be, for finding out what became of each.
 *
 * `bun test/bench/numbered-lines.ts MAX_BYTES MB_PER_SECOND STOP_FILE` writes them to standard output, as fast as they
 * are taken where the rate is 0, until the file is there; then it tells on standard error how many they were.
 */
import { existsSync, writeSync } from "node:fs";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const FILL = 0x78;
const CHUNK_BYTES = 32 * 1024;

/** With its newline; at least the number, a space and the newline. */
export function lineBytes(number: number, maxBytes: number): number {
  const mixed = Math.imul(number ^ (number >>> 13), 0x9e3779b1) >>> 0;
  return Math.max(14, mixed % (maxBytes + 1));
}

/** Writes one line. @returns where it ends */
function writeLine(into: Buffer, at: number, number: number, maxBytes: number): number {
  const end = at + lineBytes(number, maxBytes);
  let place = at + into.write(String(number), at, "latin1");
  into[place++] = SPACE;
  into.fill(FILL, place, end - 1);
  into[end - 1] = NEWLINE;
  return end;
}

async function produce(maxBytes: number, bytesPerSecond: number, stopFile: string): Promise<void> {
  const chunk = Buffer.alloc(CHUNK_BYTES + maxBytes);
  const startedAt = performance.now();
  let count = 0;
  for (let written = 0; !existsSync(stopFile); ) {
    let filled = 0;
    while (filled < CHUNK_BYTES) filled = writeLine(chunk, filled, count++, maxBytes);
    for (let at = 0; at < filled; ) at += writeSync(1, chunk, at, filled - at);
    written += filled;
    const aheadMs =
      bytesPerSecond > 0 ? (written / bytesPerSecond) * 1000 - (performance.now() - startedAt) : 0;
    if (aheadMs > 1) await Bun.sleep(aheadMs);
  }
  writeSync(2, String(count));
}

/** What a log directory holds of the lines. */
export class Account {
  /** Lines that are not as they were written. */
  torn = 0;
  /** Beginnings of lines at the end of a file, where another line follows in the next. */
  fragments = 0;
  readonly #maxBytes: number;
  #seen = new Uint8Array(1 << 20);
  #partial = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts what is in the next file. A line may go on from one file to the next. */
  take(file: Buffer): void {
    let start = 0;
    for (let end = file.indexOf(NEWLINE); end >= 0; end = file.indexOf(NEWLINE, start)) {
      this.#takeLine(file.subarray(start, end + 1));
      start = end + 1;
    }
    this.#partial = Buffer.concat([this.#partial, file.subarray(start)]);
  }

  #takeLine(rest: Buffer): void {
    const hasPartial = this.#partial.length > 0;
    const line = hasPartial ? Buffer.concat([this.#partial, rest]) : rest;
    this.#partial = Buffer.alloc(0);
    if (this.#count(line)) return;
    // The part before may be all that a kill has left in the file, of a line that is whole elsewhere.
    if (hasPartial && this.#count(rest)) this.fragments++;
    else this.torn++;
  }

  #count(line: Buffer): boolean {
    const start = line[0] === 0x40 ? 26 : 0;
    let number = 0;
    let at = start;
    for (let digit = line[at]! - 0x30; digit >= 0 && digit <= 9; digit = line[++at]! - 0x30)
      number = number * 10 + digit;
    if (at === start || line[at] !== SPACE || line.length - start !== lineBytes(number, this.#maxBytes))
      return false;
    if (number >= this.#seen.length) {
      const larger = new Uint8Array(Math.max(number + 1, 2 * this.#seen.length));
      larger.set(this.#seen);
      this.#seen = larger;
    }
    if (this.#seen[number]! < 255) this.#seen[number]!++;
    return true;
  }

  /** @param isDue Whether a line should be in this directory. */
  sum(lines: number, isDue: (number: number) => boolean): { lost: number; doubled: number; strange: number } {
    let [lost, doubled, strange] = [0, 0, 0];
    for (let number = 0; number < Math.max(lines, this.#seen.length); number++) {
      const seen = this.#seen[number] ?? 0;
      if (number >= lines || !isDue(number)) strange += seen;
      else if (seen === 0) lost++;
      else doubled += seen - 1;
    }
    return { lost, doubled, strange };
  }
}

if (import.meta.main) {
  const [maxBytes, megabytes, stopFile] = process.argv.slice(2);
  await produce(Number(maxBytes), Number(megabytes) * 1e6, stopFile!);
}
