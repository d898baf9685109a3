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
  readonly #mayLookBack: boolean;
  #start = 0;
  #records = 0;

  constructor(limits: SplitLimits) {
    this.#ends = recordEnds(limits.recordEnd);
    this.#maxBytes = limits.bytes ?? Number.POSITIVE_INFINITY;
    this.#openBytes = limits.openBytes ?? Number.POSITIVE_INFINITY;
    this.#maxRecords = limits.records ?? Number.POSITIVE_INFINITY;
    this.#mayLookBack =
      limits.isUncounted === true && limits.records === undefined && limits.recordEnd === "line";
  }

  /**
   * Takes the next chunk of the stream and returns the pieces that are known to end by now, which may lie before the
   * chunk. Afterwards what is left without a boundary is at most `bytes` long, or it is one unfinished record.
   */
  add(chunk: Uint8Array): Boundary[] {
    const base = this.seen;
    if (this.#mayLookBack && base + chunk.length - this.#start <= this.#maxBytes)
      return this.#lookBack(chunk);
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

  /** All of a chunk belongs to the piece in the making: only its last record end counts. */
  #lookBack(chunk: Uint8Array): Boundary[] {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.complete = this.seen + end;
      this.#records = 1;
    }
    this.seen += chunk.length;
    return this.#cutBeforeLong();
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
