/** Batches as a bucket holds them, to be damaged and put back. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { clientOf, createBucket, getObject, listObjects } from "./bucket.ts";
import { run } from "./logship.ts";
import { environmentOf, type S3Server } from "./s3-server.ts";
import { freshBucketName } from "./servers.ts";

/** An object with what is kept beside it. */
export interface KeptObject {
  readonly key: string;
  readonly body: Buffer;
  readonly metadata: Record<string, string>;
}

/** What `logship run` stores with these options in a bucket of its own. */
export async function storedByRun(server: S3Server, args: readonly string[]): Promise<KeptObject[]> {
  const bucket = freshBucketName();
  const result = await run(["run", "--once", "--to", `s3://${bucket}`, ...args], {
    env: environmentOf(server),
  });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return keptObjects(server, bucket);
}

/** All objects of a bucket, or of those below a prefix, in the order of their keys. */
export async function keptObjects(server: S3Server, bucket: string, prefix = ""): Promise<KeptObject[]> {
  const objects: KeptObject[] = [];
  for (const { key } of await listObjects(server, bucket, prefix)) {
    const { Body, Metadata } = await getObject(server, bucket, key);
    const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
    objects.push({ key, body, metadata: Metadata ?? {} });
  }
  return objects;
}

/** Puts objects into a new bucket, each below its prefix; returns the bucket's name. */
export async function bucketOf(
  server: S3Server,
  stored: Record<string, readonly KeptObject[]>,
): Promise<string> {
  const bucket = freshBucketName();
  const client = clientOf(server);
  await createBucket(server, bucket, client);
  const waiting = Object.entries(stored).flatMap(([prefix, objects]) =>
    objects.map((object) => ({ ...object, key: prefix + object.key })),
  );
  const put = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop())
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: next.key, Body: next.body, Metadata: next.metadata }),
      );
  };
  await Promise.all(Array.from({ length: 8 }, put));
  return bucket;
}

/** The pieces of a batch without its folder marker and marks. */
export function piecesOf(objects: readonly KeptObject[]): KeptObject[] {
  return objects.filter(({ key }) => /\.log\.[^/]+$/.test(key));
}

/** The objects with one of them replaced, by none, one or several. */
export function replaced(
  objects: readonly KeptObject[],
  key: string,
  by: (object: KeptObject) => readonly KeptObject[],
): KeptObject[] {
  return objects.flatMap((object) => (object.key === key ? by(object) : [object]));
}
