import { closeSync, fstatSync, lstatSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { isFinishedName } from "../system/finished-name.ts";
import { openRegularFile } from "../system/regular-file.ts";

/**
 * A file of a log, held open: its inode number is not given to another file meanwhile, so that it stays the proof of
 * which file this is, whatever name it bears. When it is emptied, and a copy holds what it held, it becomes the copy.
 */
export interface OpenFile {
  /** The name it was opened by, or was found by since. */
  path: string;
  fd: number;
  device: number;
  inode: number;
  /** Bytes already read. */
  offset: number;
  /** Its size when it was last looked at. */
  size: number;
  /** Its first bytes, and those before the offset, as far as they have been seen: at most `WINDOW_BYTES` of each. */
  head: Buffer;
  tail: Buffer;
  /** When it was last written to, as of that look, in Unix milliseconds. */
  modifiedMs: number;
  /** Its name leads to another file by now, or nowhere. */
  isAway: boolean;
  /** What it held has been compressed since; offset and size are those of the content. */
  isGzip: boolean;
  /** How many have to close it until it is closed. */
  holders: number;
}

/** What the kernel knows a file by, as long as it is there. */
export interface Inode {
  readonly device: number;
  readonly inode: number;
}

/** A size of buffer with which reading is as fast as it gets. */
export const READ_BYTES = 256 * 1024;

/** How long a file may be closed to others after its last change before that is taken as meant. */
const JUST_MADE_MS = 200;

/** How much of a file's beginning, and of what lies before the offset, is remembered to know the file again. */
export const WINDOW_BYTES = 1024;

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
export function openIfThere(path: string): OpenFile | undefined {
  const fd = openWhenAllowed(path);
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd);
  const nothing = Buffer.alloc(0);
  const unread = { offset: 0, size: stats.size, head: nothing, tail: nothing, modifiedMs: stats.mtimeMs };
  const state = { isAway: false, isGzip: false, holders: 1 };
  return { path, fd, device: stats.dev, inode: stats.ino, ...unread, ...state };
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
export function hold(file: OpenFile): OpenFile {
  file.holders++;
  return file;
}

export function close(file: OpenFile | undefined): void {
  if (file && --file.holders === 0) closeSync(file.fd);
}

/** Closes files that were opened for a result, if there is none or on the way to it something is thrown. */
export function closingOnFailure<T>(
  files: readonly (OpenFile | undefined)[],
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
export function isNamed(path: string, file: OpenFile): boolean {
  const found = statIfThere(path);
  return found !== undefined && found.ino === file.inode && found.dev === file.device;
}

/** True if the file has lost its last name: it was deleted, or replaced by what a processor made of it. */
export function isDeleted(file: OpenFile): boolean {
  return fstatSync(file.fd).nlink === 0;
}

/** Bytes in the file now. */
export function sizeOf(file: OpenFile): number {
  return fstatSync(file.fd).size;
}

/**
 * Reads into a buffer from a position of the file.
 *
 * @returns how many bytes; 0 at the end
 * @throws FatalError `unable to read <path>: <reason>`
 */
export function readAt(file: OpenFile, buffer: Uint8Array, position: number): number {
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
export function readRest(file: OpenFile, buffer: Uint8Array, take: (bytes: Uint8Array) => void): void {
  for (;;) {
    const count = readAt(file, buffer, file.offset);
    if (count === 0) return;
    const bytes = buffer.subarray(0, count);
    noteRead(file, bytes);
    take(bytes);
  }
}

/** Goes on behind bytes that were read at the offset. */
export function noteRead(file: OpenFile, bytes: Uint8Array): void {
  if (file.head.length === file.offset && file.offset < WINDOW_BYTES)
    file.head = Buffer.concat([file.head, bytes.subarray(0, WINDOW_BYTES - file.offset)]);
  const kept = Math.max(0, WINDOW_BYTES - bytes.length);
  const older = file.tail.subarray(Math.max(0, file.tail.length - kept));
  file.tail = Buffer.concat([kept === 0 ? Buffer.alloc(0) : older, bytes.subarray(-WINDOW_BYTES)]);
  file.offset += bytes.length;
  file.size = Math.max(file.size, file.offset);
}

/** Goes on at an offset of what the file holds now; its bytes before that count as read. */
export function startAt(file: OpenFile, offset: number): void {
  file.head = bytesAt(file, 0, WINDOW_BYTES);
  const from = Math.max(0, offset - WINDOW_BYTES);
  file.tail = bytesAt(file, from, offset - from);
  file.offset = offset;
  file.size = sizeOf(file);
}

/** So many bytes from a position on, or fewer at the end. */
export function bytesAt(file: OpenFile, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let count = 0;
  while (count < length) {
    const more = readAt(file, bytes.subarray(count), position + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}

/**
 * True if all that was seen of the file is still there: it is not shorter, and begins as it did, and so does what lies
 * before the offset. False when it was emptied or overwritten, even if it has grown past the offset since.
 */
export function isIntact(file: OpenFile): boolean {
  if (file.isGzip) return true;
  const { size, mtimeMs } = fstatSync(file.fd);
  if (size < file.size) return false;
  const isSame = holds(file, 0, file.head) && holds(file, file.offset - file.tail.length, file.tail);
  if (!isSame) return false;
  if (file.head.length < WINDOW_BYTES && file.head.length < size) {
    // Read before it is compared again, so that what is remembered is of one and the same file.
    const head = bytesAt(file, 0, Math.min(size, WINDOW_BYTES));
    if (!head.subarray(0, file.head.length).equals(file.head)) return false;
    file.head = head;
  }
  file.size = size;
  file.modifiedMs = mtimeMs;
  return true;
}

/** True if the file has these bytes at a position. */
export function holds(file: OpenFile, position: number, bytes: Buffer): boolean {
  return bytes.length === 0 || bytesAt(file, position, bytes.length).equals(bytes);
}
