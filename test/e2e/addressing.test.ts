/** How buckets are addressed: as `addressing_style` of the profile says, seen by a proxy that all requests go through. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };

/** What is asked of a proxy that stores everything and opens no tunnel. */
async function askedBy(config: string, bucket: string, env: Record<string, string>) {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { etag: '"x"' }).end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const file = join(temporaryDirectory("profile"), "config");
  writeFileSync(file, config);
  const result = await run(["upload", "a", "--to", `s3://${bucket}`, "--attempts", "1"], {
    cwd: workplace({ a: "a record\n" }),
    env: { ...KEYS, AWS_CONFIG_FILE: file, HTTP_PROXY: url, HTTPS_PROXY: url, ...env },
  });
  proxy.close();
  return { asked, result };
}

const styled = (style: string) =>
  `[default]\ns3 =\n  max_concurrent_requests = 3\n  addressing_style = ${style}\n`;
const OWN = { AWS_ENDPOINT_URL_S3: "http://s3.example.test" };

test.each([
  ["", "PUT http://s3.example.test/my-logs/a"],
  [styled("auto"), "PUT http://s3.example.test/my-logs/a"],
  [styled("path"), "PUT http://s3.example.test/my-logs/a"],
  [styled("virtual"), "PUT http://my-logs.s3.example.test/a"],
])("a server of one's own, with %j", async (config, request) => {
  const { asked, result } = await askedBy(config, "my-logs", OWN);
  expect(result.exitCode).toBe(0);
  expect(asked).toEqual([request]);
});

test.each([
  ["", "my-logs", "my-logs.s3.us-east-1.amazonaws.com"],
  [styled("virtual"), "my-logs", "my-logs.s3.us-east-1.amazonaws.com"],
  [styled("path"), "my-logs", "s3.us-east-1.amazonaws.com"],
  ["", "my-point-abc123-s3alias", "my-point-abc123-s3alias.s3.us-east-1.amazonaws.com"],
])("AWS, with %j and the bucket %s", async (config, bucket, host) => {
  const { asked } = await askedBy(config, bucket, {});
  expect(asked).toEqual([`CONNECT ${host}:443`]);
});

test("the style of another profile, and one that there is not", async () => {
  const config = `${styled("path")}[profile logs]\ns3 =\n  addressing_style = virtual\n`;
  const { asked } = await askedBy(config, "my-logs", { ...OWN, AWS_PROFILE: "logs" });
  expect(asked).toEqual(["PUT http://my-logs.s3.example.test/a"]);
  const { result } = await askedBy(styled("sideways"), "my-logs", OWN);
  expect(result.stderr).toBe(
    "logship: fatal: unable to parse addressing_style sideways of the profile: must be auto, path or virtual (see logship doctor)\n",
  );
  expect(result.exitCode).toBe(100);
});
