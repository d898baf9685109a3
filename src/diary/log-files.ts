import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";

/**
 * A file of a log, held open: its inode number is not given to another file meanwhile, so that it stays the proof of
 * which file this is, whatever name it bears.
 */
export interface OpenFile {
  /** The name it was opened by, or the finished name that it was given since. */
  path: string;
  readonly fd: number;
  readonly device: number;
  readonly inode: number;
  /** Bytes already read. */
  offset: number;
}

/** A size of buffer with which reading is as fast as it gets. */
export const READ_BYTES = 256 * 1024;

/** How long a file may be closed to others after its last change before that is taken as meant. */
const JUST_MADE_MS = 200;

/** Names that multilog gives to finished files: complete (`.s`), or found after a crash (`.u`). */
const FINISHED = /^@[0-9a-f]{24}\.[su]$/;

/** The finished files of a log directory, oldest first; none if the directory is not there. */
export function finishedNames(directory: string): string[] {
  return namesIn(directory).filter((name) => FINISHED.test(name));
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
 * @throws FatalError `unable to open <path>: <reason>`; the reason is `not a regular file` where reading could wait
 */
export function openIfThere(path: string): OpenFile | undefined {
  const fd = openWhenAllowed(path);
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd);
  if (stats.isFile()) return { path, fd, device: stats.dev, inode: stats.ino, offset: 0 };
  closeSync(fd);
  throw unableTo("open", path, "not a regular file");
}

/** multilog makes `current` for itself alone and gives it to everybody a moment later. */
function openWhenAllowed(path: string): number | undefined {
  for (;;) {
    try {
      return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
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

export function close(file: OpenFile | undefined): void {
  if (file) closeSync(file.fd);
}

export function isSameFile(a: OpenFile, b: OpenFile): boolean {
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
  try {
    return statSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unableTo("find", path, error);
  }
}

function isAbsent(error: unknown): boolean {
  const name = errnoName(error);
  return name === "ENOENT" || name === "ENOTDIR";
}

/**
 * Reads all that has been added to a file since the last time, up to its end now. A file that has become shorter was
 * emptied by somebody and is read from its start.
 */
export function readRest(file: OpenFile, buffer: Uint8Array, take: (bytes: Uint8Array) => void): void {
  for (;;) {
    const count = readAt(file, buffer, file.offset);
    if (count > 0) {
      file.offset += count;
      take(buffer.subarray(0, count));
    } else {
      if (sizeOf(file) >= file.offset) return;
      file.offset = 0;
    }
  }
}
