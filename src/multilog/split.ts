/**
 * Where one file ends and the next begins, byte for byte as daemontools 0.76 does it. It reads 1024 bytes at a time,
 * hands lines to the file through a buffer of 512 bytes, empties the buffer before each read, and looks at the size of
 * the file once for each chunk that leaves the buffer. Only the reads during which the file comes near its size matter.
 */
import { LINE_BYTES } from "../lines/layout.ts";

const BUFFER_BYTES = 512;
/** A file ends at a line end that comes as close to its size. */
export const MARGIN_BYTES = 2000;
const NEWLINE = 0x0a;

/** Lines for a directory, and the places between them where daemontools would have read on. */
export interface Delivery {
  readonly bytes: Buffer;
  /** So many of these places are known; the end of the delivery is one of them whether it is or not. */
  readonly readEndCount: number;
  /** One of them, as an offset into the bytes; ascending. */
  readEnd(index: number): number;
}

/** What is known of the file that the lines go to. */
export interface FileState {
  readonly sizeBytes: number;
  readonly currentBytes: number;
  /** The last byte written was not a newline, so what follows belongs to the same line. */
  readonly isInLine: boolean;
}

/**
 * Finds the offsets into the first `length` bytes of a delivery before which the file must be rotated, ascending; 0 if
 * it is full already.
 */
export function findSplits(delivery: Delivery, length: number, file: FileState): number[] {
  const { bytes, readEndCount } = delivery;
  const splits: number[] = [];
  let { currentBytes } = file;
  for (let at = 0; at < length; ) {
    const room = file.sizeBytes - MARGIN_BYTES - currentBytes;
    if (length - at < room) break;
    const next = findReadEnd(delivery, at + Math.max(room, 1));
    const from = next === 0 ? at : Math.max(at, delivery.readEnd(next - 1));
    currentBytes += from - at;
    const end = next < readEndCount ? Math.min(length, delivery.readEnd(next)) : length;
    const isInLine = from === 0 ? file.isInLine : bytes[from - 1] !== NEWLINE;
    currentBytes = splitOneRead(bytes, from, end, { ...file, currentBytes, isInLine }, splits);
    at = end;
  }
  return splits;
}

/** The first of the read ends at an offset or behind it. */
function findReadEnd(delivery: Delivery, offset: number): number {
  let low = 0;
  for (let high = delivery.readEndCount; low < high; ) {
    const middle = (low + high) >> 1;
    if (delivery.readEnd(middle) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the splits of what came of one read of daemontools, and returns the size of the file afterwards. */
function splitOneRead(bytes: Buffer, from: number, to: number, file: FileState, splits: number[]): number {
  let { currentBytes, isInLine } = file;
  let bufferStart = from;
  let at = from;
  const flush = () => {
    currentBytes = splitChunk(bytes, bufferStart, at, currentBytes, file.sizeBytes, splits);
    bufferStart = at;
  };
  while (at < to) {
    const newline = bytes.indexOf(NEWLINE, at);
    const isWhole = newline !== -1 && newline < to;
    const end = isWhole ? newline + 1 : to;
    if (!isInLine) {
      const unit = Math.min((isWhole ? newline : end) - at, LINE_BYTES);
      if (unit > BUFFER_BYTES - (at - bufferStart)) flush();
      at += unit;
      if (unit > BUFFER_BYTES) flush();
    }
    while (at < end) {
      if (at - bufferStart === BUFFER_BYTES) flush();
      at += Math.min(BUFFER_BYTES - (at - bufferStart), end - at);
    }
    isInLine = !isWhole;
  }
  flush();
  return currentBytes;
}

function splitChunk(
  bytes: Buffer,
  from: number,
  to: number,
  currentBytes: number,
  sizeBytes: number,
  splits: number[],
): number {
  for (let at = from; at < to; ) {
    if (currentBytes >= sizeBytes) {
      splits.push(at);
      currentBytes = 0;
    }
    let length = Math.min(to - at, sizeBytes - currentBytes);
    if (currentBytes + length >= sizeBytes - MARGIN_BYTES) {
      const newline = bytes.lastIndexOf(NEWLINE, at + length - 1);
      if (newline >= at) length = newline + 1 - at;
    }
    at += length;
    currentBytes += length;
    if (currentBytes >= sizeBytes - MARGIN_BYTES && bytes[at - 1] === NEWLINE) {
      splits.push(at);
      currentBytes = 0;
    }
  }
  return currentBytes;
}
