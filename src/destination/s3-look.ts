/** What a bucket says of what is in it, to whoever stores something there. */
import { HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { Listed, ListedKeys, StoredObject } from "./destination.ts";
import { NO_BODY } from "./integrity.ts";
import type { RegionalClient } from "./s3-client.ts";
import { notOfS3 } from "./s3-errors.ts";
import { codeOf, serviceError } from "./service-error.ts";

const METADATA = "x-amz-meta-";

/**
 * Looks an object up by HEAD. A refusal of that has no body, so that wrong keys look like lacking rights: why it is, GET is asked.
 *
 * @param key With the prefix.
 * @returns undefined if there is none
 * @throws the SDK's error; RefusedAnswer; DestinationError if the answer is not that of S3
 */
export async function lookUp(
  regional: RegionalClient,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const answer = await regional.client.send(command, { abortSignal: signal });
    if (!answer.ETag) throw notOfS3("ETag");
    return { sizeBytes: answer.ContentLength ?? 0, metadata: answer.Metadata ?? {} };
  } catch (error) {
    const answer = serviceError(error);
    if (answer?.status === 404) return undefined;
    const isMute = answer && codeOf(answer.name) === undefined && [400, 401, 403].includes(answer.status);
    if (!isMute) throw error;
    return readBeginning(regional, key, signal);
  }
}

async function readBeginning(
  { requests }: RegionalClient,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  try {
    const headers = { ...NO_BODY, range: "bytes=0-0" };
    const answer = await requests.send({ method: "GET", key, headers }, signal);
    const size = /\/(\d+)$/.exec(answer.headers["content-range"] ?? "")?.[1];
    const own = Object.entries(answer.headers).filter(([name]) => name.startsWith(METADATA));
    const metadata = Object.fromEntries(own.map(([name, value]) => [name.slice(METADATA.length), value]));
    return { sizeBytes: size === undefined ? answer.body.length : Number(size), metadata };
  } catch (error) {
    const answer = serviceError(error);
    if (answer?.status === 404 && answer.name !== "NoSuchBucket") return undefined;
    if (answer?.status === 416) return { sizeBytes: 0, metadata: {} };
    throw error;
  }
}

/**
 * Lists a page of keys.
 *
 * @param listed With the prefix of the destination, which is taken off what is returned.
 * @throws the SDK's error; DestinationError if the answer is not that of S3
 */
export async function listKeys(
  { client }: RegionalClient,
  bucket: string,
  base: string,
  { prefix, after, isFlat }: Listed,
  signal: AbortSignal,
): Promise<ListedKeys> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: base + prefix,
    ...(after === "" ? {} : { StartAfter: base + after }),
    ...(isFlat ? { Delimiter: "/" } : {}),
  });
  try {
    const answer = await client.send(command, { abortSignal: signal });
    if (answer.Name === undefined) throw notOfS3("name of the bucket");
    const contents = (answer.Contents ?? []).map(({ Key = "" }) => Key);
    const folders = (answer.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix);
    const isOurs = (key: string) => key.startsWith(base + prefix);
    const keys = [...contents, ...folders].filter(isOurs).map((key) => key.slice(base.length));
    return { keys: keys.sort(byBytes), isCut: answer.IsTruncated === true };
  } catch (error) {
    if (serviceError(error)?.name === "NoSuchBucket") return { keys: [], isCut: false };
    throw error;
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
