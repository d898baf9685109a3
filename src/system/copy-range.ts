import { writeSync } from "node:fs";
import { libc } from "./c-library.ts";
import { permanentMemory, SystemCallError } from "./libc.ts";

const BUFFER_BYTES = 256 * 1024;

const position = new BigInt64Array(new ArrayBuffer(8));
const positionAt = permanentMemory(position.buffer);
let buffer: Uint8Array | undefined;

export interface CopySource {
  readonly fd: number;
  /** @returns how many bytes there were, 0 at the end */
  readAt(target: Uint8Array, position: number): number;
}

/**
 * Copies bytes of a regular file to where another one is written, without having them pass through this process: by
 * sendfile(2), which every kernel from 2.6.33 on has for two files. Where a file system does not do that, and where it
 * fails, they are read and written, so that an error is that of the side which it concerns.
 *
 * @param source Where to copy from, and how to read there.
 * @returns how many; fewer than asked for only at the end of the file
 * @throws what `readAt` throws; the system's error of a write, with all that fitted written
 */
export function copyRange(source: CopySource, start: number, to: number, byteCount: number): number {
  let copied = 0;
  while (copied < byteCount) {
    position[0] = BigInt(start + copied);
    const count = Number(libc.sendfile(to, source.fd, positionAt, BigInt(byteCount - copied)));
    if (count === 0) return copied;
    if (count > 0) copied += count;
    else if (new SystemCallError("sendfile").code !== "EINTR")
      return copied + copyThroughMemory(source, start + copied, to, byteCount - copied);
  }
  return copied;
}

function copyThroughMemory(source: CopySource, start: number, to: number, byteCount: number): number {
  buffer ??= new Uint8Array(BUFFER_BYTES);
  let copied = 0;
  while (copied < byteCount) {
    const count = source.readAt(buffer.subarray(0, byteCount - copied), start + copied);
    if (count === 0) break;
    for (let rest = buffer.subarray(0, count); rest.length > 0; ) rest = rest.subarray(writeSync(to, rest));
    copied += count;
  }
  return copied;
}
