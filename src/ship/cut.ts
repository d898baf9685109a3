import { noteRead } from "../follow/content.ts";
import { countLineEnds } from "../lines/count-lines.ts";
import type { Generation } from "./generation.ts";
import { checksumOf } from "./state.ts";

/** Whole lines of a generation, in memory. */
export interface Cut {
  /** A view into a buffer that `allocate` returned. */
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly records: number;
  readonly crc32: string;
}

export interface CutLimits {
  /** No piece is larger, unless one line alone is. */
  readonly pieceBytes: number;
  /** A longer line is cut. */
  readonly lineBytes: number;
}

const NEWLINE = 0x0a;
const SEARCH_BYTES = 1024 * 1024;

/**
 * Reads as many whole lines of a generation as make a piece, from where it was cut last.
 *
 * @param isLineCut What is there of a last line without newline is taken as well.
 * @returns undefined if there is no whole line yet, or if the file was emptied meanwhile; nothing has changed then
 */
export async function cutPiece(
  generation: Generation,
  limits: CutLimits,
  allocate: (sizeBytes: number) => Uint8Array,
  release: (bytes: Uint8Array) => void,
  isLineCut: boolean,
): Promise<Cut | undefined> {
  const first = generation.cut;
  const uncut = generation.uncutBytes;
  let bytes = await readRange(generation, first, Math.min(uncut, limits.pieceBytes), allocate);
  let length = bytes.lastIndexOf(NEWLINE) + 1;
  if (length === 0) {
    length = await lengthOfLongLine(generation, bytes.length, limits, isLineCut);
    if (length > bytes.length) {
      release(bytes);
      bytes = await readRange(generation, first, length, allocate);
    }
  }
  const content = bytes.subarray(0, length);
  if (content.length === 0 || content.length < length || !generation.isIntact()) {
    release(bytes);
    return undefined;
  }
  return { bytes: content, first, records: countLines(content), crc32: checksumOf(content) };
}

/** Reads a range that was cut before. */
export function readRange(
  generation: Generation,
  first: number,
  length: number,
  allocate: (sizeBytes: number) => Uint8Array,
): Promise<Uint8Array> {
  const buffer = allocate(length).subarray(0, length);
  return generation.read(buffer, first).then((count) => buffer.subarray(0, count));
}

/** Counts a cut as taken; returns how to take that back. */
export function takeCut({ file }: Generation, { bytes }: Cut): () => void {
  const { cursor } = file;
  noteRead(file, bytes);
  return () => {
    file.cursor = cursor;
  };
}

/** The length of a first line that is longer than what was read of it; 0 if its end is not there yet. */
async function lengthOfLongLine(
  generation: Generation,
  readBytes: number,
  { lineBytes }: CutLimits,
  isLineCut: boolean,
): Promise<number> {
  const first = generation.cut;
  const end = first + Math.min(generation.uncutBytes, lineBytes);
  const buffer = new Uint8Array(SEARCH_BYTES);
  for (let at = Math.max(first + readBytes, generation.searchedTo); at < end; ) {
    const count = await generation.read(buffer.subarray(0, Math.min(SEARCH_BYTES, end - at)), at);
    if (count === 0) break;
    const newline = buffer.subarray(0, count).indexOf(NEWLINE);
    if (newline >= 0) return at + newline + 1 - first;
    at += count;
  }
  generation.searchedTo = end;
  return isLineCut || end - first === lineBytes ? end - first : 0;
}

/** Lines; a last one without newline counts. */
export function countLines(bytes: Uint8Array): number {
  const hasRest = bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE;
  return countLineEnds(bytes) + (hasRest ? 1 : 0);
}
