import type { S3Client } from "@aws-sdk/client-s3";
import { escapeUriPath } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import { version } from "../system/version.ts";
import { withRenewedKeys } from "./refused-keys.ts";
import { RefusedAnswer } from "./service-error.ts";
import type { Answer, Transport } from "./transport.ts";

/** Where the objects of a bucket are, and what signs for them there. */
export interface BucketAddress {
  /** Without the key: `https://bucket.s3.us-west-2.amazonaws.com`, `http://127.0.0.1:9000/bucket`. */
  readonly url: URL;
  readonly signingRegion: string;
}

/** What is sent for one key of the bucket. */
export interface KeyRequest {
  readonly method: "GET" | "PUT";
  readonly key: string;
  readonly query?: Record<string, string>;
  /** With `x-amz-content-sha256`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const USER_AGENT = version.replace(" ", "/");
const REFUSED_SKEW_MS = 240_000; // what the SDK takes for the reason of a refusal; servers allow 15 min

/**
 * Requests for the keys of a bucket. The SDK finds the credentials and keeps them fresh, its signer signs; only its
 * middleware, which costs several times what the request does, is left out.
 */
export class SignedRequests {
  readonly #client: S3Client;
  readonly #transport: Transport;
  readonly #url: URL;
  readonly #base: string;
  readonly #signer: SignatureV4;

  constructor(client: S3Client, transport: Transport, { url, signingRegion }: BucketAddress) {
    this.#client = client;
    this.#transport = transport;
    this.#url = url;
    this.#base = url.pathname.replace(/\/$/, "");
    const { credentials, sha256 } = client.config;
    this.#signer = new SignatureV4({
      credentials,
      region: signingRegion,
      service: "s3",
      sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
  }

  /**
   * Sends a request, in one attempt, and reads its answer; in another one with other keys, if these are refused.
   *
   * @throws RefusedAnswer; DestinationError if the answer is not that of S3; what the connection failed with
   */
  send(request: KeyRequest, signal: AbortSignal): Promise<Answer> {
    return withRenewedKeys(this.#client.config.credentials, () => this.#sendOnce(request, signal));
  }

  async #sendOnce(
    { method, key, query = {}, headers, body }: KeyRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { protocol, hostname, host, port } = this.#url;
    const request = {
      method,
      protocol,
      hostname,
      ...(port !== "" && { port: Number(port) }),
      path: `${this.#base}/${escapeUriPath(key)}`,
      query,
      headers: { ...headers, host, "user-agent": USER_AGENT },
    };
    const { config } = this.#client;
    const offsetMs = config.systemClockOffset;
    const sentMs = Date.now();
    const signed = await this.#signer.sign(request, { signingDate: new Date(sentMs + offsetMs) });
    const answer = await this.#transport.send({ ...signed, body }, signal);
    const serverOffsetMs = serverClockOffset(answer, sentMs);
    if (serverOffsetMs !== undefined) config.systemClockOffset = serverOffsetMs;
    if (answer.status >= 300) {
      const isClockCorrected = Math.abs((serverOffsetMs ?? offsetMs) - offsetMs) >= REFUSED_SKEW_MS;
      throw new RefusedAnswer(answer, isClockCorrected);
    }
    return answer;
  }
}

/** How far the server's clock is ahead of this host's; undefined if the answer does not tell, or no longer. */
export function serverClockOffset({ headers }: Answer, sentMs: number): number | undefined {
  const serverMs = Date.parse(headers.date ?? "");
  const nowMs = Date.now();
  const isKnown = !Number.isNaN(serverMs) && headers.age === undefined && nowMs - sentMs <= 900_000;
  return isKnown ? serverMs - nowMs : undefined;
}
