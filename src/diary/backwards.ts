import { readAt } from "../follow/content.ts";
import type { LogFile } from "../follow/log-files.ts";
import { beginsWithLabel, MAX_LINE_BYTES } from "./line-joiner.ts";

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/** A file of a log in which to go back from `end`. */
export interface Backlog {
  readonly file: LogFile;
  readonly end: number;
  /** The writer died while it wrote this file: a last line without newline ends here. */
  readonly wasCrash: boolean;
}

export interface Line {
  /** Without its newline. */
  readonly bytes: Uint8Array;
  /** The writer has not written its newline yet; only the last line can be so. */
  readonly isPartial: boolean;
}

/**
 * The lines of consecutive files, last line first, as far as they are asked for: it reads from the end in blocks.
 * A line that goes on in the next file is joined as `LineJoiner` does it.
 *
 * @param backlogs Newest first; each is opened only when it is reached.
 */
export function* linesBackwards(backlogs: Iterable<Backlog>): Generator<Line> {
  /** The end of the line being put together, in pieces, first piece last. */
  let pieces: Uint8Array[] = [];
  let byteCount = 0;
  let hasNewer = false;
  let isPartial = false;
  const takeLine = () => {
    const line = { bytes: joinReversed(pieces), isPartial };
    pieces = [];
    byteCount = 0;
    isPartial = false;
    return line;
  };
  for (const { file, end, wasCrash } of backlogs) {
    let position = end;
    while (position > 0) {
      const block = readBlock(file, position);
      if (block.length === 0) break;
      let rest = block;
      if (position === end) {
        const endsLine = rest[rest.length - 1] === NEWLINE;
        if (!hasNewer) isPartial = !endsLine && !wasCrash;
        else if (endsLine || wasCrash || beginsWithLabel(joinReversed(pieces))) yield takeLine();
        if (endsLine) rest = rest.subarray(0, -1);
        hasNewer = true;
      }
      for (;;) {
        const newline = rest.lastIndexOf(NEWLINE);
        pieces.push(rest.subarray(newline + 1));
        byteCount += rest.length - newline - 1;
        if (newline < 0) break;
        yield takeLine();
        rest = rest.subarray(0, newline);
      }
      position -= block.length;
      if (byteCount >= MAX_LINE_BYTES && position > 0) yield takeLine();
    }
  }
  if (hasNewer) yield takeLine();
}

function joinReversed(pieces: Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat([...pieces].reverse());
}

function readBlock(file: LogFile, end: number): Uint8Array {
  const start = Math.max(0, end - BLOCK_BYTES);
  const block = new Uint8Array(end - start);
  let length = 0;
  while (length < block.length) {
    const count = readAt(file, block.subarray(length), start + length);
    if (count === 0) break;
    length += count;
  }
  return block.subarray(0, length);
}
