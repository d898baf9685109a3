import { fstatSync, readSync } from "node:fs";
import { unableTo } from "../system/errors.ts";
import { advanced, type Cursor, type Place, WINDOW_BYTES, Window } from "./cursor.ts";
import { type LogFile, sizeOf } from "./log-files.ts";

/** A size of buffer with which reading is as fast as it gets. */
export const READ_BYTES = 256 * 1024;

/**
 * Reads into a buffer from a position of the file.
 *
 * @returns how many bytes; 0 at the end
 * @throws FatalError `unable to read <path>: <reason>`
 */
export function readAt(file: LogFile, buffer: Uint8Array, position: number): number {
  try {
    return readSync(file.fd, buffer, 0, buffer.length, position);
  } catch (error) {
    throw unableTo("read", file.path, error);
  }
}

/** Reads all that has been added to a file since the last time, up to its end now. */
export function readRest(file: LogFile, buffer: Uint8Array, take: (bytes: Uint8Array) => void): void {
  for (;;) {
    const count = readAt(file, buffer, file.cursor.offset);
    if (count === 0) return;
    const bytes = buffer.subarray(0, count);
    noteRead(file, bytes);
    take(bytes);
  }
}

/** Goes on behind bytes that were read at the offset. */
export function noteRead(file: LogFile, bytes: Uint8Array): void {
  file.cursor = advanced(file.cursor, bytes);
  file.size = Math.max(file.size, file.cursor.offset);
}

/** Goes on at an offset of what the file holds now; its bytes before that count as read. */
export function startAt(file: LogFile, offset: number): void {
  file.cursor = cursorIn(file, offset);
  file.size = sizeOf(file);
}

/** The cursor at the present end of a file. */
export function endOf(file: LogFile): Cursor {
  return cursorIn(file, sizeOf(file));
}

/** The bytes before a position, as many as are remembered. */
export function tailBefore(file: LogFile, position: number): Window {
  return cursorIn(file, position).tail;
}

function cursorIn(file: LogFile, offset: number): Cursor {
  const from = Math.max(0, offset - WINDOW_BYTES);
  return {
    offset,
    head: Window.of(bytesAt(file, 0, WINDOW_BYTES)),
    tail: Window.of(bytesAt(file, from, offset - from)),
  };
}

/** So many bytes from a position on, or fewer at the end. */
export function bytesAt(file: LogFile, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let count = 0;
  while (count < length) {
    const more = readAt(file, bytes.subarray(count), position + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}

/** True if the file holds what was seen of one at this cursor; of one of which nothing was seen, each does. */
export function holds(file: LogFile, { offset, head, tail }: Cursor): boolean {
  if (sizeOf(file) < offset) return false;
  return (
    head.equals(bytesAt(file, 0, head.bytes)) && tail.equals(bytesAt(file, offset - tail.bytes, tail.bytes))
  );
}

/** True if another file begins with all that a file holds, as far as the beginning and the end of that tell. */
export function isBeginningOf(file: LogFile, other: LogFile): boolean {
  const size = sizeOf(file);
  if (sizeOf(other) < size) return false;
  const isSame = (position: number) =>
    bytesAt(file, position, WINDOW_BYTES).equals(
      bytesAt(other, position, Math.min(WINDOW_BYTES, size - position)),
    );
  return isSame(0) && isSame(Math.max(0, size - WINDOW_BYTES));
}

/**
 * True if all that was seen of the file is still there: it is not shorter, and begins as it did, and so does what lies
 * before the offset. False when it was emptied or overwritten, even if it has grown past the offset since.
 */
export function isIntact(file: LogFile): boolean {
  if (file.packing) return true;
  const { size, mtimeMs } = fstatSync(file.fd);
  if (size < file.size || !holds(file, file.cursor)) return false;
  const { head } = file.cursor;
  if (head.bytes < WINDOW_BYTES && head.bytes < size) {
    // Read before it is compared again, so that what is remembered is of one and the same file.
    const longer = bytesAt(file, 0, Math.min(size, WINDOW_BYTES));
    if (!head.equals(longer.subarray(0, head.bytes))) return false;
    file.cursor = { ...file.cursor, head: Window.of(longer) };
  }
  file.size = size;
  file.modifiedMs = mtimeMs;
  return true;
}

/** Where an open file has been read up to, as it is kept on disk. */
export function placeOf({ device, inode, cursor: { offset, head, tail } }: LogFile): Place {
  return { device, inode, offset, head: head.digest, tail: tail.digest };
}
