import { countLineEnds } from "../lines/count-lines.ts";
import { type RecordEnd, recordEnds } from "./record-ends.ts";

const NEWLINE = 0x0a;

/** Counts the records of a stream that arrives in chunks. */
export class RecordCounter {
  readonly #recordEnd: RecordEnd;
  readonly #ends;
  #ended = 0;
  #hasRest = false;

  constructor(recordEnd: RecordEnd) {
    this.#recordEnd = recordEnd;
    this.#ends = recordEnds(recordEnd);
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#recordEnd === "line") {
      this.#ended += countLineEnds(chunk);
      this.#hasRest = chunk[chunk.length - 1] !== NEWLINE;
      return;
    }
    let from = 0;
    for (let at = this.#ends.next(chunk, 0); at >= 0; at = this.#ends.next(chunk, at)) {
      this.#ended++;
      from = at;
    }
    this.#hasRest = from < chunk.length || (from === 0 && this.#hasRest);
  }

  /** The number of records, counting a last one without its end. */
  finish(): number {
    return this.#ended + (this.#hasRest ? 1 : 0);
  }
}
