import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { completeUpload, type Identity, type Sent } from "./complete-upload.ts";
import { DestinationError, type LargeContent, type SpareConnections } from "./destination.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import type { RegionalClient } from "./s3-client.ts";
import { explainS3Error, notOfS3 } from "./s3-errors.ts";
import { serviceError } from "./service-error.ts";
import { type PartSignals, sendSideBySide } from "./side-by-side.ts";

const PART_ATTEMPTS = 5;
const ABORT_TIMEOUT_MS = 2000;

/** The server has lost the upload or a part of it: only a new one can succeed. */
const LOST = new Set(["NoSuchUpload", "InvalidPart"]);

export interface MultipartOptions {
  readonly spare: SpareConnections;
  readonly pauses: Omit<RetryOptions, "attempts">;
  /** Told when the parts of a failed upload stay on the server, and cost. */
  readonly onLeftBehind: (reason: string) => void;
}

/**
 * Stores a large content in parts, side by side as far as there is room. A part that fails is sent again by itself, and so is the request
 * that makes an object of them; when the upload fails for good or is aborted, the parts that are there already are removed.
 *
 * @throws DestinationError, one that is worth a retry if the server knows the upload no longer; the SDK's error of the first request
 */
export async function putParts(
  regional: RegionalClient,
  input: PutObjectCommandInput,
  content: LargeContent,
  options: MultipartOptions,
  signal: AbortSignal,
): Promise<void> {
  const { client } = regional;
  const identity = await begin(regional, input, signal);
  try {
    const sent: Sent = { parts: [], sizeBytes: 0 };
    const send = async (number: number, part: Buffer, signals: PartSignals) => {
      sent.parts[number - 1] = await putPart(regional, identity, number, part, options, signals);
      sent.sizeBytes += part.length;
    };
    await sendSideBySide(content, options.spare, send, signal);
    await completeUpload(client, identity, sent, options.pauses, signal);
  } catch (error) {
    await removeParts(client, identity, options);
    const isLost = error instanceof DestinationError && LOST.has(serviceError(error.cause)?.name ?? "");
    throw isLost ? new DestinationError(error.reason, true, error.cause) : error;
  }
}

async function begin(
  { client, bytesPut }: RegionalClient,
  input: PutObjectCommandInput,
  signal: AbortSignal,
): Promise<Identity> {
  const algorithm = bytesPut.check === "crc32" ? { ChecksumAlgorithm: "CRC32" as const } : {};
  const command = new CreateMultipartUploadCommand({ ...input, ...algorithm });
  const { UploadId } = await client.send(command, { abortSignal: signal });
  if (!UploadId) throw notOfS3("UploadId");
  return { Bucket: input.Bucket!, Key: input.Key!, UploadId };
}

async function putPart(
  { bytesPut }: RegionalClient,
  { Key, UploadId }: Identity,
  PartNumber: number,
  body: Uint8Array,
  { pauses }: MultipartOptions,
  { halt, abort }: PartSignals,
): Promise<CompletedPart> {
  let completed: CompletedPart = {};
  const attempt = async () => {
    try {
      const query = { partNumber: String(PartNumber), uploadId: UploadId };
      const { etag, crc32 } = await bytesPut.put(Key, body, {}, abort, query);
      completed = { PartNumber, ETag: etag, ...(crc32 !== undefined && { ChecksumCRC32: crc32 }) };
    } catch (error) {
      abort.throwIfAborted();
      throw explainS3Error(error);
    }
  };
  await withRetries(attempt, { ...pauses, attempts: PART_ATTEMPTS }, halt);
  return completed;
}

async function removeParts(
  client: S3Client,
  identity: Identity,
  { onLeftBehind }: MultipartOptions,
): Promise<void> {
  try {
    const abortSignal = AbortSignal.timeout(ABORT_TIMEOUT_MS);
    await client.send(new AbortMultipartUploadCommand(identity), { abortSignal });
  } catch (error) {
    if (serviceError(error)?.name === "NoSuchUpload") return;
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    onLeftBehind(isTimeout ? "timed out" : explainS3Error(error).reason);
  }
}
