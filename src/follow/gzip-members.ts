import { constants, crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { bytesAt } from "./content.ts";
import type { LogFile } from "./log-files.ts";

/** The longest header that is taken for one: extra field, name and comment are left out by those who compress logs, or short. */
const LONGEST_HEADER_BYTES = 4096;
/** Compressed at most 1032 to 1, so many bytes give no more than 16 MiB at once. */
const CHUNK_BYTES = 16 * 1024;
const TRAILER_BYTES = 8;

/**
 * What a gzip file holds, member after member (RFC 1952), as `gzip -dc` gives it: what is behind the last member is
 * ignored.
 *
 * @returns why it ends before its end; undefined if all of it was read
 */
export async function* gunzipped(file: LogFile): AsyncGenerator<Buffer, string | undefined> {
  for (let position = 0, isFirst = true; ; isFirst = false) {
    const header = headerBytes(bytesAt(file, position, LONGEST_HEADER_BYTES));
    if (header === undefined) return isFirst ? "it is no gzip file" : undefined;
    const member = inflated(file, position + header);
    let [sum, size] = [0, 0];
    let next = await member.next();
    for (; !next.done; next = await member.next()) {
      sum = crc32(next.value, sum);
      size += next.value.length;
      yield next.value;
    }
    if (typeof next.value === "string") return next.value;
    const trailer = bytesAt(file, next.value, TRAILER_BYTES);
    if (trailer.length < TRAILER_BYTES) return "it is cut off";
    if (trailer.readUInt32LE(0) !== sum || trailer.readUInt32LE(4) !== size % 2 ** 32) return "it is damaged";
    position = next.value + TRAILER_BYTES;
  }
}

/** The first bytes of what a gzip file holds, from the first bytes of the file; fewer if that is all there is. */
export function gunzippedHead(packed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  let count = 0;
  for (let position = 0; count < length; ) {
    const header = headerBytes(packed.subarray(position));
    if (header === undefined) break;
    const { buffer, consumed } = inflatedHead(packed.subarray(position + header));
    parts.push(buffer);
    count += buffer.length;
    position += header + consumed + TRAILER_BYTES;
  }
  return Buffer.concat(parts).subarray(0, length);
}

function inflatedHead(packed: Buffer): { buffer: Buffer; consumed: number } {
  try {
    const options = { info: true, finishFlush: constants.Z_SYNC_FLUSH };
    const { buffer, engine } = inflateRawSync(packed, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { buffer, consumed: engine.bytesWritten };
  } catch {
    return { buffer: Buffer.alloc(0), consumed: packed.length };
  }
}

/** @returns where the compressed bytes end, or why they end before */
async function* inflated(file: LogFile, start: number): AsyncGenerator<Buffer, number | string> {
  const stream = createInflateRaw();
  let parts: Buffer[] = [];
  let failure: string | undefined;
  const closed = Promise.withResolvers<void>();
  stream.on("data", (bytes: Buffer) => parts.push(bytes));
  stream.on("end", () => closed.resolve());
  stream.on("error", ({ code }: { code?: string }) => {
    failure = code === "Z_BUF_ERROR" ? "it is cut off" : "it is damaged";
    closed.resolve();
  });
  let written = 0;
  while (failure === undefined && stream.bytesWritten === written) {
    const chunk = bytesAt(file, start + written, CHUNK_BYTES);
    if (chunk.length === 0) break;
    written += chunk.length;
    await Promise.race([
      new Promise<void>((resolve) => stream.write(chunk, () => resolve())),
      closed.promise,
    ]);
    yield* parts;
    parts = [];
  }
  stream.end();
  await closed.promise;
  yield* parts;
  const end = start + stream.bytesWritten;
  stream.destroy();
  return failure ?? end;
}

/** @returns undefined if it is none */
function headerBytes(bytes: Buffer): number | undefined {
  if (bytes.length < 10 || bytes.readUInt16BE() !== 0x1f8b || bytes[2] !== 8) return undefined;
  const flags = bytes[3]!;
  let length = 10;
  if (flags & 4) length += 2 + (length + 2 <= bytes.length ? bytes.readUInt16LE(length) : 0);
  for (const flag of [8, 16]) if (flags & flag) length = bytes.indexOf(0, length) + 1 || bytes.length;
  if (flags & 2) length += 2;
  return length <= bytes.length ? length : undefined;
}
