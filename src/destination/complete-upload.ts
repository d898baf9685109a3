import { createHash } from "node:crypto";
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type RetryOptions, withRetries } from "./retry.ts";
import { explainS3Error, notOfS3 } from "./s3-errors.ts";
import { serviceError } from "./service-error.ts";

const ATTEMPTS = 10;

export interface Identity {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** What an upload in parts has stored so far. */
export interface Sent {
  readonly parts: CompletedPart[];
  sizeBytes: number;
}

/**
 * Makes an object of the parts, however often that takes: large ones need minutes, in which connections break and answers of
 * success turn into ones of failure ("CompleteMultipartUpload" in the S3 API Reference). Once it was done, though the answer
 * was lost, the server knows no such upload any more.
 */
export async function completeUpload(
  client: S3Client,
  identity: Identity,
  sent: Sent,
  pauses: Omit<RetryOptions, "attempts">,
  signal: AbortSignal,
): Promise<void> {
  const command = new CompleteMultipartUploadCommand({
    ...identity,
    MultipartUpload: { Parts: sent.parts },
  });
  const attempt = async () => {
    try {
      const { ETag, Key } = await client.send(command, { abortSignal: signal });
      if (ETag === undefined && Key === undefined) throw notOfS3("ETag"); // Ceph 16 leaves it empty here
    } catch (error) {
      signal.throwIfAborted();
      const why = explainS3Error(error);
      if (serviceError(error)?.name === "NoSuchUpload" && (await isStored(client, identity, sent, signal)))
        return;
      throw why;
    }
  };
  await withRetries(attempt, { ...pauses, attempts: ATTEMPTS }, signal);
}

/**
 * Whether the object is there with the content that was sent, by its length and ETag. What cannot be told, for lack of
 * permission or for an ETag that is made in another way, counts as not stored: then all of it is sent again.
 */
async function isStored(
  client: S3Client,
  { Bucket, Key }: Identity,
  { parts, sizeBytes }: Sent,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const found = await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal });
    return found.ContentLength === sizeBytes && found.ETag?.replaceAll('"', "") === etagOf(parts);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** The MD5 of the MD5s of the parts and their number, as AWS, MinIO, Ceph and R2 name an object of parts. */
function etagOf(parts: readonly CompletedPart[]): string {
  const hash = createHash("md5");
  for (const { ETag = "" } of parts) hash.update(Buffer.from(ETag.replaceAll('"', ""), "hex"));
  return `${hash.digest("hex")}-${parts.length}`;
}
