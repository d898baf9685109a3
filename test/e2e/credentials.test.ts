/** Credentials, region and endpoint are found where the AWS CLI finds them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listPieces } from "../support/bucket.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { firstRequests } from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { type S3rver, startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { AT_ONCE_MS } from "../support/until.ts";

const NO_CREDENTIALS =
  "logship: fatal: unable to locate credentials: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET, write ~/.aws/credentials, or attach a role to the instance (see logship doctor)\n";
let server: S3rver;

beforeAll(async () => {
  server = await startS3rver();
});
afterAll(() => server.stop());

/** Uploads one file with exactly this environment. */
async function upload(env: Record<string, string>, bucket = freshBucketName()) {
  const cwd = workplace({ a: "a\n" });
  const result = await run(["upload", "--to", `s3://${bucket}`, "a"], { cwd, env });
  return { ...result, keys: result.exitCode === 0 ? await listPieces(server, bucket) : [] };
}

function homeWith(files: Record<string, string>): string {
  const home = temporaryDirectory("home");
  mkdirSync(join(home, ".aws"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, ".aws", name), text);
  return home;
}

/** A server of `/latest`, as it answers inside an EC2 instance with a role; everything else is 404. */
function instanceMetadataService(values: Record<string, string>) {
  const requests: string[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      if (request.method === "PUT" && pathname === "/latest/api/token") return new Response("a-token");
      if (request.headers.get("x-aws-ec2-metadata-token") !== "a-token")
        return new Response("", { status: 401 });
      const value = values[pathname.replace("/latest/", "")];
      return value === undefined ? new Response("", { status: 404 }) : new Response(value);
    },
  });
  return { endpoint: `http://127.0.0.1:${service.port}`, requests, stop: () => service.stop(true) };
}

const role = JSON.stringify({
  Code: "Success",
  Type: "AWS-HMAC",
  AccessKeyId: "S3RVER",
  SecretAccessKey: "S3RVER",
  Token: "a-session-token",
  Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
});

test("without credentials upload says what to do, at once", async () => {
  const { stdout, stderr, exitCode, durationMs } = await upload({});
  expect(stderr).toBe(NO_CREDENTIALS);
  expect(stdout).toBe("");
  expect(exitCode).toBe(111);
  expect(durationMs).toBeLessThan(AT_ONCE_MS);
});

test("without credentials and with a metadata service that never answers it does not wait long", async () => {
  const silent = startFaultProxy(server.endpoint, () => ({ kind: "silence" }));
  const env = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.endpoint };
  const { stderr, exitCode, durationMs } = await upload(env);
  expect(silent.requests.length).toBeGreaterThan(0);
  silent.stop();
  expect(stderr).toBe(NO_CREDENTIALS);
  expect(exitCode).toBe(111);
  expect(durationMs).toBeLessThan(AT_ONCE_MS);
}, 50_000);

test("without credentials and without a route to a metadata service it does not wait long", async () => {
  const { stderr, durationMs } = await upload({ AWS_EC2_METADATA_DISABLED: "false" });
  expect(stderr).toBe(NO_CREDENTIALS);
  expect(durationMs).toBeLessThan(AT_ONCE_MS);
}, 50_000);

test("credentials come from the environment", async () => {
  const { stderr, exitCode, keys } = await upload(environmentOf(server));
  expect(stderr).not.toContain("fatal");
  expect(exitCode).toBe(0);
  expect(keys).toEqual(["a"]);
});

test("credentials, region and endpoint come from the shared files and AWS_PROFILE", async () => {
  const HOME = homeWith({
    credentials:
      "[default]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n\n[lab]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n",
    config: `[profile lab]\nregion = eu-north-1\nendpoint_url = ${server.endpoint}\n`,
  });
  const { stderr, keys } = await upload({ HOME, AWS_PROFILE: "lab" });
  expect(stderr).toContain("in eu-north-1\n");
  expect(keys).toEqual(["a"]);
});

test("AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE move the shared files", async () => {
  const HOME = homeWith({
    elsewhere: "[default]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n",
    settings: "[default]\nregion = sa-east-1\n",
  });
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: join(HOME, ".aws/elsewhere"),
    AWS_CONFIG_FILE: join(HOME, ".aws/settings"),
    AWS_ENDPOINT_URL: server.endpoint,
  };
  const { stderr, keys } = await upload(env);
  expect(stderr).toContain("in sa-east-1\n");
  expect(keys).toEqual(["a"]);
});

test("the environment wins over the profile, as with the AWS CLI", async () => {
  const HOME = homeWith({ credentials: "[lab]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n" });
  const { keys } = await upload({ ...environmentOf(server), HOME, AWS_PROFILE: "lab" });
  expect(keys).toEqual(["a"]);
});

test("AWS_ENDPOINT_URL_S3 wins over AWS_ENDPOINT_URL", async () => {
  const { keys } = await upload({ ...environmentOf(server), AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
  expect(keys).toEqual(["a"]);
});

test("AWS_DEFAULT_REGION counts where AWS_REGION is not set", async () => {
  const { AWS_REGION: _, ...env } = environmentOf(server);
  const { stderr } = await upload({ ...env, AWS_DEFAULT_REGION: "ca-central-1" });
  expect(stderr).toContain("in ca-central-1\n");
});

test("credentials come from a container's endpoint", async () => {
  const container = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(role) });
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${container.port}/role`,
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: "us-east-1",
  };
  const { stderr, keys } = await upload(env);
  container.stop(true);
  expect(stderr).not.toContain("fatal");
  expect(keys).toEqual(["a"]);
});

test("credentials that expire in mid-run are renewed, and waited for while they cannot be", async () => {
  let asked = 0;
  const container = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      asked++;
      const isAway = asked > 3 && asked < 12;
      const Expiration = new Date(Date.now() + 1000).toISOString();
      const given = { ...JSON.parse(role), Token: `token-${asked}`, Expiration };
      return isAway ? new Response("", { status: 500 }) : Response.json(given);
    },
  });
  const proxy = startFaultProxy(server.endpoint);
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${container.port}/role`,
    AWS_ENDPOINT_URL_S3: proxy.endpoint,
    AWS_REGION: "us-east-1",
  };
  const options = ["--batches", "4", "--interval", "1200ms", "--records", "5"];
  const { stdout, stderr, exitCode } = await run(["run", "--to", `s3://${freshBucketName()}`, ...options], {
    env,
  });
  container.stop(true);
  proxy.stop();
  expect(stderr).not.toContain("fatal");
  expect(exitCode).toBe(0);
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(4);
  const tokens = new Set(proxy.requests.map(({ headers }) => headers["x-amz-security-token"]));
  expect(tokens.size).toBeGreaterThan(2);
}, 60_000);

test("credentials and region come from the role of an instance, asked with a token", async () => {
  const service = instanceMetadataService({
    "meta-data/iam/security-credentials/": "logship-role",
    "meta-data/iam/security-credentials/logship-role": role,
    "meta-data/placement/region": "us-west-2",
  });
  const env = {
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: service.endpoint,
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
  const { stderr, keys } = await upload(env);
  service.stop();
  expect(service.requests[0]).toBe("PUT /latest/api/token");
  expect(stderr).toContain("in us-west-2\n");
  expect(keys).toEqual(["a"]);
});

test("a profile that no shared file has is named", async () => {
  const HOME = homeWith({
    credentials: "[default]\naws_access_key_id=S3RVER\naws_secret_access_key=S3RVER\n",
  });
  const env = { HOME, AWS_PROFILE: "payrol", AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "us-east-1" };
  const { stderr, exitCode } = await upload({ ...env, AWS_ENDPOINT_URL_S3: server.endpoint });
  expect(stderr).toBe(
    "logship: fatal: unable to locate credentials: there is no profile payrol in the shared files (see logship doctor)\n",
  );
  expect(exitCode).toBe(111);
});

test("credential_process is run once for an upload, and once if it fails", async () => {
  const script = (answer: string) => `#!/bin/sh\necho x >> "$HOME/calls"\n${answer}\n`;
  const keys = JSON.stringify({ Version: 1, AccessKeyId: "S3RVER", SecretAccessKey: "S3RVER" });
  for (const [answer, expected] of [
    [`echo '${keys}'`, 0],
    ["exit 1", 111],
  ] as const) {
    const HOME = homeWith({ keys: script(answer) });
    chmodSync(join(HOME, ".aws/keys"), 0o755);
    const config = `[default]\nregion=us-east-1\ncredential_process=${HOME}/.aws/keys\n`;
    writeFileSync(join(HOME, ".aws/config"), config);
    const { stderr, exitCode } = await upload({ HOME, AWS_ENDPOINT_URL_S3: server.endpoint });
    expect(stderr).not.toContain("expired");
    expect(exitCode).toBe(expected);
    expect(readFileSync(join(HOME, "calls"), "utf8")).toBe("x\n");
  }
});

test("credential_process is not run again for a bucket in another region", async () => {
  const HOME = homeWith({});
  const keys = JSON.stringify({ Version: 1, AccessKeyId: "S3RVER", SecretAccessKey: "S3RVER" });
  writeFileSync(
    join(HOME, ".aws/config"),
    `[default]\nregion=us-east-1\ncredential_process=sh -c "echo x >> ${HOME}/calls; echo '${keys.replaceAll('"', '\\"')}'"\n`,
  );
  const region = { "x-amz-bucket-region": "eu-west-1" };
  const elsewhere = { kind: "answer", status: 301, code: "PermanentRedirect", headers: region } as const;
  const proxy = startFaultProxy(server.endpoint, firstRequests(1, elsewhere));
  const { stderr, exitCode } = await upload({ HOME, AWS_ENDPOINT_URL_S3: proxy.endpoint });
  proxy.stop();
  expect(stderr).toContain("in eu-west-1\n");
  expect(exitCode).toBe(0);
  expect(readFileSync(join(HOME, "calls"), "utf8")).toBe("x\n");
});

test("settings of AWS's own endpoints beside another server are named, not the server's address", async () => {
  for (const [variable, entry] of [
    ["AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"],
    ["AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"],
  ] as const) {
    const setting = `${variable}, or ${entry} of the profile,`;
    const isSet = `logship: fatal: unable to use the configured S3 endpoint: ${setting} is set, which is for AWS alone: unset it, or the endpoint (see logship doctor)\n`;
    const environment = environmentOf(server);
    expect((await upload({ ...environment, [variable]: "true" })).stderr).toBe(isSet);
    const HOME = homeWith({ config: `[default]\n${entry}=true\n` });
    expect((await upload({ ...environment, HOME })).stderr).toBe(isSet);
    expect((await upload({ ...environment, [variable]: "false" })).exitCode).toBe(0);
  }
});

test("without --to the bucket is named after the public IPv4 of the instance", async () => {
  const service = instanceMetadataService({ "meta-data/public-ipv4": "203.0.113.9" });
  const cwd = workplace({ a: "a\n" });
  const env = {
    ...environmentOf(server),
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: service.endpoint,
  };
  const { stdout, exitCode } = await run(["upload", "a"], { cwd, env });
  service.stop();
  expect(stdout).toBe("upload: a to s3://203.0.113.9-logs/a\n");
  expect(exitCode).toBe(0);
});

test.each(["203.0.113.9; touch harm", "$(touch harm)", "../x", "<html>"])(
  "what no address and no region can be is not taken from the metadata of an instance: %j",
  async (told) => {
    const service = instanceMetadataService({
      "meta-data/public-ipv4": told,
      "meta-data/placement/region": `${told} `,
    });
    const env = {
      ...environmentOf(server),
      AWS_REGION: "",
      AWS_EC2_METADATA_DISABLED: "false",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: service.endpoint,
    };
    const cwd = workplace({ a: "a\n" });
    const nowhere = await run(["upload", "a"], { cwd, env });
    expect(nowhere.stderr).toMatch(
      /^logship: fatal: unable to parse destination: --to is not given, and this host has no public IPv4 of EC2 [^\n]+\n$/,
    );
    expect(nowhere.exitCode).toBe(100);
    const bucket = freshBucketName();
    const there = await run(["upload", "a", "--to", `s3://${bucket}`], { cwd, env });
    service.stop();
    expect(there.stderr).toBe(`logship: info: created bucket s3://${bucket} in us-east-1\n`);
    expect(there.exitCode).toBe(0);
  },
);

test("a profile that does not exist and files that cannot be parsed end in one clear line", async () => {
  const broken = homeWith({ credentials: "[default\n\x00\xff===\n", config: "nonsense" });
  for (const env of [{ AWS_PROFILE: "nowhere" }, { HOME: broken }]) {
    const { stderr, exitCode } = await upload(env);
    expect(stderr).toMatch(/^logship: fatal: unable to locate credentials: [^\n]+\n$/);
    expect(exitCode).toBe(111);
  }
});

test("an endpoint that is no URL ends in one clear line", async () => {
  const { stderr, exitCode } = await upload({ ...environmentOf(server), AWS_ENDPOINT_URL_S3: "not a url" });
  expect(stderr).toMatch(/^logship: fatal: unable to [^\n]+\n$/);
  expect(stderr).not.toContain("internal error");
  expect([100, 111]).toContain(exitCode);
});

test("a server that does not listen is told after the last attempt", async () => {
  const env = { ...environmentOf(server), AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" };
  const args = ["upload", "--to", "s3://bucket", "--attempts", "2", "a"];
  const { stderr, exitCode } = await run(args, { cwd: workplace({ a: "a\n" }), env });
  expect(stderr).toBe(
    "logship: fatal: unable to upload a to s3://bucket: connection refused (see logship doctor)\n",
  );
  expect(exitCode).toBe(111);
});
