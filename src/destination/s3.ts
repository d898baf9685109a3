import { randomUUID } from "node:crypto";
import type { PutObjectCommandInput, StorageClass } from "@aws-sdk/client-s3";
import type { Messages } from "../system/message.ts";
import { createBucket, FOREIGN_BUCKET, ownsBucket } from "./bucket.ts";
import { IfAbsent, requireSame } from "./claim.ts";
import {
  type Destination,
  DestinationError,
  type LargeContent,
  type Listed,
  type ListedKeys,
  type OutgoingObject,
  type SpareConnections,
  type StoredObject,
} from "./destination.ts";
import { putParts } from "./multipart.ts";
import { objectHeaders } from "./object-headers.ts";
import { CAP_MS, type RetryOptions } from "./retry.ts";
import { type ClientSettings, clientForRegion, makeClient, type RegionalClient } from "./s3-client.ts";
import { explainS3Error, lackingPermission } from "./s3-errors.ts";
import { listKeys, lookUp } from "./s3-look.ts";
import { serviceError } from "./service-error.ts";

export interface S3Settings extends ClientSettings {
  readonly mayCreateBucket: boolean;
  readonly storageClass?: string | undefined;
  readonly encryption?: Encryption | undefined;
  readonly tags: readonly Tag[];
  /** How to wait before a part of a large object is sent again. */
  readonly pauses: Pick<RetryOptions, "random" | "sleep">;
}

/** `--sse`: AES256, or aws:kms with the account's default key or a named one. */
export interface Encryption {
  readonly algorithm: "AES256" | "aws:kms";
  readonly keyId?: string;
}

export interface Tag {
  readonly name: string;
  readonly value: string;
}

const NOTHING = new Uint8Array(0);
/** By which the marker of a folder that this process has taken is known. */
const CLAIM = "claim";

const MAX_CORRECTIONS = 3; // another region, a missing bucket and a wrong clock can all come together

const NONE_SPARE: SpareConnections = { tryTake: () => false, give() {} };

/**
 * A bucket as destination. Nothing is asked beforehand, so that a key that may only put objects is enough: the
 * bucket is made, its region followed and the clock corrected when the first answers tell that this is needed.
 *
 * @throws FatalError `unable to locate credentials: …`
 */
export async function s3Destination(
  bucket: string,
  prefix: string,
  settings: S3Settings,
  messages: Messages,
): Promise<Destination> {
  return new S3Destination(bucket, prefix, settings, messages, await makeClient(settings, bucket));
}

/** What an attempt took for given when it began. */
interface Circumstances {
  readonly regional: RegionalClient;
  readonly bucketsMade: number;
}

class S3Destination implements Destination {
  readonly name: string;
  readonly keepsMetadata = true;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #settings: S3Settings;
  readonly #messages: Messages;
  #regional: RegionalClient;
  #creation: Promise<void> | undefined;
  #bucketsMade = 0;
  readonly #ifAbsent = new IfAbsent();
  readonly #claim = randomUUID();

  constructor(
    bucket: string,
    prefix: string,
    settings: S3Settings,
    messages: Messages,
    regional: RegionalClient,
  ) {
    this.name = `s3://${bucket}`;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#settings = settings;
    this.#messages = messages;
    this.#regional = regional;
  }

  locate(key: string): string {
    return `${this.name}/${this.#prefix}${key}`;
  }

  async put(object: OutgoingObject, signal: AbortSignal, spare = NONE_SPARE): Promise<void> {
    const { content, crc32 } = object;
    const input = this.#inputFor(object);
    if (!(content instanceof Uint8Array))
      return this.#attempt((regional) => this.#putParts(regional, input, content, spare, signal), signal);
    const headers = objectHeaders(input);
    let isStored = true;
    await this.#attempt(async ({ bytesPut }) => {
      const put = (more: object = {}) =>
        bytesPut.put(input.Key!, content, { ...headers, ...more }, signal, {}, crc32);
      if (object.isNew) isStored = await this.#ifAbsent.put(put);
      else await put();
    }, signal);
    if (!isStored) await requireSame(object, () => this.find(object.key, signal));
  }

  async claimFolder(key: string, signal: AbortSignal): Promise<boolean> {
    const headers = { [`x-amz-meta-${CLAIM}`]: this.#claim };
    let isOurs = true;
    await this.#attempt(async ({ bytesPut }) => {
      const put = (more: object) =>
        bytesPut.put(`${this.#prefix}${key}`, NOTHING, { ...headers, ...more }, signal);
      isOurs = await this.#ifAbsent.put(put);
    }, signal);
    return isOurs || (await this.#hasClaimed(key, signal));
  }

  async find(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    let found: StoredObject | undefined;
    const look = async (regional: RegionalClient) => {
      found = await lookUp(regional, this.#bucket, `${this.#prefix}${key}`, signal);
    };
    await this.#attempt(look, signal, ["s3:GetObject", `${this.#bucket}/${this.#prefix}*`]);
    return found;
  }

  async list(listed: Listed, signal: AbortSignal): Promise<ListedKeys> {
    let page: ListedKeys = { keys: [], isCut: false };
    const look = async (regional: RegionalClient) => {
      page = await listKeys(regional, this.#bucket, this.#prefix, listed, signal);
    };
    await this.#attempt(look, signal, ["s3:ListBucket", this.#bucket]);
    return page;
  }

  /** Whether a folder is taken by this process: the answer to that may have been lost. What cannot be seen is somebody else's. */
  async #hasClaimed(key: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.find(key, signal))?.metadata[CLAIM] === this.#claim;
    } catch (error) {
      if (error instanceof DestinationError && !error.isWorthRetry) return false;
      throw error;
    }
  }

  #inputFor({ key, contentType, records, metadata }: OutgoingObject): PutObjectCommandInput {
    const { storageClass, encryption, tags } = this.#settings;
    const described = { ...(records === undefined ? {} : { records: String(records) }), ...metadata };
    return {
      Bucket: this.#bucket,
      Key: `${this.#prefix}${key}`,
      ContentType: contentType,
      ...(Object.keys(described).length === 0 ? {} : { Metadata: described }),
      ...(storageClass === undefined ? {} : { StorageClass: storageClass as StorageClass }),
      ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.algorithm }),
      ...(encryption?.keyId === undefined ? {} : { SSEKMSKeyId: encryption.keyId }),
      ...(tags.length === 0 ? {} : { Tagging: tags.map(queryPair).join("&") }),
    };
  }

  async #putParts(
    regional: RegionalClient,
    input: PutObjectCommandInput,
    content: LargeContent,
    spare: SpareConnections,
    signal: AbortSignal,
  ): Promise<void> {
    const onLeftBehind = (reason: string) =>
      this.#messages.warning(`unable to remove the parts of ${this.name}/${input.Key}: ${reason}`);
    let isTold = false; // what one part waits for the others do too
    const onRetry = ({ reason }: DestinationError, _: number, waitMs: number) => {
      if (waitMs <= CAP_MS || isTold) return;
      isTold = true;
      this.#messages.warning(`unable to upload a part of ${this.name}/${input.Key}, trying on: ${reason}`);
    };
    const pauses = { ...this.#settings.pauses, onRetry };
    const options = { spare, pauses, onLeftBehind };
    await putParts(regional, input, content, options, signal);
  }

  /** @param needed The permission that is lacking if access is denied. */
  async #attempt(
    operation: (regional: RegionalClient) => Promise<void>,
    signal: AbortSignal,
    needed: readonly [string, string] = ["s3:PutObject", `${this.#bucket}/${this.#prefix}*`],
  ): Promise<void> {
    for (let corrections = 0; ; corrections++) {
      const begun = { regional: this.#regional, bucketsMade: this.#bucketsMade };
      try {
        return await operation(begun.regional);
      } catch (error) {
        signal.throwIfAborted();
        const isCorrected = corrections < MAX_CORRECTIONS && (await this.#correct(error, begun, signal));
        if (!isCorrected) throw await this.#explain(error, signal, needed);
      }
    }
  }

  /**
   * Mends what the answer says is wrong, once for all the attempts that had begun before it was mended.
   *
   * @returns true if another attempt at once has a chance
   */
  async #correct(error: unknown, begun: Circumstances, signal: AbortSignal): Promise<boolean> {
    const answer = serviceError(error);
    if (!answer) return false;
    const { region } = answer;
    if (region !== undefined && region !== begun.regional.region && [301, 307, 400].includes(answer.status)) {
      if (this.#regional === begun.regional)
        this.#regional = await clientForRegion(this.#settings, this.#bucket, region, begun.regional);
      return true;
    }
    if (answer.name === "NoSuchBucket" && this.#settings.mayCreateBucket) {
      if (this.#bucketsMade === begun.bucketsMade) await this.#createBucket(signal);
      return true;
    }
    return answer.isClockCorrected;
  }

  #createBucket(signal: AbortSignal): Promise<void> {
    this.#creation ??= createBucket(this.#regional, this.#bucket, this.#messages, signal)
      .then(() => {
        this.#bucketsMade++;
      })
      .finally(() => {
        this.#creation = undefined;
      });
    return this.#creation;
  }

  async #explain(
    error: unknown,
    signal: AbortSignal,
    needed: readonly [string, string],
  ): Promise<DestinationError> {
    if (serviceError(error)?.name !== "AccessDenied") return explainS3Error(error);
    const isOurs = await ownsBucket(this.#regional.client, this.#bucket, signal);
    return isOurs === false
      ? new DestinationError(`403 AccessDenied (${FOREIGN_BUCKET})`, false, error, "account")
      : lackingPermission(...needed, error);
  }
}

function queryPair({ name, value }: Tag): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}
