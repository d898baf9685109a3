import type { LineMemory } from "../lines/line-memory.ts";

const NEWLINE = 0x0a;

/** Finds many lines at once in a chunk of a stream. */
export interface LineSearch {
  /** The index behind the line end of this number at or after `from`, the first being 1; undefined if there are fewer. */
  end(chunk: Uint8Array, from: number, number: number): number | undefined;
  /** How many line ends there are. */
  count(chunk: Uint8Array): number;
}

/** One line after the other, in whatever memory. */
export const plainSearch: LineSearch = {
  end(chunk, from, number) {
    let at = from;
    for (let left = number; left > 0; left--) {
      const found = chunk.indexOf(NEWLINE, at);
      if (found < 0) return undefined;
      at = found + 1;
    }
    return at;
  },
  count(chunk) {
    let count = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
    return count;
  },
};

/** In chunks that lie in the memory of the vector core. */
export function vectorSearch(memory: LineMemory): LineSearch {
  return {
    end({ byteOffset, length }, from, number) {
      const found = memory.lineEnd(byteOffset + from, byteOffset + length, number);
      return found === undefined ? undefined : found - byteOffset;
    },
    count({ byteOffset, length }) {
      return memory.countLines(byteOffset, byteOffset + length);
    },
  };
}
