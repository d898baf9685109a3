import { fstatSync } from "node:fs";
import { Readable } from "node:stream";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { errnoName } from "../system/errno.ts";
import { bytesAt, noteRead, type OpenFile, READ_BYTES, sizeOf, WINDOW_BYTES } from "./log-files.ts";
import { digestOf, type Place } from "./place.ts";

/** So much of a compressed file certainly holds the first 1024 bytes of its content. */
const HEAD_BYTES = 64 * 1024;

/**
 * True if a gzip file holds all of what another file holds, as far as its beginning and the length that it ends with
 * tell (RFC 1952: ISIZE, modulo 2^32).
 */
export function isGzipOf(packed: OpenFile, file: OpenFile): boolean {
  const size = file.isGzip ? file.size : fstatSync(file.fd).size;
  const end = bytesAt(packed, Math.max(0, sizeOf(packed) - 4), 4);
  if (end.length < 4 || end.readUInt32LE() !== size % 2 ** 32) return false;
  return gunzippedHead(packed, file.head.length).equals(file.head);
}

/** The first bytes of the content; none if it is no gzip file. */
export function gunzippedHead(packed: OpenFile, length: number): Buffer {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH };
    return gunzipSync(bytesAt(packed, 0, HEAD_BYTES), options).subarray(0, length);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * The content of a gzip file from its start on; it ends where the file is damaged.
 *
 * @throws what reading the file throws
 */
export async function* gunzipped(packed: OpenFile): AsyncGenerator<Buffer> {
  const stream = Readable.from(packedChunks(packed)).pipe(createGunzip());
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (!errnoName(error)?.startsWith("Z_")) throw error;
  }
}

/** Takes a gzip file for what it holds, of which nothing has been read; its size is -1, unknown until it is measured. */
export function foundCompressed(packed: OpenFile): void {
  packed.head = gunzippedHead(packed, WINDOW_BYTES);
  packed.size = -1;
  packed.isGzip = true;
  packed.isAway = true;
}

/** Takes a gzip file for what it holds, of which nothing has been read; its size is found out. */
export async function measureGzip(packed: OpenFile): Promise<void> {
  foundCompressed(packed);
  let size = 0;
  for await (const chunk of gunzipped(packed)) size += chunk.length;
  packed.size = size;
}

/**
 * If a gzip file holds what the file of a place held up to its offset, takes it for that file from there on.
 *
 * @returns false if it does not
 */
export async function resumeInGzip(packed: OpenFile, { offset, head, tail }: Place): Promise<boolean> {
  if (digestOf(gunzippedHead(packed, head.bytes)).sha256 !== head.sha256) return false;
  const content = { ...packed, offset: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0), size: 0 };
  for await (const chunk of gunzipped(packed)) {
    const before = chunk.subarray(0, Math.max(0, offset - content.offset));
    if (before.length > 0) noteRead(content, before);
    content.size += chunk.length - before.length;
  }
  if (content.offset < offset || digestOf(content.tail.subarray(-tail.bytes)).sha256 !== tail.sha256)
    return false;
  foundCompressed(packed);
  packed.offset = offset;
  packed.tail = content.tail;
  packed.size = content.size;
  return true;
}

/** Reads ranges of what a gzip file holds; going forwards costs nothing, going back starts anew. */
export class GzipContent {
  readonly #packed: OpenFile;
  #chunks: AsyncGenerator<Buffer> | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  /** Of the chunk's first byte. */
  #position = 0;

  constructor(packed: OpenFile) {
    this.#packed = packed;
  }

  /** Fills a buffer from a position on. @returns how many bytes, fewer than it has room for at the end */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (!this.#chunks || position < this.#position) {
      this.#chunks = gunzipped(this.#packed);
      this.#chunk = Buffer.alloc(0);
      this.#position = 0;
    }
    let count = 0;
    while (count < buffer.length) {
      const from = position + count - this.#position;
      if (from < this.#chunk.length) {
        const bytes = this.#chunk.subarray(from, from + buffer.length - count);
        buffer.set(bytes, count);
        count += bytes.length;
        continue;
      }
      this.#position += this.#chunk.length;
      const { value, done } = await this.#chunks.next();
      this.#chunk = done ? Buffer.alloc(0) : value;
      if (done) break;
    }
    return count;
  }
}

function* packedChunks(packed: OpenFile): Generator<Buffer> {
  for (let position = 0; ; ) {
    const chunk = bytesAt(packed, position, READ_BYTES);
    if (chunk.length === 0) return;
    position += chunk.length;
    yield chunk;
  }
}
