import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { OutgoingObject } from "../destination/destination.ts";

const gzipBytes = promisify(gzip);

/**
 * The object as a gzip file: the key ends in `.gz` and the type says so. There is no Content-Encoding, because
 * some readers undo that on the way and others do not; so all of them see the same bytes.
 */
export async function compressed(object: OutgoingObject): Promise<OutgoingObject> {
  const { content } = object;
  const isInMemory = content instanceof Uint8Array;
  return {
    ...object,
    key: `${object.key}.gz`,
    contentType: "application/gzip",
    content: isInMemory ? await gzipBytes(content) : { open: () => pipeGzip(content.open()) },
  };
}

function pipeGzip(source: NodeJS.ReadableStream & { destroy(): void }) {
  const packed = createGzip();
  source.on("error", (error) => packed.destroy(error));
  packed.on("close", () => source.destroy());
  return source.pipe(packed);
}
