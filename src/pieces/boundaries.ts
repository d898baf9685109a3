import { type LineSearch, plainSearch } from "./line-search.ts";
import { type RecordEnd, recordEnds } from "./record-ends.ts";

const NEWLINE = 0x0a;

/** When a piece ends; the first limit that is reached counts. */
export interface SplitLimits {
  /** No piece is larger unless one record alone is. */
  readonly bytes?: number;
  readonly records?: number;
  readonly recordEnd: RecordEnd;
  /** Nobody asks how many records a piece has: then fewer of them have to be looked for. */
  readonly isUncounted?: boolean;
  /** How many lines are found, in the memory that the chunks are in; by default in any. */
  readonly lineSearch?: LineSearch;
  /** An unfinished record that is longer begins a piece, though it may still fit into the one before. */
  readonly openBytes?: number;
}

/** The end of a piece. */
export interface Boundary {
  /** Bytes from the start of the stream. */
  readonly end: number;
  /** At least 1 if they are not counted. */
  readonly records: number;
}

/**
 * Says where a stream has to be cut into pieces of whole records: as GNU `split -C SIZE` and `split -l N` do, except
 * that a record larger than SIZE is not cut but becomes a piece of its own.
 */
export class PieceBoundaries {
  /** Up to here, from the start of the stream, only whole records have been seen. */
  complete = 0;
  /** Up to here the stream has been seen. */
  seen = 0;
  readonly #openBytes: number;
  readonly #ends;
  readonly #maxBytes: number;
  readonly #maxRecords: number;
  /** What ends a piece can be found without a look at each line. */
  readonly #leap: ((chunk: Uint8Array) => Boundary[]) | undefined;
  readonly #search: LineSearch;
  #start = 0;
  #records = 0;

  constructor(limits: SplitLimits) {
    this.#ends = recordEnds(limits.recordEnd);
    this.#maxBytes = limits.bytes ?? Number.POSITIVE_INFINITY;
    this.#openBytes = limits.openBytes ?? Number.POSITIVE_INFINITY;
    this.#maxRecords = limits.records ?? Number.POSITIVE_INFINITY;
    this.#search = limits.lineSearch ?? plainSearch;
    if (limits.isUncounted !== true || limits.recordEnd !== "line") return;
    if (limits.records === undefined) this.#leap = this.#leapBytes;
    else if (limits.bytes === undefined) this.#leap = this.#leapLines;
  }

  /**
   * Takes the next chunk of the stream and returns the pieces that are known to end by now, which may lie before the
   * chunk. Afterwards what is left without a boundary is at most `bytes` long, or it is one unfinished record.
   */
  add(chunk: Uint8Array): Boundary[] {
    const base = this.seen;
    if (this.#leap) return this.#leap(chunk);
    const found: Boundary[] = [];
    for (let at = this.#ends.next(chunk, 0); at >= 0; at = this.#ends.next(chunk, at)) {
      const end = base + at;
      if (end - this.#start > this.#maxBytes && this.#records > 0) found.push(this.#cut());
      this.complete = end;
      this.#records++;
      if (this.#records === this.#maxRecords || end - this.#start > this.#maxBytes) found.push(this.#cut());
    }
    this.seen = base + chunk.length;
    return [...found, ...this.#cutBeforeLong()];
  }

  /**
   * Up to here, from the start of the stream, all belongs to the pieces that have ended and the one in the making; only
   * what may still be too much for that lies behind: no more than `bytes` or `openBytes`.
   */
  get settled(): number {
    const isSure = this.#records === 0 || this.#maxBytes === Number.POSITIVE_INFINITY;
    return isSure ? this.seen : this.complete;
  }

  /** An unfinished record that does not fit into the piece begins the next one. */
  #cutBeforeLong(): Boundary[] {
    const isTooLong = this.seen - this.#start > this.#maxBytes;
    const isOpenTooLong = this.settled < this.seen && this.seen - this.complete > this.#openBytes;
    return this.#records > 0 && (isTooLong || isOpenTooLong) ? [this.#cut()] : [];
  }

  /** Only the last line end that a piece has room for counts. */
  #leapBytes(chunk: Uint8Array): Boundary[] {
    const base = this.seen;
    const found: Boundary[] = [];
    for (let at = 0; ; ) {
      const room = Math.min(chunk.length, this.#start + this.#maxBytes - base);
      const fitting = room > at ? chunk.subarray(at, room).lastIndexOf(NEWLINE) : -1;
      if (fitting >= 0) {
        at += fitting + 1;
        this.complete = base + at;
        this.#records = 1;
      }
      if (room === chunk.length) break;
      if (this.#records === 0) {
        const end = chunk.indexOf(NEWLINE, Math.max(at, room)) + 1;
        if (end === 0) break;
        at = end;
        this.complete = base + at;
        this.#records = 1;
      }
      found.push(this.#cut());
    }
    this.seen = base + chunk.length;
    return [...found, ...this.#cutBeforeLong()];
  }

  #leapLines(chunk: Uint8Array): Boundary[] {
    const base = this.seen;
    const found: Boundary[] = [];
    let left = this.#search.count(chunk);
    for (let at = 0; this.#records + left >= this.#maxRecords; ) {
      left -= this.#maxRecords - this.#records;
      at = this.#search.end(chunk, at, this.#maxRecords - this.#records)!;
      this.complete = base + at;
      this.#records = this.#maxRecords;
      found.push(this.#cut());
    }
    this.#records += left;
    this.complete = Math.max(this.complete, base + chunk.lastIndexOf(NEWLINE) + 1);
    this.seen = base + chunk.length;
    return [...found, ...this.#cutBeforeLong()];
  }

  /** Ends the stream: a last record without its end is a record; undefined if nothing is left. */
  finish(): Boundary | undefined {
    if (this.seen === this.#start) return undefined;
    if (this.seen > this.complete) {
      this.complete = this.seen;
      this.#records++;
    }
    return this.#cut();
  }

  #cut(): Boundary {
    const boundary = { end: this.complete, records: this.#records };
    this.#start = this.complete;
    this.#records = 0;
    return boundary;
  }
}
