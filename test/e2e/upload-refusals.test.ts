/** What a server can refuse, against every kind of server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clientOf, createBucket, listPieces } from "../support/bucket.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { type Fault, isPut, type Plan } from "../support/faults.ts";
import { type Result, run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import type { RadosGateway } from "../support/radosgw.ts";
import { environmentOf, type S3Server } from "../support/s3-server.ts";
import { freshBucketName, serverKinds } from "../support/servers.ts";

for (const kind of serverKinds) {
  describe.skipIf(!kind.isInstalled)(`against ${kind.name}`, () => {
    let server: S3Server & { stop(): Promise<void> };

    beforeAll(async () => {
      server = await kind.start();
    }, 600_000);
    afterAll(() => server?.stop());

    function upload(bucket: string, env: Record<string, string> = {}, ...options: string[]): Promise<Result> {
      const cwd = workplace({ "d/a": "a\n", "d/b": "b\n", "d/c": "c\n" });
      const args = ["upload", "--to", `s3://${bucket}`, ...options, "d"];
      return run(args, { cwd, env: { ...environmentOf(server), ...env } });
    }

    /** `mostTries`: of the object that was tried most often. */
    async function uploadCountingTries(env: Record<string, string>): Promise<Result & { mostTries: number }> {
      const proxy = startFaultProxy(server.endpoint);
      const result = await upload(freshBucketName(), { ...env, AWS_ENDPOINT_URL_S3: proxy.endpoint });
      proxy.stop();
      const paths = proxy.requests.filter(isPut).map(({ path }) => path);
      const mostTries = Math.max(...paths.map((path) => paths.filter((other) => other === path).length));
      return { ...result, mostTries };
    }

    test("upload with the right key makes the bucket and stores the files", async () => {
      const bucket = freshBucketName();
      const { stderr, exitCode } = await upload(bucket);
      expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in ${server.region}\n`);
      expect(exitCode).toBe(0);
      expect(await listPieces(server, bucket)).toEqual(["d/a", "d/b", "d/c"]);
    });

    test("upload into a bucket of ours says nothing but what it stored", async () => {
      const bucket = freshBucketName();
      await createBucket(server, bucket);
      const { stdout, stderr, exitCode } = await upload(bucket);
      expect(stderr).toBe("");
      expect(stdout.split("\n").filter(Boolean)).toHaveLength(3);
      expect(exitCode).toBe(0);
    });

    test("upload twice leaves the same objects", async () => {
      const bucket = freshBucketName();
      await upload(bucket);
      const { stderr, exitCode } = await upload(bucket);
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      expect(await listPieces(server, bucket)).toEqual(["d/a", "d/b", "d/c"]);
    });

    if (kind.checksSignatures) {
      test("upload with a wrong secret is refused at once", async () => {
        const { stdout, stderr, exitCode, mostTries } = await uploadCountingTries({
          AWS_SECRET_ACCESS_KEY: "wrong",
        });
        expect(stderr).toMatch(
          /^logship: fatal: unable to upload d\/[abc](?:, d\/[abc])* to s3:\/\/\S+: 403 SignatureDoesNotMatch \(the secret access key is wrong[^\n]*\) \(see logship doctor\)\n$/,
        );
        expect(stdout).toBe("");
        expect(exitCode).toBe(111);
        expect(mostTries).toBe(1);
      });
    }

    test("upload with an unknown access key is refused at once", async () => {
      const { stderr, exitCode, mostTries } = await uploadCountingTries({ AWS_ACCESS_KEY_ID: "NOBODY" });
      expect(stderr).toMatch(
        /: 403 InvalidAccessKeyId \(there is no such access key[^\n]*\) \(see logship doctor\)\n$/,
      );
      expect(exitCode).toBe(111);
      expect(mostTries).toBe(1);
    });

    test("upload --no-create-bucket refuses a bucket that is missing", async () => {
      const bucket = freshBucketName();
      const { stderr, exitCode } = await upload(bucket, {}, "--no-create-bucket");
      expect(stderr).toMatch(/: 404 NoSuchBucket \(the bucket does not exist\) \(see logship doctor\)\n$/);
      expect(stderr).not.toContain("created");
      expect(exitCode).toBe(111);
      await expect(listPieces(server, bucket)).rejects.toThrow();
    });

    test("upload with the region of AWS finds its way to a server that has another", async () => {
      const bucket = freshBucketName();
      const { exitCode } = await upload(bucket, { AWS_REGION: "eu-central-1" });
      expect(exitCode).toBe(0);
      expect(await listPieces(server, bucket)).toHaveLength(3);
    });

    test("upload follows the answer that the bucket is in another region", async () => {
      const bucket = freshBucketName();
      await createBucket(server, bucket);
      const answers: Fault[] = [
        {
          kind: "answer",
          status: 301,
          code: "PermanentRedirect",
          headers: { "x-amz-bucket-region": server.region },
        },
        {
          kind: "answer",
          status: 400,
          code: "AuthorizationHeaderMalformed",
          details: { Region: server.region },
        },
      ];
      for (const answer of answers) {
        const plan: Plan = ({ headers }) =>
          headers.authorization?.includes(`/${server.region}/s3/`) ? undefined : answer;
        const proxy = startFaultProxy(server.endpoint, plan);
        const env = { AWS_REGION: "ap-south-1", AWS_ENDPOINT_URL_S3: proxy.endpoint };
        const { stderr, exitCode } = await upload(bucket, env, "--concurrency", "1");
        proxy.stop();
        expect(stderr).toBe("");
        expect(exitCode).toBe(0);
        expect(proxy.requests.map((request) => request.status)).toEqual([
          answer.kind === "answer" ? answer.status : 0,
          200,
          200,
          200,
        ]);
      }
    });
  });
}

describe.skipIf(!serverKinds[1]!.isInstalled)("with two accounts on one server", () => {
  test("upload into the bucket of another account is fatal and says whose it is", async () => {
    const server = (await serverKinds[1]!.start()) as unknown as RadosGateway;
    const bucket = freshBucketName();
    await createBucket(server, bucket, clientOf(server, server.stranger));
    const cwd = workplace({ a: "a\n" });
    for (const option of ["--no-create-bucket", "--create-bucket"]) {
      const args = ["upload", "--to", `s3://${bucket}`, option, "a"];
      const { stdout, stderr, exitCode } = await run(args, { cwd, env: environmentOf(server) });
      expect(stderr).toContain(
        "403 AccessDenied (the bucket belongs to another account: choose another name)",
      );
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stdout).toBe("");
      expect(exitCode).toBe(111);
    }
  }, 600_000);
});
