import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * How a server finds out that a body was damaged on its way; the cheapest check that it makes:
 *
 * - `crc32`: AWS over TLS verifies `x-amz-checksum-crc32` and keeps it with the object ("Checking object integrity in
 *   Amazon S3"); the header names the algorithm as well, because buckets with Object Lock ask for that.
 * - `md5`: every S3 server verifies `Content-MD5`; not all know the newer headers.
 * - `sha256`: without TLS the signature covers the hash of the body, which AWS verifies with it.
 * - `sha256-md5`: others may verify the signature and never hold the body against the hash that it covers, as `rclone serve
 *   s3` does, which tells nothing of itself by which it could be known; `Content-MD5` it verifies.
 */
export type IntegrityCheck = "crc32" | "md5" | "sha256" | "sha256-md5";

export function integrityCheck(isAws: boolean, protocol: string): IntegrityCheck {
  if (protocol === "https:") return isAws ? "crc32" : "md5";
  return isAws ? "sha256" : "sha256-md5";
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
        "content-md5": base64Md5(body),
      };
    case "sha256":
      return { "x-amz-content-sha256": hexSha256(body) };
    case "sha256-md5":
      return { "x-amz-content-sha256": hexSha256(body), "content-md5": base64Md5(body) };
  }
}

function hexSha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function base64Md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

function base64Crc32(sum: number): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(sum);
  return checksum.toString("base64");
}
