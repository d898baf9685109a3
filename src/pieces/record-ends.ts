/** How a record ends: with a newline, or, in the laboratory's format, with a line that is only `}`. */
export type RecordEnd = "line" | "script";

const NEWLINE = 0x0a;
const CLOSING_BRACE = 0x7d;

/** Finds the ends of records in a stream that arrives in chunks. */
export interface RecordEnds {
  /**
   * The index after the first record end at or after `from`, or -1 if the chunk has no more. After -1 the next chunk
   * of the stream has to follow; until then `from` has to be the last index returned.
   */
  next(chunk: Uint8Array, from: number): number;
}

export function recordEnds(kind: RecordEnd): RecordEnds {
  return kind === "line" ? new LineEnds() : new ScriptEnds();
}

class LineEnds implements RecordEnds {
  next(chunk: Uint8Array, from: number): number {
    return chunk.indexOf(NEWLINE, from) + 1 || -1;
  }
}

class ScriptEnds implements RecordEnds {
  /** Bytes of the current line that came with earlier chunks, and the last of them. */
  #carriedBytes = 0;
  #carriedLast = 0;

  next(chunk: Uint8Array, from: number): number {
    let lineStart = from;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, lineStart);
      if (newline < 0) break;
      const lineBytes = this.#carriedBytes + newline - lineStart;
      const last = newline > lineStart ? chunk[newline - 1] : this.#carriedLast;
      this.#carriedBytes = 0;
      lineStart = newline + 1;
      if (lineBytes === 1 && last === CLOSING_BRACE) return lineStart;
    }
    if (lineStart < chunk.length) {
      this.#carriedBytes += chunk.length - lineStart;
      this.#carriedLast = chunk[chunk.length - 1]!;
    }
    return -1;
  }
}
