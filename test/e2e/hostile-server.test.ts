/** Servers that mean harm, or are something else than S3. */
import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };
const MIB = 1024 * 1024;

/** Uploads a file to a server that answers each request in a way of its own. */
async function uploadTo(answer: (request: Request) => Response, ...options: string[]) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 255, fetch: answer });
  const result = await uploadBy(server.url.href, ...options);
  await server.stop(true);
  return result;
}

/** Uploads a file to a server that answers each request with the same bytes, whatever they are. */
async function uploadToBytes(answer: string) {
  const server = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const result = await uploadBy(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  server.close();
  return result;
}

function uploadBy(endpoint: string, ...options: string[]) {
  const env = { ...KEYS, AWS_ENDPOINT_URL: endpoint };
  const cwd = workplace({ a: "a\n" });
  return run(["upload", "a", "--to", "s3://bucket", "--attempts", "2", ...options], { cwd, env });
}

/** A body that goes on for `bytes`, without saying so before. */
function endless(bytes: number): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(MIB).fill(0x61);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
      left -= chunk.length;
      if (left <= 0) controller.close();
    },
  });
}

const TOO_LARGE =
  /^logship: fatal: unable to upload a to \S+: the answer is not that of S3: it is larger than any of its answers \(see logship doctor\)\n$/;

test.each([200, 403, 500])(
  "an answer of status %d that goes on and on is not held in memory",
  async (status) => {
    const { stderr, exitCode, peakMiB } = await uploadTo(() => new Response(endless(1024 * MIB), { status }));
    expect(stderr.split("\n").at(-2)).toMatch(/it is larger than any of its answers/);
    expect(`${stderr.split("\n").at(-2)}\n`).toMatch(TOO_LARGE);
    expect(exitCode).toBe(111);
    expect(peakMiB).toBeLessThan(160);
  },
);

test("an answer that says it is too large is not waited for", async () => {
  const { stderr, exitCode, peakMiB } = await uploadTo(
    () => new Response(Buffer.alloc(300 * MIB), { status: 200 }),
  );
  expect(`${stderr.split("\n").at(-2)}\n`).toMatch(TOO_LARGE);
  expect(exitCode).toBe(111);
  expect(peakMiB).toBeLessThan(160);
});

test("an answer that says it is too large, and breaks its own framing, is no bug of ours", async () => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${8 * MIB + 1}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const { stderr, exitCode } = await uploadToBytes(`${head}zz\r\nbody\r\n0\r\n\r\n`);
  expect(stderr).toStartWith("logship: fatal: unable to upload a to ");
  expect(stderr).toMatch(/: the answer is not /);
  expect(exitCode).toBe(111);
});

test("doctor holds little of answers about settings, however large they are", async () => {
  const words = `<Error><Code></Code><Endpoint>${"a".repeat(2 * MIB)}</Endpoint></Error>`;
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(words) });
  const env = { ...KEYS, AWS_ENDPOINT_URL: server.url.href };
  const { peakMiB, exitCode } = await run(["doctor", "--to", "s3://bucket"], { env });
  await server.stop(true);
  expect(exitCode).toBe(1);
  expect(peakMiB).toBeLessThan(130);
});

test("entities in an error's XML are not expanded, and what they say is not printed", async () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${"a".repeat(1000)}">${Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY ${"bcdefghij"[i]} "${`&${"abcdefghi"[i]};`.repeat(10)}">`,
  ).join("")}]><Error><Code>&j;</Code><Message>\u001b[31mred &j;</Message></Error>`;
  const { stderr, exitCode, peakMiB } = await uploadTo(() => new Response(bomb, { status: 403 }));
  expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: 403\n$/);
  expect(exitCode).toBe(111);
  expect(peakMiB).toBeLessThan(160);
});

test("an answer that trickles is given up after the timeout", async () => {
  const trickle = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Bun.sleep(50);
        controller.enqueue(Buffer.from("<"));
      },
    });
  const { stderr, exitCode } = await uploadTo(
    () => new Response(trickle(), { status: 500 }),
    "--timeout",
    "500ms",
  );
  expect(stderr.split("\n").at(-2)).toMatch(
    /^logship: fatal: unable to upload a to \S+: timed out \(see logship doctor\)$/,
  );
  expect(exitCode).toBe(111);
});

test("redirects to another host are not followed, and regions that go round in a circle come to an end", async () => {
  let count = 0;
  const around = () => {
    count++;
    const headers = { location: "http://127.0.0.1:1/", "x-amz-bucket-region": `eu-west-${count}` };
    return new Response("<Error><Code>PermanentRedirect</Code></Error>", { status: 301, headers });
  };
  const { stderr, exitCode } = await uploadTo(around);
  expect(stderr).toMatch(
    /^logship: fatal: unable to upload a to \S+: 301 PermanentRedirect \(the bucket is not in this region: [^\n]+\) \(see logship doctor\)\n$/,
  );
  expect(exitCode).toBe(111);
  expect(count).toBeLessThan(10);
});

test("a server of which every folder is there already ends run, after as many as could be", async () => {
  let count = 0;
  const answer = () => new Response("", { status: ++count > 1000 ? 500 : 412 });
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  const env = { ...KEYS, AWS_ENDPOINT_URL: server.url.href };
  const options = ["--once", "--records", "10", "--attempts", "1"];
  const { stderr, exitCode } = await run(["run", ...options, "--to", "s3://bucket"], { env });
  await server.stop(true);
  expect(stderr).toMatch(
    /^logship: fatal: unable to begin batch access\.[^\s/]+: the destination says of 200 new folders that they are there already \(--no-folder-marker\)\n$/,
  );
  expect(exitCode).toBe(111);
  expect(count).toBe(400); // each is looked at, because it could be its own
});

test("a server that repeats what it was shown has no secret printed", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ headers }) {
      const words = `${headers.get("x-amz-security-token")} of ${headers.get("authorization")} is not allowed`;
      const code = headers.has("content-type") ? "AccessDenied" : "Other";
      return new Response(`<Error><Code>${code}</Code><Message>${words}</Message></Error>`, { status: 403 });
    },
  });
  const env = { ...KEYS, AWS_SESSION_TOKEN: "a+session/token==", AWS_ENDPOINT_URL: server.url.href };
  const cwd = workplace({ a: "a\n" });
  for (const args of [
    ["upload", "a", "--to", "s3://bucket", "--attempts", "1"],
    ["verify", "s3://bucket", "--attempts", "1"],
    ["doctor", "--to", "s3://bucket"],
  ]) {
    const { stdout, stderr } = await run(args, { cwd, env });
    expect(stdout + stderr).toContain("*** of *** is not allowed");
    expect(stdout + stderr).not.toMatch(/session\/token|Signature=/);
  }
  await server.stop(true);
});
