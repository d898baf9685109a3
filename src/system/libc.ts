/** The few calls of the C library that the runtime does not offer; see c-library.ts for what loading them costs. */
import { type Pointer, ptr, read, toArrayBuffer } from "bun:ffi";
import { constants as fileConstants, readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { isCallable, libc } from "./c-library.ts";

const LOCK_EXCLUSIVE_NOW = 2 | 4;
const F_GETFL = 3;
const SIG_UNBLOCK = 1;
const SIG_DFL = 0;
const POLL_EVENTS = { data: 1, room: 4, end: 0 };
const MADV_DONTNEED = 4;
const FIONREAD = 0x541b;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const PROT_READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

/** A failed call of the C library, with the name of its errno as the runtime's own file errors have it. */
export class SystemCallError extends Error {
  readonly code: string;

  constructor(call: string) {
    const errno = read.i32(libc.__errno_location()!, 0);
    const [name] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? ["UNKNOWN"];
    super(`${call}: ${name}`);
    this.code = name;
  }
}

/** Takes the flock(2) of an open file without waiting; it ends with the process. EAGAIN: somebody else has it. */
export function lockFile(fd: number): void {
  if (libc.flock(fd, LOCK_EXCLUSIVE_NOW) !== 0) throw new SystemCallError("flock");
}

/** Makes an open directory the working directory, wherever it has been moved meanwhile. */
export function enterDirectory(fd: number): void {
  if (libc.fchdir(fd) !== 0) throw new SystemCallError("fchdir");
}

/** True if reading from the descriptor fails instead of waiting. */
export function isNonBlocking(fd: number): boolean {
  const flags = libc.fcntl(fd, F_GETFL, 0);
  return flags !== -1 && (flags & fileConstants.O_NONBLOCK) !== 0;
}

/** What calls of the C library read and write: an address alone does not keep its memory from being collected. */
const memories: ArrayBuffer[] = [];

/**
 * Memory for the C library that lasts as long as the program. What a call writes there is read back with `read` only:
 * compiled code keeps what it knows of a typed array across the call, and would see the old content.
 */
export function permanentMemory(content: ArrayBuffer): Pointer {
  memories.push(content);
  return ptr(content);
}

const readable = permanentMemory(new ArrayBuffer(8));

/** How many bytes can be read at once without waiting; undefined where the kernel does not tell, and at the end. */
export function readableBytes(fd: number): number | undefined {
  if (libc.ioctl(fd, BigInt(FIONREAD), readable) !== 0) return undefined;
  const count = read.i32(readable, 0);
  return count > 0 ? count : undefined;
}

/** Lets a pipe hold so many bytes, if it holds fewer and this account may have it so; what is no pipe stays as it is. */
export function widenPipe(fd: number, byteCount: number): void {
  const found = libc.fcntl(fd, F_GETPIPE_SZ, 0);
  if (found >= 0 && found < byteCount) libc.fcntl(fd, F_SETPIPE_SZ, byteCount);
}

/**
 * Makes the first bytes of a file, which must be there, memory of this process as long as it lives. What is stored there
 * is in the file for whoever opens it next, also after a kill -9.
 *
 * @throws the system's error
 */
export function mapFile(fd: number, byteCount: number): ArrayBuffer {
  const address = libc.mmap(0n, BigInt(byteCount), PROT_READ_WRITE, MAP_SHARED, fd, 0n);
  if (address === MAP_FAILED) throw new SystemCallError("mmap");
  return toArrayBuffer(Number(address) as Pointer, 0, byteCount);
}

const timeval = permanentMemory(new ArrayBuffer(16));

/** The real-time clock in Unix seconds and microseconds; in whole milliseconds where the C library cannot be called. */
export function timeOfDay(): { seconds: number; microseconds: number } {
  if (!isCallable) return wholeMilliseconds(Date.now());
  libc.gettimeofday(timeval, null);
  const seconds = read.i32(timeval, 4) * 2 ** 32 + read.u32(timeval, 0);
  return { seconds, microseconds: read.u32(timeval, 8) };
}

function wholeMilliseconds(ms: number): { seconds: number; microseconds: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, microseconds: (ms - seconds * 1000) * 1000 };
}

/** Lets signals in that the parent had blocked. */
export function unblockSignals(...names: NodeJS.Signals[]): void {
  const set = new BigUint64Array(new ArrayBuffer(128));
  for (const name of names) set[0]! |= 1n << BigInt(constants.signals[name] - 1);
  libc.sigprocmask(SIG_UNBLOCK, permanentMemory(set.buffer), null);
}

/** Gives a signal that the runtime ignores its usual effect again, where the C library can be called. */
export function restoreSignal(name: NodeJS.Signals): void {
  if (!isCallable) return;
  libc.signal(constants.signals[name], BigInt(SIG_DFL));
}

/** Waits for what `poll(2)` reports: data or room, an end or an error. */
export type Poll = (timeoutMs: number) => number;

/**
 * Makes a poll of up to 32 descriptors, for data to read, for room to write, or only for the end: that nobody else has
 * the pipe open any more. In a pipe, room is for PIPE_BUF bytes at least, which `write(2)` then takes without waiting.
 * Where the C library cannot be called, there is always room, so that a write may wait, and never anything else.
 *
 * @returns a function that waits, for ever if the time is negative, and returns a bit for each descriptor that is
 *   ready; 0 if the time is up or a signal came first
 */
export function pollOf(descriptors: readonly number[], awaited: "data" | "room" | "end" = "data"): Poll {
  if (!isCallable) return () => (awaited === "room" ? 2 ** descriptors.length - 1 : 0);
  const entries = new Int32Array(new ArrayBuffer(8 * descriptors.length));
  for (const [index, fd] of descriptors.entries()) entries.set([fd, POLL_EVENTS[awaited]], 2 * index);
  const address = permanentMemory(entries.buffer);
  return (timeoutMs) => {
    if (libc.poll(address, BigInt(descriptors.length), timeoutMs) <= 0) return 0;
    let ready = 0;
    for (let index = 0; index < descriptors.length; index++) {
      if (read.u16(address, 8 * index + 6) !== 0) ready |= 1 << index;
    }
    return ready;
  };
}

/**
 * Gives back the memory of program code that was only needed to start, and of the constants at the beginning of the file;
 * what is needed again comes from the page cache. Neither is ever written to, so nothing is lost. Two thirds of what a
 * small program occupies is such memory.
 */
export function releaseProgramCode(): void {
  const program = readlinkSync("/proc/self/exe", "latin1"); // the same name, also when it was moved or deleted
  for (const line of readFileSync("/proc/self/maps", "latin1").split("\n")) {
    const [, from, to, path] = /^([0-9a-f]+)-([0-9a-f]+) (?:r-xp|r--p 00000000) .* (\/.*)$/.exec(line) ?? [];
    if (path !== program) continue;
    const start = BigInt(`0x${from}`);
    libc.madvise(start, BigInt(`0x${to}`) - start, MADV_DONTNEED);
  }
}
