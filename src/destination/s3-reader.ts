import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { HttpResponse } from "@smithy/core/protocols";
import { DestinationError } from "./destination.ts";
import type { ListedPage, ObjectRange, ObjectReader } from "./reader.ts";
import { type ClientSettings, makeClient, type RegionalClient } from "./s3-client.ts";
import { explainS3Error, notOfS3, serviceError } from "./s3-errors.ts";

const MAX_CORRECTIONS = 3;

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

  constructor(bucket: string, prefix: string, settings: ClientSettings, regional: RegionalClient) {
    this.name = `s3://${bucket}/${prefix}`.replace(/\/$/, "");
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#settings = settings;
    this.#regional = regional;
  }

  list(after: string | undefined, signal: AbortSignal): Promise<ListedPage> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: this.#prefix,
      ...(after === undefined ? {} : { ContinuationToken: after }),
    });
    return this.#attempt("s3:ListBucket", signal, async (client) => {
      const answer = await client.send(command, { abortSignal: signal });
      if (answer.Name === undefined) throw notOfS3("name of the bucket");
      const objects = (answer.Contents ?? []).map(({ Key = "", Size = 0 }) => ({
        key: Key.slice(this.#prefix.length),
        sizeBytes: Size,
      }));
      if (answer.IsTruncated && !answer.NextContinuationToken) throw notOfS3("continuation token");
      return { objects, next: answer.IsTruncated ? answer.NextContinuationToken : undefined };
    });
  }

  read(key: string, from: number, length: number, signal: AbortSignal): Promise<ObjectRange | undefined> {
    return this.#attempt("s3:GetObject", signal, async (client) => {
      const command = new GetObjectCommand({
        Bucket: this.#bucket,
        Key: `${this.#prefix}${key}`,
        // An object without bytes has no range of them.
        ...(length === 0 ? {} : { Range: `bytes=${from}-${from + length - 1}` }),
      });
      const body = keepBody(command);
      try {
        const answer = await client.send(command, { abortSignal: signal });
        if (!answer.ETag) throw notOfS3("ETag");
        const isPart = answer.ContentRange !== undefined;
        const bytes = body();
        const sizeBytes = isPart ? Number(answer.ContentRange!.split("/")[1]) : bytes.length;
        const range = isPart || length === 0 ? bytes : bytes.subarray(from, from + length);
        // A body that ended early is an attempt that failed.
        if (length > 0 && range.length !== Math.max(0, Math.min(length, sizeBytes - from)))
          throw notOfS3("whole body");
        return { bytes: range, sizeBytes, version: answer.ETag, metadata: answer.Metadata ?? {} };
      } catch (error) {
        const status = serviceError(error)?.status;
        if (status === 404 && serviceError(error)?.name !== "NoSuchBucket") return undefined;
        // It was replaced by a shorter one.
        if (status === 416) return undefined;
        throw error;
      }
    });
  }

  async #attempt<T>(
    permission: string,
    signal: AbortSignal,
    operation: (client: S3Client) => Promise<T>,
  ): Promise<T> {
    for (let corrections = 0; ; corrections++) {
      const begun = this.#regional;
      try {
        return await operation(begun.client);
      } catch (error) {
        signal.throwIfAborted();
        if (corrections < MAX_CORRECTIONS && (await this.#correct(error, begun))) continue;
        if (serviceError(error)?.name === "AccessDenied")
          throw new DestinationError(`403 AccessDenied (this key lacks ${permission})`, false, error);
        throw explainS3Error(error);
      }
    }
  }

  /** @returns true if another attempt at once has a chance: in the bucket's region, or with the server's clock */
  async #correct(error: unknown, begun: RegionalClient): Promise<boolean> {
    const answer = serviceError(error);
    if (!answer) return false;
    const region = answer.headers["x-amz-bucket-region"] ?? answer.region;
    if (region !== undefined && region !== begun.region && [301, 307, 400].includes(answer.status)) {
      if (this.#regional === begun) this.#regional = await makeClient(this.#settings, this.#bucket, region);
      return true;
    }
    return answer.isClockCorrected;
  }
}

/**
 * Takes the body of a successful answer before the SDK wraps it into a stream: the transport has read it already.
 *
 * @returns the body, once the command was sent
 */
function keepBody(command: GetObjectCommand): () => Uint8Array {
  let body: Uint8Array = new Uint8Array();
  type Next = (args: object) => Promise<{ response: unknown }>;
  command.middlewareStack.addRelativeTo(
    ((next: Next) => async (args: object) => {
      const result = await next(args);
      const response = result.response as HttpResponse;
      if (response.statusCode < 300) {
        body = response.body as Uint8Array;
        response.body = new ReadableStream({ start: (stream) => stream.close() });
      }
      return result;
    }) as never,
    { relation: "after", toMiddleware: "deserializerMiddleware", name: "keepBody" },
  );
  return () => body;
}
