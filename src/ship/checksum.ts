import { crc32 } from "node:zlib";

/** CRC-32 as eight hexadecimal digits. */
export function checksumOf(bytes: string | Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
