/** Keys that are asked for over the network: how each is found, and answers that mean harm. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { answerWithKeys, home, KEY_SERVICES } from "../support/role-services.ts";
import { AT_ONCE_MS } from "../support/until.ts";

const MIB = 1024 * 1024;
const WAYS = Object.keys(KEY_SERVICES);

/** A server of one kind of answer, for everything that is no S3, and an S3 server that takes all. */
async function uploadBeside(
  way: string,
  answer: (request: Request) => Response | undefined | Promise<Response | undefined>,
  settings: Record<string, string> = {},
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
    ...settings,
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

test("a container's service is shown the token of the environment, or of the file", async () => {
  const file = join(home({ token: "from-the-file\n" }), ".aws/token");
  for (const [settings, expected] of [
    [{}, null],
    [{ AWS_CONTAINER_AUTHORIZATION_TOKEN: "of-the-environment" }, "of-the-environment"],
    [{ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file }, "from-the-file"],
    [
      { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: "other" },
      "from-the-file",
    ],
  ] as const) {
    const shown: (string | null)[] = [];
    const record = (request: Request) => {
      shown.push(request.headers.get("authorization"));
      return answerWithKeys(request);
    };
    const { exitCode } = await uploadBeside("container", record, settings);
    expect(exitCode).toBe(0);
    expect(shown).toEqual([expected]);
  }
});

test("a container's service elsewhere is asked over TLS only", async () => {
  const elsewhere = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://192.0.2.1/role" };
  const { stderr, exitCode, durationMs } = await uploadBeside("container", answerWithKeys, elsewhere);
  expect(stderr).toMatch(/^logship: fatal: unable to locate credentials: [^\n]+\n$/);
  expect(exitCode).toBe(111);
  expect(durationMs).toBeLessThan(AT_ONCE_MS);
});

test("a container's service that is not ready yet is asked again", async () => {
  let asked = 0;
  const late = (request: Request) =>
    ++asked < 3 ? new Response("", { status: 503 }) : answerWithKeys(request);
  expect(await uploadBeside("container", late)).toMatchObject({
    stderr: "",
    exitCode: 0,
    signers: ["FOUND"],
  });
  expect(asked).toBe(3);
});

test("an instance that gives no token is asked as version 1 of its service was, unless that is forbidden", async () => {
  const old = (request: Request) =>
    request.method === "PUT" ? new Response("", { status: 405 }) : answerWithKeys(request);
  expect(await uploadBeside("instance", old)).toMatchObject({ stderr: "", exitCode: 0, signers: ["FOUND"] });
  const forbidden = await uploadBeside("instance", old, { AWS_EC2_METADATA_V1_DISABLED: "true" });
  expect(forbidden.exitCode).toBe(111);
  expect(new Set(forbidden.asked)).toEqual(new Set(["/latest/api/token"]));
});

test("keys that an instance gives although they are over are used, since its service does not renew them", async () => {
  const over = async (request: Request) => {
    const answer = await answerWithKeys(request);
    if (!request.url.endsWith("/a-role")) return answer;
    const Expiration = new Date(Date.now() - 60_000).toISOString();
    return Response.json({ ...((await answer!.json()) as object), Expiration });
  };
  expect(await uploadBeside("instance", over)).toMatchObject({ stderr: "", exitCode: 0, signers: ["FOUND"] });
});

test("keys that are no text are none", async () => {
  const roleCredentials = {
    accessKeyId: {},
    secretAccessKey: "SECRET",
    sessionToken: "TOKEN",
    expiration: Date.now() + 3_600_000,
  };
  const { stderr, exitCode } = await uploadBeside("sign-on", () => Response.json({ roleCredentials }));
  expect(stderr).toStartWith("logship: fatal: unable to locate credentials: ");
  expect(exitCode).toBe(111);
});

test("what a service of keys fails with is told, with its name", async () => {
  const refused = await uploadBeside("sign-on", () => new Response("", { status: 401 }));
  expect(refused.stderr).toBe(
    "logship: fatal: unable to locate credentials: 127.0.0.1: status 401 (see logship doctor)\n",
  );
  const large = await uploadBeside("instance", () => new Response(Buffer.alloc(MIB)));
  expect(large.stderr).toBe(
    "logship: fatal: unable to locate credentials: the answer is not that of the instance metadata service: it is larger than any of its answers (see logship doctor)\n",
  );
});
