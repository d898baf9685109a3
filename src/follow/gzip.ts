import { fstatSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { bytesAt, type OpenFile, sizeOf } from "./log-files.ts";

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
