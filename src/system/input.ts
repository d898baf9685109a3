import { closeSync, fstatSync, openSync, read, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { errnoName } from "./errno.ts";
import { unableTo } from "./errors.ts";

export const INPUT_CHUNK_BYTES = 256 * 1024; // what the processor keeps near until it is written
/** Others have their turn after so long. */
const LONGEST_RUN_MS = 50;

/** A file that is open to be read, or standard input. */
export interface Input {
  readonly fd: number;
  /** For messages. */
  readonly name: string;
  /** What it holds; undefined where that cannot be known, as of a pipe or a file of /proc. */
  readonly sizeBytes: number | undefined;
  close(): void;
}

/** @param path `-`: standard input. @throws FatalError `unable to open <path>: <reason>` */
export function openInput(path: string): Input {
  const fd = path === "-" ? 0 : open(path);
  const stats = fstatSync(fd);
  return {
    fd,
    name: path === "-" ? "standard input" : path,
    sizeBytes: stats.isFile() && stats.size > 0 ? stats.size : undefined,
    close: () => {
      if (fd !== 0) closeSync(fd);
    },
  };
}

/** Lets timers and signals be seen now and then by work that never waits. */
export function yielding(): () => Promise<void> {
  let sinceMs = performance.now();
  return async () => {
    if (performance.now() - sinceMs < LONGEST_RUN_MS) return;
    await setImmediate();
    sinceMs = performance.now();
  };
}

/**
 * Yields what an input holds from where it is; each chunk is overwritten when the next one is asked for.
 *
 * @param buffer Where the chunks are.
 * @throws FatalError `unable to read <path>: <reason>`
 */
export async function* readInput(
  { fd, name, sizeBytes }: Input,
  buffer: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const giveWay = yielding();
  const readNext = sizeBytes === undefined ? await waitingReader(fd) : () => readSync(fd, buffer);
  for (;;) {
    let bytes: number;
    try {
      bytes = await readNext(buffer);
    } catch (error) {
      if (errnoName(error) === "EINTR") continue;
      if (errnoName(error) !== "EAGAIN") throw unableTo("read", name, error);
      await Bun.sleep(1); // the writer has made the pipe non-blocking
      continue;
    }
    if (bytes === 0) return;
    yield buffer.subarray(0, bytes);
    await giveWay();
  }
}

/** Reads at once what is there, and waits for more without keeping timers and signals waiting. */
async function waitingReader(fd: number): Promise<(buffer: Uint8Array) => number | Promise<number>> {
  const later = (buffer: Uint8Array) => readLater(fd, buffer);
  if (!(await import("./c-library.ts")).isCallable) return later;
  const { readableBytes, widenPipe } = await import("./libc.ts");
  widenPipe(fd, INPUT_CHUNK_BYTES); // or each read is of 64 KiB, and costs a change of processes
  return (buffer) => (readableBytes(fd) === undefined ? later(buffer) : readSync(fd, buffer));
}

function readLater(fd: number, buffer: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw unableTo("open", path, error);
  }
}
