/** Buckets: made, in another region, with dots, one's own again, another account's. */
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { clientOf, createBucket, readObject } from "../../support/bucket.ts";
import { firstRequests, lostAnswer } from "../../support/faults.ts";
import { workplace } from "../../support/proxied-server.ts";
import { No, NothingToTry } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords, type Stage } from "../stage.ts";

const LOG = { "a.log": "one\ntwo\n" };

export const bucketMade: Scenario = {
  name: "bucket made",
  holds: "`upload` makes the bucket that is not there, whatever region is set, and stores",
  async run(stage) {
    await uploadInto(stage, stage.bucket, { AWS_REGION: "eu-central-1" });
  },
};

export const dottedBucket: Scenario = {
  name: "dots in its name",
  holds: "the same with a name such as `192.0.2.1-logs`",
  run: (stage) => uploadInto(stage, "192.0.2.1-logs"),
};

export const ownBucket: Scenario = {
  name: "own bucket again",
  holds: "the answer to the making of the bucket is lost, and it is there when it is made again",
  async run(stage) {
    const plan = firstRequests(1, lostAnswer, isBucketMade);
    const directory = workplace(LOG);
    const result = await stage.s3.logship("upload", stage.bucket, ["a.log"], { cwd: directory }, plan);
    if (result.exitCode !== 0) throw new No(lastWords("upload", result));
  },
};

export const foreignBucket: Scenario = {
  name: "another's bucket",
  holds: "an upload into a bucket of another account ends, and says that it is another's",
  async run(stage) {
    const { server, bucket } = stage;
    if (server.stranger === undefined) throw new NothingToTry("it is started with one account");
    await createBucket(server, bucket, clientOf(server, server.stranger));
    const result = await stage.s3.logship("upload", bucket, ["--attempts", "2", "a.log"], {
      cwd: workplace(LOG),
    });
    if (!result.stderr.includes("belongs to another account")) throw new No(lastWords("upload", result));
  },
};

function isBucketMade({ method, path }: { method: string; path: string }): boolean {
  return method === "PUT" && /^\/[^/?]+\/?$/.test(path);
}

async function uploadInto(stage: Stage, bucket: string, env: Record<string, string> = {}): Promise<void> {
  const result = await stage.s3.logship("upload", bucket, ["a.log"], { cwd: workplace(LOG), env });
  if (result.exitCode !== 0) throw new No(lastWords("upload", result));
  await clientOf(stage.server).send(new HeadBucketCommand({ Bucket: bucket }));
  const stored = await readObject(stage.server, bucket, "a.log");
  if (stored.toString() !== LOG["a.log"]) throw new No("what is stored is not what was sent");
}
