/** What lies on an S3 server, read with the AWS SDK, which shares no code with logship's own requests. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import type { S3Server } from "./s3-server.ts";

export interface StoredObject {
  readonly key: string;
  readonly size: number;
}

/** A client with the keys of the server's owner, or of those given. */
export function clientOf(server: S3Server, keys: Pick<S3Server, "accessKeyId" | "secretAccessKey"> = server) {
  return new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    forcePathStyle: true,
    credentials: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

/** Creates a bucket before logship sees the server, by default as one of ours. */
export async function createBucket(
  server: S3Server,
  bucket: string,
  client = clientOf(server),
): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
}

/** All objects of a bucket in the order of their keys. */
export async function listObjects(server: S3Server, bucket: string, prefix = ""): Promise<StoredObject[]> {
  const client = clientOf(server);
  const objects: StoredObject[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token && { ContinuationToken: token }),
      }),
    );
    for (const object of page.Contents ?? []) objects.push({ key: object.Key ?? "", size: object.Size ?? 0 });
    token = page.NextContinuationToken;
  } while (token);
  return objects;
}

/** The keys of a bucket without folder markers. */
export async function listPieces(server: S3Server, bucket: string, prefix = ""): Promise<string[]> {
  const objects = await listObjects(server, bucket, prefix);
  return objects.map((object) => object.key).filter((key) => !key.endsWith("/"));
}

export async function readObject(server: S3Server, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await getObject(server, bucket, key);
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** An object with its headers: content type, encryption, storage class, metadata. */
export function getObject(server: S3Server, bucket: string, key: string): Promise<GetObjectCommandOutput> {
  return clientOf(server).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
}

/** The contents of all pieces of a bucket, one after the other. */
export async function readAll(server: S3Server, bucket: string, prefix = ""): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const key of await listPieces(server, bucket, prefix))
    pieces.push(await readObject(server, bucket, key));
  return Buffer.concat(pieces);
}

/** Keys of multipart uploads that were begun and neither finished nor aborted. */
export async function unfinishedUploads(server: S3Server, bucket: string): Promise<string[]> {
  const { Uploads } = await clientOf(server).send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return (Uploads ?? []).map((upload) => upload.Key ?? "");
}
