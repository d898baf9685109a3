import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * The one check by which a server finds out that a body was damaged on its way; the cheapest that it makes:
 *
 * - `crc32`: AWS over TLS verifies `x-amz-checksum-crc32` and keeps it with the object ("Checking object integrity in
 *   Amazon S3"); the header names the algorithm as well, because buckets with Object Lock ask for that.
 * - `md5`: every S3 server verifies `Content-MD5`; not all know the newer headers.
 * - `sha256`: without TLS the signature covers the hash of the body, and whoever verifies the one verifies the other.
 */
export type IntegrityCheck = "crc32" | "md5" | "sha256";

export function integrityCheck(isAws: boolean, protocol: string): IntegrityCheck {
  if (protocol !== "https:") return "sha256";
  return isAws ? "crc32" : "md5";
}

/** The SHA-256 of nothing, which is signed. */
export const NO_BODY = {
  "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

/**
 * The headers of a body; `x-amz-content-sha256` is what the signature says of it.
 *
 * @param knownCrc32 If it has been computed before.
 */
export function integrityHeaders(
  check: IntegrityCheck,
  body: Uint8Array,
  knownCrc32?: number,
): Record<string, string> {
  switch (check) {
    case "crc32":
      return {
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "x-amz-sdk-checksum-algorithm": "CRC32",
        "x-amz-checksum-crc32": base64Crc32(knownCrc32 ?? crc32(body)),
      };
    case "md5":
      return {
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "content-md5": createHash("md5").update(body).digest("base64"),
      };
    case "sha256":
      return { "x-amz-content-sha256": createHash("sha256").update(body).digest("hex") };
  }
}

function base64Crc32(sum: number): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(sum);
  return checksum.toString("base64");
}
