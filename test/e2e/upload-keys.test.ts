/** Keys and sizes at the edges of what a request can say, against every kind of server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import { listObjects, readObject } from "../support/bucket.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { digest } from "../support/records.ts";
import { environmentOf, type S3Server } from "../support/s3-server.ts";
import { freshBucketName, serverKinds } from "../support/servers.ts";

const NAMES = [
  "+plus +",
  "tilde~ %41 %2F %",
  "é ünïcode \u{1f600}",
  "e\u0301 decomposed",
  " space at both ends ",
  "a=b&c;d,e:f@g$h",
  "(star*)!'quoted\"",
  "back\\slash",
  "#hash?question[bracket]{brace}|^`<>",
  "...",
];

for (const kind of serverKinds) {
  describe.skipIf(!kind.isInstalled)(`against ${kind.name}`, () => {
    let server: S3Server & { stop(): Promise<void> };

    beforeAll(async () => {
      server = await kind.start();
    }, 120_000);
    afterAll(() => server?.stop());

    async function upload(url: string, files: Record<string, string | Uint8Array>, ...options: string[]) {
      const cwd = workplace(
        Object.fromEntries(Object.entries(files).map(([name, body]) => [`d/${name}`, body])),
      );
      return run(["upload", "--to", url, ...options, "d"], { cwd, env: environmentOf(server) });
    }

    test("keys of any characters are signed as they are sent, and stored as they are", async () => {
      const bucket = freshBucketName();
      const files = Object.fromEntries(NAMES.map((name) => [name, name]));
      const { stderr, exitCode } = await upload(`s3://${bucket}/p ö+%`, files);
      expect(stderr).not.toContain("fatal");
      expect(exitCode).toBe(0);
      for (const name of NAMES)
        expect((await readObject(server, bucket, `p ö+%/d/${name}`)).toString()).toBe(name);
      expect(await listObjects(server, bucket)).toHaveLength(NAMES.length);
    }, 60_000);

    test("objects and parts of sizes at the edges arrive whole", async () => {
      const bucket = freshBucketName();
      const MiB = 1024 * 1024;
      const sizes = [0, 1, 262_143, 262_144, 262_145, 5 * MiB, 64 * MiB, 64 * MiB + 1, 80 * MiB];
      const files = Object.fromEntries(sizes.map((size) => [`f${size}`, Buffer.alloc(size, `${size}\n`)]));
      const { stderr, exitCode } = await upload(`s3://${bucket}`, files);
      expect(stderr).not.toContain("fatal");
      expect(exitCode).toBe(0);
      for (const [name, content] of Object.entries(files))
        expect([name, digest(await readObject(server, bucket, `d/${name}`))]).toEqual([
          name,
          digest(content),
        ]);
    }, 180_000);

    if (kind.checksSignatures) {
      test("a prefix with empty parts is kept", async () => {
        const bucket = freshBucketName();
        const { exitCode } = await upload(`s3://${bucket}/a//b///c`, { f: "x" });
        expect(exitCode).toBe(0);
        expect((await listObjects(server, bucket)).map(({ key }) => key)).toEqual(["a//b///c/d/f"]);
      });
    }

    test("a body of many pieces goes through an HTTP_PROXY", async () => {
      const proxy = await startForwardProxy();
      const bucket = freshBucketName();
      const content = Buffer.alloc(3_000_000, "a line\n");
      const cwd = workplace({ f: content });
      const env = { ...environmentOf(server), HTTP_PROXY: proxy.url };
      const { stderr, exitCode } = await run(["upload", "--to", `s3://${bucket}`, "f"], { cwd, env });
      proxy.stop();
      expect(stderr).not.toContain("fatal");
      expect(exitCode).toBe(0);
      expect(proxy.asked.length).toBeGreaterThan(0);
      expect(digest(await readObject(server, bucket, "f"))).toBe(digest(content));
    });
  });
}

test("a server that closes idle connections costs a large body no attempt", async () => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { ETag: '"x"' }).end());
  });
  server.keepAliveTimeout = 100;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const env = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "k",
    AWS_SECRET_ACCESS_KEY: "s",
  };
  const options = ["--json", "--batches", "4", "--interval", "1500ms", "--bytes", "1M", "--attempts", "3"];
  const { stdout, exitCode } = await run(["run", "--to", "s3://bucket", ...options], { env });
  server.close();
  expect(exitCode).toBe(0);
  const attempts = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).attempts);
  expect(new Set(attempts)).toEqual(new Set([1]));
}, 30_000);
