import { Refused } from "../system/errors.ts";
import { openRegularFileLater } from "../system/regular-file.ts";

const CHUNK_BYTES = 256 * 1024;

/** Reads a file from its beginning. @returns what there is of it, up to the size of the target */
export async function readFileInto(target: Buffer, path: string): Promise<Buffer> {
  const file = await openRegularFileLater(path);
  try {
    let length = 0;
    while (length < target.length) {
      const { bytesRead } = await file.read(target, length, target.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return target.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Reads a file that does not tell its size, as those of /proc. @throws Refused if it holds more than so much */
export async function readUnsized(path: string, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readChunks(path)) {
    length += chunk.length;
    if (length > mostBytes) throw new Refused("it grows while it is read");
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** Yields a file of any size; each chunk is overwritten when the next one is asked for. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const file = await openRegularFileLater(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
