/** Keys that are asked for over the network: how each is found, and answers that mean harm. */
import { expect, test } from "bun:test";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { answerWithKeys, KEY_SERVICES } from "../support/role-services.ts";

const MIB = 1024 * 1024;
const WAYS = Object.keys(KEY_SERVICES);

/** A server of one kind of answer, for everything that is no S3, and an S3 server that takes all. */
async function uploadBeside(
  way: string,
  answer: (request: Request) => Response | undefined | Promise<Response | undefined>,
) {
  const signers = new Set<string | undefined>();
  const asked: string[] = [];
  const services = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 255,
    async fetch(request) {
      asked.push(new URL(request.url).pathname);
      return (await answer(request)) ?? new Response("", { status: 404 });
    },
  });
  const s3 = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      signers.add(/Credential=(\w+)/.exec(request.headers.get("authorization") ?? "")?.[1]);
      return new Response("", { headers: { etag: '"x"' } });
    },
  });
  const env = {
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL_S3: s3.url.href,
    ...KEY_SERVICES[way]!(services.url.origin),
  };
  const cwd = workplace({ a: "a\n", b: "b\n" });
  const result = await run(["upload", "a", "b", "--to", "s3://bucket", "--timeout", "2s"], { cwd, env });
  await Promise.all([services.stop(true), s3.stop(true)]);
  return { ...result, signers: [...signers], asked };
}

test.each(WAYS)("keys come from: %s", async (way) => {
  const { stderr, exitCode, signers } = await uploadBeside(way, answerWithKeys);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(signers).toEqual(["FOUND"]);
});

test.each(WAYS)(
  "an answer that goes on and on is not held in memory: %s",
  async (way) => {
    const chunk = new Uint8Array(MIB).fill(0x61);
    let left = 512;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          if (left-- > 0) controller.enqueue(chunk);
          else controller.close();
        },
      });
    const { stdout, stderr, exitCode, peakMiB, asked } = await uploadBeside(
      way,
      () => new Response(endless()),
    );
    expect(asked).not.toEqual([]);
    expect(stderr).toMatch(/^logship: fatal: unable to locate credentials: [^\n]+ \(see logship doctor\)\n$/);
    expect(stdout).toBe("");
    expect(exitCode).toBe(111);
    expect(peakMiB).toBeLessThan(160);
  },
  60_000,
);

test.each(WAYS)(
  "an answer that trickles is given up: %s",
  async (way) => {
    const trickle = () =>
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          await Bun.sleep(20);
          controller.enqueue(Buffer.from(" "));
        },
      });
    const { stderr, exitCode, durationMs } = await uploadBeside(way, () => new Response(trickle()));
    expect(stderr).toMatch(/^logship: fatal: unable to locate credentials: [^\n]+\n$/);
    expect(exitCode).toBe(111);
    expect(durationMs).toBeLessThan(30_000);
  },
  60_000,
);

test.each(WAYS)(
  "an answer that is nothing it should be ends in one line: %s",
  async (way) => {
    for (const body of ["", "[]", "null", '{"AccessKeyId": 1}', "<html>\u001b[31m</html>", "\0\xff"]) {
      const { stderr, exitCode } = await uploadBeside(way, () => new Response(body));
      expect(stderr).toMatch(/^logship: fatal: unable to locate credentials: \P{Cc}+\n$/u);
      expect(exitCode).toBe(111);
    }
  },
  120_000,
);
