/** What is asked of a bucket only to know how it is; nothing but the caller's own object is changed. */
import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { ownsBucket } from "./bucket.ts";
import { NO_BODY } from "./integrity.ts";
import { toldRegion } from "./region-name.ts";
import type { RegionalClient } from "./s3-client.ts";
import { explainS3Error } from "./s3-errors.ts";
import { serviceError } from "./service-error.ts";
import { serverClockOffset } from "./signed-requests.ts";

/** What a server says to a request that nobody has signed. */
export interface Greeting {
  readonly status: number;
  /** Where the bucket is; only AWS tells. */
  readonly region: string | undefined;
  /** How far the server's clock is ahead of this host's, to a second; undefined if the answer does not tell. */
  readonly clockOffsetMs: number | undefined;
}

/** `undefined` where this key may not ask, or the server knows no such question. */
export type Told<T> = T | undefined;

/** The part of the world that answers is reached, and its certificate trusted, if this returns. @throws DestinationError */
export async function greet(
  { transport, address }: Pick<RegionalClient, "transport" | "address">,
  signal: AbortSignal,
): Promise<Greeting> {
  const { protocol, hostname, host, port, pathname } = address.url;
  const sentMs = Date.now();
  const request = { method: "HEAD", protocol, hostname, path: pathname, headers: { host } };
  try {
    const answer = await transport.send({ ...request, ...(port !== "" && { port: Number(port) }) }, signal);
    const { status, headers } = answer;
    return {
      status,
      region: toldRegion(headers["x-amz-bucket-region"]),
      clockOffsetMs: serverClockOffset(answer, sentMs),
    };
  } catch (error) {
    throw explainS3Error(error);
  }
}

/** Asks a bucket in its own region. Every call is one attempt; it throws the signal's reason once that is aborted. */
export class BucketInspection {
  readonly #regional: RegionalClient;
  readonly #bucket: string;

  constructor(regional: RegionalClient, bucket: string) {
    this.#regional = regional;
    this.#bucket = bucket;
  }

  get isAws(): boolean {
    return this.#regional.isAws;
  }

  /** @throws DestinationError that is worth a retry */
  isOurs(signal: AbortSignal): Promise<Told<boolean>> {
    return ownsBucket(this.#regional.client, this.#bucket, signal);
  }

  /**
   * Reads a small object.
   *
   * @returns also which version it is, in a bucket that keeps them; undefined if this key may not read
   * @throws DestinationError
   */
  read(key: string, signal: AbortSignal): Promise<Told<{ bytes: Uint8Array; version: string | undefined }>> {
    return this.#ask(signal, async () => {
      const request = { method: "GET", key, headers: NO_BODY } as const;
      const { body, headers } = await this.#regional.requests.send(request, signal);
      return { bytes: body, version: headers["x-amz-version-id"] };
    });
  }

  /**
   * Removes an object.
   *
   * @param version Removed for good, where the bucket keeps versions.
   * @returns false if a version of it stays; undefined if this key may not delete
   * @throws DestinationError
   */
  remove(key: string, version: string | undefined, signal: AbortSignal): Promise<Told<boolean>> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key, VersionId: version });
    return this.#ask(signal, async () => {
      const { DeleteMarker } = await this.#regional.client.send(command, { abortSignal: signal });
      return version !== undefined || DeleteMarker !== true;
    });
  }

  /** Whether all four of its public access blocks are on. @throws DestinationError */
  isClosedToPublic(signal: AbortSignal): Promise<Told<boolean>> {
    const command = new GetPublicAccessBlockCommand({ Bucket: this.#bucket });
    const read = async () => {
      const { PublicAccessBlockConfiguration: blocks } = await this.#regional.client.send(command, {
        abortSignal: signal,
      });
      if (!blocks) return undefined;
      const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = blocks;
      return [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets].every(Boolean);
    };
    return this.#ask(signal, read, { NoSuchPublicAccessBlockConfiguration: false });
  }

  /** By what objects are encrypted that do not say so themselves; "" for by nothing. @throws DestinationError */
  encryption(signal: AbortSignal): Promise<Told<string>> {
    const command = new GetBucketEncryptionCommand({ Bucket: this.#bucket });
    const read = async () => {
      const answer = await this.#regional.client.send(command, { abortSignal: signal });
      const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
      return rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    };
    return this.#ask(signal, read, { ServerSideEncryptionConfigurationNotFoundError: "" });
  }

  /** Whether replaced and deleted objects are kept. @throws DestinationError */
  isVersioned(signal: AbortSignal): Promise<Told<boolean>> {
    const command = new GetBucketVersioningCommand({ Bucket: this.#bucket });
    return this.#ask(signal, async () => {
      const { Status } = await this.#regional.client.send(command, { abortSignal: signal });
      return Status === "Enabled";
    });
  }

  /** @param meanings What codes of refusal say, which are answers here. */
  async #ask<T>(
    signal: AbortSignal,
    question: () => Promise<T>,
    meanings: Record<string, T> = {},
  ): Promise<Told<T>> {
    try {
      return await question();
    } catch (error) {
      signal.throwIfAborted(); // the SDK has an error of its own for that
      const refusal = serviceError(error);
      if (refusal && Object.hasOwn(meanings, refusal.name)) return meanings[refusal.name];
      const isRefused = refusal && [400, 403, 404, 405, 501].includes(refusal.status);
      // An answer to another question is what a server gives that does not know this one.
      const isOfAnotherKind = error instanceof Error && /Deserialization error/.test(error.message);
      if (isRefused || isOfAnotherKind) return undefined;
      throw explainS3Error(error);
    }
  }
}
