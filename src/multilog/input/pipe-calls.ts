/** The calls of the C library by which a pipe is looked at and waited for. */
import { read } from "bun:ffi";
import { closeSync } from "node:fs";
import { libc } from "../../system/c-library.ts";
import { permanentMemory, SystemCallError } from "../../system/libc.ts";

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const SPLICE_F_NONBLOCK = 2;
const EPOLL_CTL_ADD = 1;
const POLLIN = 1;
const EPOLLIN = 1;
const EPOLLET = 1 << 31;

export interface Pipe {
  readonly reading: number;
  readonly writing: number;
  readonly sizeBytes: number;
}

/** Opens a pipe that holds as much as the one at a descriptor. @throws the system's error */
export function openPipeLike(fd: number): Pipe {
  const ends = permanentMemory(new ArrayBuffer(8));
  checked("pipe2", libc.pipe2(ends, O_CLOEXEC));
  const [reading, writing] = [read.i32(ends, 0), read.i32(ends, 4)];
  try {
    const sizeBytes = checked("fcntl", libc.fcntl(fd, F_GETPIPE_SZ, 0));
    checked("fcntl", libc.fcntl(writing, F_SETPIPE_SZ, sizeBytes));
    return { reading, writing, sizeBytes };
  } catch (error) {
    closePipe({ reading, writing });
    throw error;
  }
}

export function closePipe({ reading, writing }: Pick<Pipe, "reading" | "writing">): void {
  closeSync(reading);
  closeSync(writing);
}

/**
 * Puts what is in one pipe into another one, which is empty, without taking it; nothing is copied.
 *
 * @returns how many bytes: no more than `length`, and than there is room for; 0 if there are none
 * @throws the system's error
 */
export function tee(from: number, to: number, length: number): number {
  const count = libc.tee(from, to, length, SPLICE_F_NONBLOCK);
  if (count >= 0) return count;
  const error = new SystemCallError("tee");
  if (error.code === "EAGAIN") return 0;
  throw error;
}

/** Takes so many bytes, which must be there, out of a pipe. @param into A descriptor of /dev/null. @throws the system's error */
export function discard(from: number, into: number, length: number): void {
  for (let left = length; left > 0; )
    left -= checked("splice", libc.splice(from, null, into, null, left, SPLICE_F_NONBLOCK));
}

/**
 * Opens a descriptor that becomes ready to read when something is written to a pipe that is not empty, or when its last
 * writer has gone. A writer that was waiting for room and goes on does not make it ready on kernels from 5.5 on.
 *
 * @throws the system's error
 */
export function watchGrowth(fd: number): number {
  const watch = checked("epoll_create1", libc.epoll_create1(O_CLOEXEC));
  const event = new Int32Array(new ArrayBuffer(16)).fill(EPOLLIN | EPOLLET, 0, 1);
  checked("epoll_ctl", libc.epoll_ctl(watch, EPOLL_CTL_ADD, fd, permanentMemory(event.buffer)));
  return watch;
}

const events = permanentMemory(new ArrayBuffer(16));

/** What was written until now no longer makes the descriptor ready. */
export function forgetGrowth(watch: number): void {
  libc.epoll_wait(watch, events, 1, 0);
}

/** Lets others run. */
export function yieldProcessor(): void {
  libc.sched_yield();
}

const watched = new Int32Array(new ArrayBuffer(8));
const watchedAt = permanentMemory(watched.buffer);
const duration = new BigInt64Array(new ArrayBuffer(16));
const durationAt = permanentMemory(duration.buffer);

/** Waits for the descriptor to become ready, for less than a millisecond. */
export function awaitShortly(watch: number, microseconds: number): void {
  watched[0] = watch;
  watched[1] = POLLIN;
  duration[1] = BigInt(microseconds * 1000);
  libc.ppoll(watchedAt, 1, durationAt, null);
}

function checked(call: string, result: number): number {
  if (result === -1) throw new SystemCallError(call);
  return result;
}
