import { Readable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { OutgoingObject } from "../destination/destination.ts";

const gzipBytes = promisify(gzip);

/**
 * The object as a gzip file: the key ends in `.gz` and the type says so. There is no Content-Encoding, because
 * some readers undo that on the way and others do not; so all of them see the same bytes.
 */
export async function compressed(object: OutgoingObject): Promise<OutgoingObject> {
  const { crc32: _, ...uncompressed } = object;
  const { content } = uncompressed;
  const isInMemory = content instanceof Uint8Array;
  return {
    ...uncompressed,
    key: `${object.key}.gz`,
    contentType: "application/gzip",
    content: isInMemory ? await gzipBytes(content) : { ...content, open: () => gzipChunks(content.open()) },
  };
}

async function* gzipChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(copies(chunks));
  const packed = createGzip();
  source.on("error", (error) => packed.destroy(error));
  packed.on("close", () => source.destroy());
  yield* source.pipe(packed);
}

/** A stream holds more than one chunk at a time. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
