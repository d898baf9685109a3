import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Messages } from "../system/message.ts";
import { DestinationError } from "./destination.ts";
import type { RegionalClient } from "./s3-client.ts";
import { explainS3Error, lackingPermission } from "./s3-errors.ts";
import { serviceError } from "./service-error.ts";

/** The reason for which nobody but the bucket's owner can help. */
export const FOREIGN_BUCKET = "the bucket belongs to another account: choose another name";

/**
 * Makes the bucket in the client's region, closed to the public. A bucket that is there already and is ours
 * counts as made.
 *
 * @throws DestinationError `the bucket belongs to another account`, or why it could not be made
 */
export async function createBucket(
  { client, region, isAws }: RegionalClient,
  bucket: string,
  messages: Messages,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sendCreate(client, bucket, signal);
  } catch (error) {
    const code = serviceError(error)?.name;
    if (code === "BucketAlreadyOwnedByYou") return;
    // Some servers say so of one's own bucket too, when the answer to an earlier request was lost.
    if (code === "BucketAlreadyExists" && (await ownsBucket(client, bucket, signal))) return;
    if (code === "BucketAlreadyExists") throw new DestinationError(FOREIGN_BUCKET, false, error, "account");
    const why =
      code === "AccessDenied" ? lackingPermission("s3:CreateBucket", bucket, error) : explainS3Error(error);
    const reason = `unable to create the bucket: ${why.reason}`;
    throw new DestinationError(reason, why.isWorthRetry, error, why.topic, why.retryAfterMs);
  }
  messages.info(`created bucket s3://${bucket} in ${region}`);
  if (isAws) await blockPublicAccess(client, bucket, messages, signal);
}

async function sendCreate(client: S3Client, bucket: string, signal: AbortSignal): Promise<void> {
  try {
    // The SDK adds the LocationConstraint that every region but us-east-1 wants.
    await client.send(new CreateBucketCommand({ Bucket: bucket }), { abortSignal: signal });
  } catch (error) {
    // Servers other than AWS have regions of their own and refuse the names of AWS's.
    if (serviceError(error)?.name !== "InvalidLocationConstraint") throw error;
    const command = new CreateBucketCommand({ Bucket: bucket });
    command.middlewareStack.add(
      (next) => (args) => {
        delete args.input.CreateBucketConfiguration;
        return next(args);
      },
      { step: "initialize", priority: "low", name: "noLocationConstraint" },
    );
    await client.send(command, { abortSignal: signal });
  }
}

/**
 * Only for AWS: elsewhere new buckets are private, and Ceph 16 turns the owner away from a bucket that has this
 * setting.
 */
async function blockPublicAccess(
  client: S3Client,
  bucket: string,
  messages: Messages,
  signal: AbortSignal,
): Promise<void> {
  const everything = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  const command = new PutPublicAccessBlockCommand({
    Bucket: bucket,
    PublicAccessBlockConfiguration: everything,
  });
  try {
    await client.send(command, { abortSignal: signal });
  } catch (error) {
    messages.warning(`unable to block public access to s3://${bucket}: ${explainS3Error(error).reason}`);
  }
}

/**
 * Whether the bucket is among those of the account; undefined if this key may not list them.
 *
 * @throws DestinationError that is worth a retry
 */
export async function ownsBucket(
  client: S3Client,
  bucket: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const { Buckets } = await client.send(new ListBucketsCommand({}), { abortSignal: signal });
    return Buckets?.some(({ Name }) => Name === bucket);
  } catch (error) {
    const why = explainS3Error(error);
    if (why.isWorthRetry) throw why;
    return undefined;
  }
}
