/** Keys that the server refuses after it has taken them: others may be where they came from. */
import { describe, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFaultProxy } from "../support/fault-proxy.ts";
import type { Plan } from "../support/faults.ts";
import { run, type Settings, start } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { answerWithKeys, home, KEY_SERVICES } from "../support/role-services.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";

const FILE = "profile default of ~/.aws/credentials";

/** As a program does it that renews them: at once, under another name. */
function writeKeys(directory: string, key: string): void {
  const path = join(directory, ".aws/credentials");
  writeFileSync(`${path}.new`, keysFile(key));
  renameSync(`${path}.new`, path);
}

function keysFile(key: string): string {
  return `[default]\naws_access_key_id=${key}\naws_secret_access_key=secret\naws_session_token=token\n`;
}

/** An S3 server that takes one object with each key and refuses that key from then on, with this code. */
function startFickleServer(status: number, code: string, onRefusal: (refusals: number) => void = () => {}) {
  const taken = new Map<string, string>();
  let refusals = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const signer = /Credential=(\w+)/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
      const { pathname } = new URL(request.url);
      if ([...taken.values()].includes(signer)) {
        onRefusal(++refusals);
        return new Response(`<Error><Code>${code}</Code><Message>no</Message></Error>`, { status });
      }
      taken.set(pathname.split("/").at(-1)!, signer);
      return new Response("", { headers: { etag: '"x"' } });
    },
  });
  return {
    /** Which key an object was stored with. */
    taken,
    get refusals() {
      return refusals;
    },
    environment: { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_S3: server.url.href },
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function upload(
  names: readonly string[],
  env: Record<string, string>,
  ...options: string[]
): [string[], Settings] {
  const cwd = workplace(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  return [["upload", ...names, "--to", "s3://bucket", "--concurrency", "1", ...options], { cwd, env }];
}

test.each([
  [400, "ExpiredToken"],
  [400, "ExpiredTokenException"],
  [400, "TokenRefreshRequired"],
  [400, "RequestExpired"],
  [403, "InvalidAccessKeyId"],
  [403, "InvalidTokenId"],
  [403, "SignatureDoesNotMatch"],
])(
  "keys that another program has renewed are read before anything is given up: %i %s",
  async (status, code) => {
    const HOME = home({ credentials: keysFile("OLD") });
    using server = startFickleServer(status, code, () => writeKeys(HOME, "NEW"));
    const { stderr, exitCode } = await run(...upload(["a", "b"], { ...server.environment, HOME }));
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect([...server.taken]).toEqual([
      ["a", "OLD"],
      ["b", "NEW"],
    ]);
    expect(server.refusals).toBe(1);
  },
);

test("keys that are over are waited for, and the warning names where they are from", async () => {
  const HOME = home({ credentials: keysFile("OLD") });
  using server = startFickleServer(400, "ExpiredToken");
  const logship = start(...upload(["a", "b"], { ...server.environment, HOME }));
  await logship.until("the warning", () => logship.stderr.includes("trying on"));
  writeKeys(HOME, "NEW");
  const { stderr, exitCode } = await logship.result;
  expect(stderr.split("\n")[0]).toBe(
    `logship: warning: unable to upload b to s3://bucket, trying on: 400 ExpiredToken (the session token has expired: see ${FILE})`,
  );
  expect(stderr).toMatch(/\nlogship: info: uploads to s3:\/\/bucket work again after \d+ failed tries\n$/);
  expect(exitCode).toBe(0);
  expect(server.taken.get("b")).toBe("NEW");
}, 60_000);

test("standard input that ship reads is not lost while keys are over", async () => {
  const HOME = home({ credentials: keysFile("OLD") });
  using server = startFickleServer(400, "ExpiredToken");
  const args = ["ship", "-", "--to", "s3://bucket", "--max-age", "100ms"];
  const state = ["--state", temporaryDirectory("state")];
  const env = { ...server.environment, HOME };
  const logship = start([...args, ...state], { env, stdin: "pipe" });
  logship.write("first\n");
  await logship.until("the first piece", () => server.taken.size === 1);
  logship.write("second\n");
  await logship.until("the warning", () => logship.stderr.includes("trying on"));
  writeKeys(HOME, "NEW");
  await logship.until("the second piece", () => server.taken.size === 2);
  logship.kill("SIGTERM");
  expect((await logship.result).stderr).not.toContain("fatal");
}, 60_000);

test("keys that nobody renews end what has so many attempts, and the message names where they are from", async () => {
  const HOME = home({ credentials: keysFile("OLD") });
  using server = startFickleServer(403, "InvalidAccessKeyId");
  const { stderr, exitCode } = await run(
    ...upload(["a", "b"], { ...server.environment, HOME }, "--attempts", "2"),
  );
  expect(stderr).toBe(
    `logship: fatal: unable to upload b to s3://bucket, after 1 files that were: 403 InvalidAccessKeyId (there is no such access key: see ${FILE}) (see logship doctor)\n`,
  );
  expect(exitCode).toBe(111);
  expect(server.refusals).toBe(2);
});

describe("at once and with the name of their source are refused", () => {
  test("keys of a file that were never taken", async () => {
    const HOME = home({ config: "[profile lab]\n", elsewhere: keysFile("OLD").replace("default", "lab") });
    using server = startFickleServer(400, "ExpiredToken");
    server.taken.set("earlier", "OLD");
    const path = join(HOME, ".aws/elsewhere");
    const env = { ...server.environment, HOME, AWS_PROFILE: "lab", AWS_SHARED_CREDENTIALS_FILE: path };
    const { stderr, exitCode } = await run(...upload(["a"], env));
    expect(stderr).toBe(
      `logship: fatal: unable to upload a to s3://bucket: 400 ExpiredToken (the session token has expired: see profile lab of ${path}) (see logship doctor)\n`,
    );
    expect(exitCode).toBe(111);
    expect(server.refusals).toBe(1);
  });

  test("keys of the environment, which stays as it is", async () => {
    using server = startFickleServer(400, "ExpiredToken");
    const keys = { AWS_ACCESS_KEY_ID: "OLD", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };
    const { stderr, exitCode } = await run(...upload(["a", "b"], { ...server.environment, ...keys }));
    expect(stderr).toBe(
      "logship: fatal: unable to upload b to s3://bucket, after 1 files that were: 400 ExpiredToken (the session token has expired: see AWS_SESSION_TOKEN in the environment) (see logship doctor)\n",
    );
    expect(exitCode).toBe(111);
    expect(server.refusals).toBe(1);
  });
});

test.each(Object.keys(KEY_SERVICES))(
  "keys are asked for again when the server says that they are over: %s",
  async (way) => {
    let given = "FIRST";
    using server = startFickleServer(400, "ExpiredToken", () => {
      given = "SECOND";
    });
    const services = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const answer = (await answerWithKeys(request)) ?? new Response("", { status: 404 });
        const { status, headers } = answer;
        return new Response((await answer.text()).replace("FOUND", given), { status, headers });
      },
    });
    const env = { ...server.environment, ...KEY_SERVICES[way]!(services.url.origin) };
    const { stderr, exitCode } = await run(...upload(["a", "b"], env));
    await services.stop(true);
    expect(stderr).not.toContain("fatal");
    expect(exitCode).toBe(0);
    expect([...server.taken]).toEqual([
      ["a", "FIRST"],
      ["b", "SECOND"],
    ]);
  },
  60_000,
);

test("no other source takes the place of a file that is being written", async () => {
  const HOME = home({ credentials: keysFile("OLD") });
  const services = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => answerWithKeys(request) as never,
  });
  using server = startFickleServer(400, "ExpiredToken", (refusals) => {
    if (refusals === 1) writeFileSync(join(HOME, ".aws/credentials"), "[default]\naws_access_key_id=N");
  });
  const env = { ...server.environment, ...KEY_SERVICES.instance!(services.url.origin), HOME };
  const logship = start(...upload(["a", "b"], env));
  await logship.until("the warning", () => logship.stderr.includes("trying on"));
  writeKeys(HOME, "NEW");
  const { exitCode } = await logship.result;
  await services.stop(true);
  expect(exitCode).toBe(0);
  expect([...server.taken.values()]).toEqual(["OLD", "NEW"]);
}, 60_000);

describe("beside an S3 server, whose requests are refused until the file is renewed", () => {
  /** Refuses the requests that a filter lets through, while they have the old token. */
  async function refusing(
    isRefused: (request: { method: string; path: string }) => boolean,
    work: (env: Record<string, string>, setPlan: (plan: Plan) => void) => Promise<void>,
  ): Promise<string[]> {
    const s3 = await startS3rver();
    const proxy = startFaultProxy(s3.endpoint);
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...env } = environmentOf(s3, proxy.endpoint);
    const keys = (token: string) =>
      `[default]\naws_access_key_id=${AWS_ACCESS_KEY_ID}\naws_secret_access_key=${AWS_SECRET_ACCESS_KEY}\naws_session_token=${token}\n`;
    const HOME = home({ credentials: keys("old") });
    const plan: Plan = (request) => {
      if (!isRefused(request) || request.headers["x-amz-security-token"] !== "old") return undefined;
      writeFileSync(join(HOME, ".aws/credentials"), keys("new"));
      return { kind: "answer", status: 400, code: "ExpiredToken" };
    };
    await work({ ...env, HOME }, () => proxy.setPlan(plan));
    const seen = proxy.requests.map(({ method, path }) => `${method} ${path}`);
    proxy.stop();
    await s3.stop();
    return seen;
  }

  test("an upload in parts is completed without sending a part again", async () => {
    const cwd = workplace({ large: Buffer.alloc(70 * 1024 * 1024, "a record\n") });
    const requests = await refusing(
      ({ method, path }) => method === "POST" && path.includes("uploadId="),
      async (env, refuse) => {
        refuse(() => undefined);
        const bucket = freshBucketName();
        const { stderr, exitCode } = await run(["upload", "large", "--to", `s3://${bucket}`], { cwd, env });
        expect(stderr).not.toContain("fatal");
        expect(exitCode).toBe(0);
      },
    );
    const parts = requests.filter((request) => request.includes("partNumber="));
    expect(new Set(parts).size).toBe(parts.length);
    expect(requests.filter((request) => /^POST .*uploadId=/.test(request))).toHaveLength(2);
  }, 60_000);

  test("verify reads on", async () => {
    await refusing(
      ({ method, path }) => method === "GET" && path.includes(".log."),
      async (env, refuse) => {
        const to = `s3://${freshBucketName()}`;
        const made = await run(["run", "--once", "--records", "100", "--success", "--to", to], { env });
        expect(made.exitCode).toBe(0);
        refuse(() => undefined);
        const { stderr, exitCode } = await run(["verify", to], { env });
        expect(stderr).toBe("");
        expect(exitCode).toBe(0);
      },
    );
  }, 60_000);
});
