import { closeSync, fstatSync, lstatSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { isFinishedName } from "../system/finished-name.ts";
import { openRegularFile } from "../system/regular-file.ts";
import { advanced, type Cursor, type Place, UNREAD, WINDOW_BYTES, Window } from "./cursor.ts";

/**
 * A file of a log. While it is open its inode number is not given to another file, so that it is the proof of which file
 * this is, whatever name it bears; while it is closed, what it holds has to tell. When it is emptied, and a copy holds what
 * it held, it becomes the copy.
 */
export interface LogFile {
  /** The name it was opened by, or was found by since. */
  path: string;
  /** Negative while it is closed. */
  fd: number;
  device: number;
  inode: number;
  /** How far it has been read. */
  cursor: Cursor;
  /** Its size when it was last looked at; of a compressed one that of the content, and negative while that is not known. */
  size: number;
  /** While it is closed: the bytes before that size, if more was seen than read. */
  end?: Window | undefined;
  /** When it was last written to, as of that look, in Unix milliseconds. */
  modifiedMs: number;
  /** Its name leads to another file by now, or nowhere. */
  isAway: boolean;
  /** How what it held has been compressed since; cursor and size are those of the content. */
  packing: Packing | undefined;
  /** How many have to close it until it is closed. */
  holders: number;
}

export type Packing = "gzip" | "zstd" | "xz" | "bzip2";

/** What the kernel knows a file by, as long as it is there. */
export interface Inode {
  readonly device: number;
  readonly inode: number;
}

/** A size of buffer with which reading is as fast as it gets. */
export const READ_BYTES = 256 * 1024;

/** How long a file may be closed to others after its last change before that is taken as meant. */
const JUST_MADE_MS = 200;

/** The finished files of a log directory, oldest first; none if the directory is not there. */
export function finishedNames(directory: string): string[] {
  return namesIn(directory).filter(isFinishedName);
}

/**
 * What a finished file has in common with what a processor makes of it: svlogd gives that the same label, first as `.u` and
 * then as `.s`.
 */
export function labelOf(finishedName: string): string {
  return finishedName.slice(0, -2);
}

/** All names in a directory, sorted; none if it is not one. @throws FatalError `unable to read directory <path>: …` */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unableTo("read directory", directory, error);
  }
}

/**
 * Opens a file to read; undefined if it is not there.
 *
 * @throws FatalError `unable to open <path>: <reason>`; the reason may be one of `openRegularFile()`
 */
export function openIfThere(path: string): LogFile | undefined {
  const fd = openWhenAllowed(path);
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd);
  const { dev: device, ino: inode, size, mtimeMs: modifiedMs } = stats;
  const unread = { cursor: UNREAD, isAway: false, packing: undefined, holders: 1 };
  return { path, fd, device, inode, size, modifiedMs, ...unread };
}

/** multilog makes `current` for itself alone and gives it to everybody a moment later. */
function openWhenAllowed(path: string): number | undefined {
  for (;;) {
    try {
      return openRegularFile(path);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      if (errnoName(error) !== "EACCES" || !isJustMade(path)) throw unableTo("open", path, error);
      Bun.sleepSync(1);
    }
  }
}

function isJustMade(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Math.abs(Date.now() - found.ctimeMs) < JUST_MADE_MS;
}

/** Keeps a file open until it is closed once more. */
export function hold(file: LogFile): LogFile {
  file.holders++;
  return file;
}

export function close(file: LogFile | undefined): void {
  if (!file || file.fd < 0 || --file.holders > 0) return;
  closeSync(file.fd);
  file.fd = -1;
}

export function isOpen({ fd }: LogFile): boolean {
  return fd >= 0;
}

/** Goes on in another open file, which is closed when the first one is; both may be closed or open before. */
export function become(file: LogFile, other: LogFile): void {
  if (isOpen(file)) closeSync(file.fd);
  else file.holders = 1;
  const { path, fd, device, inode, packing, modifiedMs } = other;
  Object.assign(file, { path, fd, device, inode, packing, modifiedMs });
  Object.assign(other, { fd: -1, holders: 0 });
}

/** Closes files that were opened for a result, if there is none or on the way to it something is thrown. */
export function closingOnFailure<T>(
  files: readonly (LogFile | undefined)[],
  find: () => T | undefined,
): T | undefined {
  let result: T | undefined;
  try {
    result = find();
    return result;
  } finally {
    if (result === undefined) for (const file of files) close(file);
  }
}

export function isSameFile(a: Inode, b: Inode): boolean {
  return a.inode === b.inode && a.device === b.device;
}

/** True if the name now leads to this very file. */
export function isNamed(path: string, file: LogFile): boolean {
  const found = statIfThere(path);
  return found !== undefined && found.ino === file.inode && found.dev === file.device;
}

/** True if the file has lost its last name: it was deleted, or replaced by what a processor made of it. */
export function isDeleted(file: LogFile): boolean {
  return fstatSync(file.fd).nlink === 0;
}

/** Bytes in the file now. */
export function sizeOf(file: LogFile): number {
  return fstatSync(file.fd).size;
}

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

/** What is at a path; undefined if nothing is. @throws FatalError `unable to find <path>: <reason>` */
export function statIfThere(path: string): Stats | undefined {
  return found(path, statSync);
}

/** True if something is at a path, or if that cannot be seen. */
export function mayBeThere(path: string): boolean {
  try {
    return statIfThere(path) !== undefined;
  } catch (error) {
    if (error instanceof FatalError) return true;
    throw error;
  }
}

/** True if whoever writes to a file does so in the directory of this path: it is no link, and has no other name. */
export function hasOneName(path: string): boolean {
  try {
    const link = lstatSync(path);
    return link.isFile() && link.nlink === 1;
  } catch {
    return false;
  }
}

function found(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unableTo("find", path, error);
  }
}

function isAbsent(error: unknown): boolean {
  const name = errnoName(error);
  return name === "ENOENT" || name === "ENOTDIR";
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
