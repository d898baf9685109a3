import { type IntegrityCheck, integrityHeaders } from "./integrity.ts";
import { storedEtag } from "./s3-errors.ts";
import type { SignedRequests } from "./signed-requests.ts";

/** Puts bytes under keys of a bucket, with the check that its server verifies. */
export class BytesPut {
  readonly check: IntegrityCheck;
  readonly #requests: SignedRequests;

  constructor(requests: SignedRequests, check: IntegrityCheck) {
    this.#requests = requests;
    this.check = check;
  }

  /**
   * Puts an object, or, with a query, a part of one, in one attempt.
   *
   * @returns the ETag that the server gave it, and the CRC32 that it verified, if that is the check
   * @throws RefusedAnswer; DestinationError if the answer is not that of S3; what the connection failed with
   */
  async put(
    key: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    query: Record<string, string> = {},
    knownCrc32?: number,
  ): Promise<{ readonly etag: string; readonly crc32: string | undefined }> {
    const checked = integrityHeaders(this.check, body, knownCrc32);
    const request = { method: "PUT", key, query, headers: { ...headers, ...checked }, body } as const;
    const answer = await this.#requests.send(request, signal);
    return { etag: storedEtag(answer), crc32: checked["x-amz-checksum-crc32"] };
  }
}
