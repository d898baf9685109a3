import { closeSync, fstatSync, openSync, read, statSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { unableTo } from "./errors.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Yields what a file or standard input (`-`) holds; each chunk is overwritten when the next one is asked for.
 *
 * @throws FatalError `unable to open <path>: <reason>` or `unable to read <path>: <reason>`
 */
export async function* readInput(path: string): AsyncGenerator<Uint8Array> {
  const name = path === "-" ? "standard input" : path;
  const fd = path === "-" ? 0 : open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const bytes = await readSome(fd, buffer, name);
      if (bytes === 0) return;
      yield buffer.subarray(0, bytes);
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

/** How much `readInput()` will give; undefined if that cannot be known, as of a pipe, or the file is not there. */
export function inputBytes(path: string): number | undefined {
  const stats = path === "-" ? fstatSync(0) : statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size > 0 ? stats.size : undefined;
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw unableTo("open", path, error);
  }
}

async function readSome(fd: number, buffer: Uint8Array, name: string): Promise<number> {
  for (;;) {
    try {
      return await readOnce(fd, buffer);
    } catch (error) {
      if (errnoName(error) !== "EAGAIN") throw unableTo("read", name, error);
      await Bun.sleep(1); // the writer has made the pipe non-blocking
    }
  }
}

function readOnce(fd: number, buffer: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
