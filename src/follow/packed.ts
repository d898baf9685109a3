import { closeSync, openSync } from "node:fs";
import { constants, createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { bytesAt } from "./content.ts";
import { advanced, type Cursor, UNREAD, WINDOW_BYTES, Window } from "./cursor.ts";
import { gunzipped, gunzippedHead } from "./gzip-members.ts";
import { type LogFile, type Packing, sizeOf } from "./log-files.ts";

/** What compressed files begin with. */
const MAGIC: readonly [Packing, Buffer][] = [
  ["gzip", Buffer.from([0x1f, 0x8b, 0x08])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ["bzip2", Buffer.from("BZh")],
];

/** So much of a compressed file holds the first 1024 bytes of its content; bzip2 compresses 900 kB as one. */
const HEAD_BYTES = { gzip: 64 * 1024, zstd: 256 * 1024, xz: 256 * 1024, bzip2: 1024 * 1024 };
const CHUNK_BYTES = 16 * 1024;

/** How a file is compressed, by what it begins with; undefined if it is not. */
export function packingOf(file: LogFile): Packing | undefined {
  const bytes = bytesAt(file, 0, 6);
  return MAGIC.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic))?.[0];
}

/** The first bytes of what a compressed file holds; none if they cannot be read. */
export function unpackedHead(file: LogFile, packing: Packing, length: number): Buffer {
  const packed = bytesAt(file, 0, HEAD_BYTES[packing]);
  try {
    if (packing === "gzip") return gunzippedHead(packed, length);
    const options = { finishFlush: constants.ZSTD_e_flush };
    if (packing === "zstd") return zstdDecompressSync(packed, options).subarray(0, length);
    const { stdout } = Bun.spawnSync([packing, "-dc"], { stdin: packed, stderr: "ignore" });
    return stdout.subarray(0, length);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * What a compressed file holds, from its start on, as far as it can be read. xz and bzip2 are read by the programs of these
 * names.
 *
 * @returns why it ends before its end; undefined if all of it was read
 * @throws what reading the file throws
 */
export function unpacked(file: LogFile): AsyncGenerator<Buffer, string | undefined> {
  if (file.packing === "gzip") return gunzipped(file);
  if (file.packing === "zstd") return unzstd(file);
  return throughProgram(file, file.packing!);
}

/** Takes a compressed file for what it holds, of which nothing has been read; its size is not known until it is read. */
export function foundPacked(file: LogFile, packing: Packing): void {
  file.packing = packing;
  file.cursor = { ...UNREAD, head: Window.of(unpackedHead(file, packing, WINDOW_BYTES)) };
  file.size = -1;
  file.isAway = true;
}

/** What a compressed file turned out to hold. */
export interface Contents {
  readonly size: number;
  /** At its end. */
  readonly end: Cursor;
  /** Why no more of it can be read; undefined if that is all. */
  readonly problem: string | undefined;
  /** Those of the cursors that it holds, with the bytes themselves. */
  readonly held: ReadonlyMap<Cursor, Cursor>;
}

/** Reads a compressed file once, and tells how long its content is and which cursors it is a file of. */
export async function contentsOf(file: LogFile, cursors: readonly Cursor[]): Promise<Contents> {
  const waiting = [...cursors].sort((a, b) => a.offset - b.offset);
  const held = new Map<Cursor, Cursor>();
  let at = UNREAD;
  const check = () => {
    for (; waiting[0]?.offset === at.offset; waiting.shift()) {
      const [{ head, tail }] = waiting as [Cursor];
      const isTail = tail.equals(at.tail.content!.subarray(at.tail.bytes - tail.bytes));
      if (isTail && tail.bytes <= at.tail.bytes) held.set(waiting[0]!, { ...at, head });
    }
  };
  check();
  const chunks = unpacked(file);
  let next = await chunks.next();
  for (; !next.done; next = await chunks.next()) {
    for (let rest = next.value; rest.length > 0; ) {
      const wanted = waiting[0] ? waiting[0].offset - at.offset : rest.length;
      at = advanced(at, rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
      check();
    }
  }
  const isHead = ({ head }: Cursor) => head.equals(at.head.content!.subarray(0, head.bytes));
  for (const cursor of held.keys()) if (!isHead(cursor)) held.delete(cursor);
  for (const [cursor, own] of held) held.set(cursor, { ...own, head: at.head });
  return { size: at.offset, end: at, problem: next.value, held };
}

/** Reads ranges of what a compressed file holds; going forwards costs nothing, going back starts anew. */
export class UnpackedContent {
  readonly #file: LogFile;
  #chunks: AsyncGenerator<Buffer, string | undefined> | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  /** Of the chunk's first byte. */
  #position = 0;

  constructor(file: LogFile) {
    this.#file = file;
  }

  /** Fills a buffer from a position on. @returns how many bytes, fewer than it has room for at the end */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (!this.#chunks || position < this.#position) {
      await this.#chunks?.return(undefined);
      this.#chunks = unpacked(this.#file);
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

async function* unzstd(file: LogFile): AsyncGenerator<Buffer, string | undefined> {
  const end = endOfFrames(file);
  const stream = createZstdDecompress();
  let parts: Buffer[] = [];
  let hasFailed = false;
  const closed = Promise.withResolvers<void>();
  stream.on("data", (bytes: Buffer) => parts.push(bytes));
  stream.on("end", () => closed.resolve());
  stream.on("error", () => {
    hasFailed = true;
    closed.resolve();
  });
  for (let position = 0; position < end.position && !hasFailed; ) {
    const chunk = bytesAt(file, position, Math.min(CHUNK_BYTES, end.position - position));
    if (chunk.length === 0) break;
    position += chunk.length;
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
  stream.destroy();
  if (hasFailed) return "it is damaged";
  return end.isCut ? "it is cut off" : undefined;
}

/** Where the frames of a zstd file end (RFC 8878), because the decompressor takes one that is cut off for a whole one. */
function endOfFrames(file: LogFile): { position: number; isCut: boolean } {
  const size = sizeOf(file);
  for (let position = 0; ; ) {
    const header = bytesAt(file, position, 5);
    const isSkippable = header.length >= 4 && (header.readUInt32LE() & 0xfffffff0) >>> 0 === 0x184d2a50;
    const isFrame = header.length === 5 && header.readUInt32LE() === 0xfd2fb528;
    if (isSkippable) {
      position += 8 + bytesAt(file, position + 4, 4).readUInt32LE();
      continue;
    }
    if (!isFrame) return { position, isCut: false };
    const descriptor = header[4]!;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeField = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    let at = position + 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + sizeField;
    for (let isLast = false; !isLast; ) {
      const block = bytesAt(file, at, 3);
      if (block.length < 3) return { position: size, isCut: true };
      const fields = block.readUIntLE(0, 3);
      isLast = (fields & 1) === 1;
      at += 3 + (((fields >> 1) & 3) === 1 ? 1 : fields >> 3);
    }
    if (descriptor & 4) at += 4;
    if (at > size) return { position: size, isCut: true };
    position = at;
  }
}

async function* throughProgram(
  file: LogFile,
  program: "xz" | "bzip2",
): AsyncGenerator<Buffer, string | undefined> {
  // A descriptor of its own, because that of the file has one position for all who read by it.
  const input = openSync(`/proc/self/fd/${file.fd}`, "r");
  let child: Bun.Subprocess<number, "pipe", "ignore">;
  try {
    child = Bun.spawn([program, "-dc"], { stdin: input, stdout: "pipe", stderr: "ignore" });
  } catch {
    return `${program}, which could read it, is not installed`;
  } finally {
    closeSync(input);
  }
  try {
    for await (const chunk of child.stdout) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    return (await child.exited) === 0 ? undefined : "it is cut off or damaged";
  } finally {
    child.kill();
  }
}
