import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { Refused } from "../system/errors.ts";
import { openRegularFileLater } from "../system/regular-file.ts";

const CHUNK_BYTES = 256 * 1024;

/** Whether it is the same file, with the same content as far as its size and time tell. */
export function isUnchanged(before: Stats, now: Stats): boolean {
  const isSame = now.ino === before.ino && now.dev === before.dev;
  return isSame && now.size === before.size && now.mtimeMs === before.mtimeMs;
}

/**
 * Reads a file of a known state.
 *
 * @returns what there is of it, up to the size of the target; files of /sys say more than they hold
 * @throws Refused `it changed while it was read: …`
 */
export async function readFileInto(target: Buffer, path: string, known: Stats): Promise<Buffer> {
  const file = await openRegularFileLater(path);
  try {
    let length = 0;
    while (length < target.length) {
      const { bytesRead } = await file.read(target, length, target.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    await requireUnchanged(file, known);
    return target.subarray(0, length);
  } finally {
    await file.close();
  }
}

/**
 * Reads a file that says that it is empty, as those of /proc do, whatever they hold.
 *
 * @throws Refused if it holds more than so much, or says something else at the end
 */
export async function readUnsized(path: string, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const file = await openRegularFileLater(path);
  try {
    for await (const chunk of chunksOf(file)) {
      length += chunk.length;
      if (length > mostBytes) throw new Refused("it grows while it is read");
      chunks.push(Buffer.from(chunk));
    }
    const { size } = await file.stat();
    if (size > 0) throw changed(0, size);
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/**
 * Yields a file of any size and of a known state; each chunk is overwritten when the next one is asked for. What is put
 * behind its end meanwhile is not read.
 *
 * @throws Refused `it changed while it was read: …`, at the latest instead of its end
 */
export async function* readChunks(path: string, known: Stats): AsyncGenerator<Uint8Array> {
  const file = await openRegularFileLater(path);
  try {
    let left = known.size;
    for await (const chunk of chunksOf(file)) {
      if (chunk.length > left) throw changed(known.size, (await file.stat()).size);
      left -= chunk.length;
      yield chunk;
    }
    await requireUnchanged(file, known);
  } finally {
    await file.close();
  }
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
  }
}

async function requireUnchanged(file: FileHandle, known: Stats): Promise<void> {
  const now = await file.stat();
  if (!isUnchanged(known, now)) throw changed(known.size, now.size);
}

function changed(beforeBytes: number, nowBytes: number): Refused {
  const sizes = beforeBytes === nowBytes ? "" : `: ${beforeBytes} bytes, then ${nowBytes}`;
  return new Refused(`it changed while it was read${sizes}`);
}
