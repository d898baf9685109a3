import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { NO_BODY } from "./integrity.ts";
import { ListingOrder } from "./listing-order.ts";
import type { ListedPage, ObjectRange, ObjectReader } from "./reader.ts";
import { type ClientSettings, clientForRegion, makeClient, type RegionalClient } from "./s3-client.ts";
import { explainS3Error, lackingPermission, notOfS3, storedEtag } from "./s3-errors.ts";
import { serviceError } from "./service-error.ts";
import type { Answer } from "./transport.ts";

const MAX_CORRECTIONS = 3;
const METADATA = "x-amz-meta-";

/**
 * A bucket as it is read back. The permissions it needs are s3:ListBucket and s3:GetObject.
 *
 * @throws FatalError `unable to locate credentials: …`
 */
export async function s3Reader(
  bucket: string,
  prefix: string,
  settings: ClientSettings,
): Promise<ObjectReader> {
  return new S3Reader(bucket, prefix, settings, await makeClient(settings, bucket));
}

class S3Reader implements ObjectReader {
  readonly name: string;
  readonly hasMetadata = true;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #settings: ClientSettings;
  #regional: RegionalClient;
  #order: ListingOrder;

  constructor(bucket: string, prefix: string, settings: ClientSettings, regional: RegionalClient) {
    this.name = `s3://${bucket}/${prefix}`.replace(/\/$/, "");
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#settings = settings;
    this.#regional = regional;
    this.#order = new ListingOrder(prefix);
  }

  list(after: string | undefined, signal: AbortSignal): Promise<ListedPage> {
    if (after === undefined) this.#order = new ListingOrder(this.#prefix);
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: this.#prefix,
      ...(after === undefined ? {} : { ContinuationToken: after }),
    });
    return this.#attempt(["s3:ListBucket", this.#bucket], signal, async ({ client }) => {
      const answer = await client.send(command, { abortSignal: signal });
      if (answer.Name === undefined) throw notOfS3("name of the bucket");
      if (answer.IsTruncated && !answer.NextContinuationToken) throw notOfS3("continuation token");
      const next = answer.IsTruncated ? answer.NextContinuationToken : undefined;
      const contents = (answer.Contents ?? []).map(({ Key = "", Size = 0 }) => ({
        key: Key,
        sizeBytes: Size,
      }));
      this.#order.take(
        contents.map(({ key }) => key),
        after,
        next,
      );
      const objects = contents.map(({ key, sizeBytes }) => ({
        key: key.slice(this.#prefix.length),
        sizeBytes,
      }));
      return { objects, next };
    });
  }

  read(key: string, from: number, length: number, signal: AbortSignal): Promise<ObjectRange | undefined> {
    return this.#attempt(
      ["s3:GetObject", `${this.#bucket}/${this.#prefix}*`],
      signal,
      async ({ requests }) => {
        // An object without bytes has no range of them.
        const range = length === 0 ? {} : { range: `bytes=${from}-${from + length - 1}` };
        const request = {
          method: "GET",
          key: `${this.#prefix}${key}`,
          headers: { ...NO_BODY, ...range },
        } as const;
        try {
          return rangeOf(await requests.send(request, signal), from, length);
        } catch (error) {
          const status = serviceError(error)?.status;
          if (status === 404 && serviceError(error)?.name !== "NoSuchBucket") return undefined;
          // It was replaced by a shorter one.
          if (status === 416) return undefined;
          throw error;
        }
      },
    );
  }

  async #attempt<T>(
    lacking: readonly [permission: string, resource: string],
    signal: AbortSignal,
    operation: (regional: RegionalClient) => Promise<T>,
  ): Promise<T> {
    for (let corrections = 0; ; corrections++) {
      const begun = this.#regional;
      try {
        return await operation(begun);
      } catch (error) {
        signal.throwIfAborted();
        if (corrections < MAX_CORRECTIONS && (await this.#correct(error, begun))) continue;
        if (serviceError(error)?.name === "AccessDenied") throw lackingPermission(...lacking, error);
        throw explainS3Error(error);
      }
    }
  }

  /** @returns true if another attempt at once has a chance: in the bucket's region, or with the server's clock */
  async #correct(error: unknown, begun: RegionalClient): Promise<boolean> {
    const answer = serviceError(error);
    if (!answer) return false;
    const { region } = answer;
    if (region !== undefined && region !== begun.region && [301, 307, 400].includes(answer.status)) {
      if (this.#regional === begun)
        this.#regional = await clientForRegion(this.#settings, this.#bucket, region, begun);
      return true;
    }
    return answer.isClockCorrected;
  }
}

/** @throws DestinationError if the answer is not that of S3, or its body ended early */
function rangeOf(answer: Answer, from: number, length: number): ObjectRange {
  const version = storedEtag(answer);
  const { headers, body } = answer;
  const part = /\/(\d+)$/.exec(headers["content-range"] ?? "");
  const sizeBytes = part ? Number(part[1]) : body.length;
  const bytes = part || length === 0 ? body : body.subarray(from, from + length);
  if (length > 0 && bytes.length !== Math.max(0, Math.min(length, sizeBytes - from)))
    throw notOfS3("whole body");
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value;
  return { bytes, sizeBytes, version, metadata };
}
