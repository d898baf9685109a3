import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { errnoName } from "./errno.ts";
import { enterDirectory, lockFile, mapFile } from "./libc.ts";
import { openOwnFile } from "./own-file.ts";

export interface FileStatus {
  readonly mode: number;
  readonly sizeBytes: number;
  readonly links: number;
  readonly device: number;
  readonly inode: number;
}

/**
 * The file calls of the log writer; names are relative to the directory entered last. All throw the system's error; those
 * that open a file by its name follow no symbolic link of another account (`openOwnFile()`).
 */
export interface Files {
  enter(directory: number): void;
  makeDirectory(path: string, mode: number): void;
  openDirectory(path: string): number;
  openToRead(path: string): number;
  /** For writing at the end; created if missing. */
  openToAppend(path: string, mode: number): number;
  /** For writing, emptied; created if missing. */
  openEmpty(path: string, mode: number): number;
  /** For writing, as it is; must exist. */
  openToWrite(path: string): number;
  /**
   * Maps a file into memory, shared with whoever opens it later; created and filled up with zeros if need be.
   *
   * @throws also if it is no regular file
   */
  openMapped(path: string, byteCount: number, mode: number): ArrayBuffer;
  close(fd: number): void;
  lock(fd: number): void;
  /** @returns bytes written, possibly fewer than asked for */
  write(fd: number, data: Uint8Array, from: number, length: number): number;
  writeAt(fd: number, data: Uint8Array, position: number): number;
  sync(fd: number): void;
  setMode(fd: number, mode: number): void;
  setModeOf(path: string, mode: number): void;
  status(fd: number): FileStatus;
  /** @returns undefined if there is no such file */
  statusOf(path: string): FileStatus | undefined;
  /** @returns undefined if the file is empty */
  lastByteOf(path: string): number | undefined;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  /** Takes names as `list()` gives them. */
  remove(path: string): void;
  /** Another one after each start of the host. */
  bootId(): string;
  /** Names without `.` and `..`, one character for each byte, whatever their encoding. */
  list(path: string): string[];
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

export const hostFiles: Files = {
  enter: enterDirectory,
  makeDirectory: (path, mode) => mkdirSync(path, mode),
  openDirectory: (path) => openSync(path, O_RDONLY | O_NONBLOCK),
  openToRead: (path) => openOwnFile(path, O_RDONLY),
  openToAppend: (path, mode) => openOwnFile(path, O_WRONLY | O_APPEND | O_CREAT, mode),
  openEmpty: (path, mode) => openOwnFile(path, O_WRONLY | O_TRUNC | O_CREAT, mode),
  openToWrite: (path) => openOwnFile(path, O_WRONLY),
  openMapped(path, byteCount, mode) {
    const fd = openSync(path, O_RDWR | O_NONBLOCK | O_CREAT | O_NOFOLLOW, mode);
    try {
      const status = fstatSync(fd);
      if (!status.isFile() || status.nlink > 1) throw new Error(`${path} is no regular file of its own`);
      // Every byte is given room on the disk: a store that finds none would end the program.
      for (let at = status.size; at < byteCount; )
        at += writeSync(fd, Buffer.alloc(byteCount - at), 0, byteCount - at, at);
      return mapFile(fd, byteCount);
    } finally {
      closeSync(fd);
    }
  },
  close: closeSync,
  lock: lockFile,
  write: (fd, data, from, length) => writeSync(fd, data, from, length),
  writeAt: (fd, data, position) => writeSync(fd, data, 0, data.length, position),
  sync: fsyncSync,
  setMode: fchmodSync,
  setModeOf(path, mode) {
    const fd = openOwnFile(path, O_RDONLY);
    try {
      fchmodSync(fd, mode);
    } finally {
      closeSync(fd);
    }
  },
  status: (fd) => statusFrom(fstatSync(fd)),
  statusOf(path) {
    try {
      return statusFrom(statSync(path));
    } catch (error) {
      if (errnoName(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  lastByteOf(path) {
    const fd = openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      const byte = Buffer.alloc(1);
      const { size } = fstatSync(fd);
      return size > 0 && readSync(fd, byte, 0, 1, size - 1) > 0 ? byte[0] : undefined;
    } finally {
      closeSync(fd);
    }
  },
  rename: renameSync,
  link: linkSync,
  remove: (path) => unlinkSync(isBeyondAscii(path) ? Buffer.from(path, "latin1") : path),
  bootId: () => readFileSync("/proc/sys/kernel/random/boot_id", "latin1"),
  list(path) {
    const names = readdirSync(path);
    if (!names.some(isBeyondAscii)) return names;
    return readdirSync(path, "buffer").map((name) => name.toString("latin1"));
  },
};

function statusFrom(stats: Stats): FileStatus {
  const { mode, size, nlink, dev, ino } = stats;
  return { mode, sizeBytes: size, links: nlink, device: dev, inode: ino };
}

function isBeyondAscii(name: string): boolean {
  return /[\x80-\uffff]/.test(name);
}
