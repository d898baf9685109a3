/** verify beside servers that check what it signs, and keys that few programs expect. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { clientOf } from "../support/bucket.ts";
import { run } from "../support/logship.ts";
import { environmentOf, type S3Server } from "../support/s3-server.ts";
import { freshBucketName, serverKinds } from "../support/servers.ts";

const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z", "--records", "3000"];
const FOREIGN = ["a b+c%2F&d=e.txt", "ünïcode/日本.log", "quote\"'<&>.log", "semi;colon:at@=~!*().log"];

describe.each(serverKinds.filter(({ isInstalled }) => isInstalled))("$name", ({ start }) => {
  let server: S3Server & { stop(): Promise<void> };
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test("below a prefix of odd characters a batch is complete, and each foreign object is named", async () => {
    const bucket = freshBucketName();
    const url = `s3://${bucket}/logs of+today/ü`;
    const env = environmentOf(server);
    const stored = await run(["run", "--once", ...SEEDED, "--to", url], { env });
    expect([stored.stderr.includes("fatal"), stored.exitCode]).toEqual([false, 0]);
    const whole = await run(["verify", url, ...SEEDED], { env });
    expect(whole.stdout).toMatch(/^complete: \S+ 1 object, 3000 records, /);
    expect([whole.stderr, whole.exitCode]).toEqual(["", 0]);
    const client = clientOf(server);
    for (const key of FOREIGN)
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: `logs of+today/ü/${key}`, Body: "no record\n" }),
      );
    const { stdout, exitCode } = await run(["verify", url, ...SEEDED, "--json"], { env });
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const named = events.filter(({ event }) => event === "finding").flatMap(({ keys }) => keys);
    expect(named.sort()).toEqual(FOREIGN.toSorted());
    expect(exitCode).toBe(1);
  });
});
