/** The one way to open a file that has to be regular: nothing is waited for, and nothing is begun on a device. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { errnoName } from "./errno.ts";
import { Refused, reasonOf } from "./errors.ts";
import { sizeText } from "./quantity-text.ts";

/** Why a file is not read. `denied` is for lack of permission. */
export type Unread = {
  readonly kind: "absent" | "denied" | "broken";
  readonly reason: string;
};

/** A larger one is none of those that are read whole: settings, certificates, states. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const LOOK_AGAIN_MS = 20;
const TO_READ = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a regular file to read; what else bears the name is not even opened, because that alone can make a FIFO's writer
 * go on, a tape wind back or a watchdog bite. A symbolic link is followed if it belongs to this account, to root, or to
 * whom the file belongs: nobody else's decides what is read.
 *
 * @throws Refused, or the system's error
 */
export function openRegularFile(path: string): number {
  const named = lstatSync(path);
  requireRegular(named.isSymbolicLink() ? statSync(path) : named);
  const fd = openSync(path, flagsFor(named));
  try {
    requireMeant(named, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** As `openRegularFile()`, without keeping all others waiting where a file system hangs; waits for the end of a lease. */
export async function openRegularFileLater(path: string): Promise<FileHandle> {
  const named = await lstat(path);
  requireRegular(named.isSymbolicLink() ? await stat(path) : named);
  const file = await openOnceFree(path, flagsFor(named));
  try {
    requireMeant(named, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Somebody may have a lease on the file (fcntl(2)), as Samba has, and is asked to give it up by the first try. */
async function openOnceFree(path: string, flags: number): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, flags);
    } catch (error) {
      if (errnoName(error) !== "EAGAIN") throw error;
      await Bun.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** Reads a file of at most 16 MiB, whatever it is, without ever waiting for somebody else. */
export function readRegularFile(path: string): Buffer | Unread {
  let fd: number | undefined;
  try {
    fd = openRegularFile(path);
    return readWhole(fd);
  } catch (error) {
    const code = errnoName(error) ?? "";
    const kind = ["ENOENT", "ENOTDIR"].includes(code) ? "absent" : code === "EACCES" ? "denied" : "broken";
    return { kind, reason: reasonOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What `readRegularFile()` reads; nothing where it cannot. */
export function contentOrNothing(path: string): Uint8Array {
  const content = readRegularFile(path);
  return Buffer.isBuffer(content) ? content : new Uint8Array();
}

/** @throws Refused `not a regular file` */
function requireRegular(stats: Stats): void {
  if (!stats.isFile()) throw new Refused("not a regular file");
}

/** Whatever has taken its place since it was looked at. */
function requireMeant(named: Stats, opened: Stats): void {
  requireRegular(opened);
  if (named.isSymbolicLink() && ![0, process.geteuid!(), opened.uid].includes(named.uid))
    throw new Refused(`a symbolic link of another account (uid ${named.uid})`);
}

function flagsFor(named: Stats): number {
  return named.isSymbolicLink() ? TO_READ : TO_READ | constants.O_NOFOLLOW;
}

/** Files of /proc have a size of 0. */
function readWhole(fd: number): Buffer {
  const { size } = fstatSync(fd);
  const chunks: Buffer[] = [];
  for (let length = 0; length <= LARGEST_BYTES && size <= LARGEST_BYTES; ) {
    const chunk = Buffer.alloc(Math.max(READ_BYTES, size + 1 - length));
    const count = readSync(fd, chunk);
    if (count === 0) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  throw new Refused(`larger than ${sizeText(LARGEST_BYTES)}`);
}
