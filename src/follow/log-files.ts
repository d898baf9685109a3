import { closeSync, fstatSync, statSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { openRegularFile } from "../system/regular-file.ts";
import { type Cursor, UNREAD, type Window } from "./cursor.ts";
import { isAbsent, statIfThere } from "./paths.ts";

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

/** How long a file may be closed to others after its last change before that is taken as meant. */
const JUST_MADE_MS = 200;

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

/** True if nothing is known of what a file holds, because it held nothing yet when it was looked at. */
export function isBlank({ cursor, packing }: LogFile): boolean {
  return cursor.head.bytes === 0 && packing === undefined;
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

/** True if nothing has happened to a file and its name since it was last looked at. */
export function isUntouched(path: string, file: LogFile): boolean {
  const found = statIfThere(path);
  if (found?.ino !== file.inode || found.dev !== file.device) return false;
  return found.size === file.size && found.mtimeMs === file.modifiedMs;
}

/** True if the file has lost its last name: it was deleted, or replaced by what a processor made of it. */
export function isDeleted(file: LogFile): boolean {
  return fstatSync(file.fd).nlink === 0;
}

/** Bytes in the file now. */
export function sizeOf(file: LogFile): number {
  return fstatSync(file.fd).size;
}
