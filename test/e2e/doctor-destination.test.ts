/** `logship doctor` and destinations that do not work: the right line, the right remedy, the right exit code. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBucket, listObjects } from "../support/bucket.ts";
import { type Diagnosis, diagnosis, doctor, expectFindings } from "../support/doctor.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { clockSkew, type Fault, isPut, type Plan, silence } from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { selfSigned } from "../support/tls.ts";

/** Whatever is silent. */
const LIMIT_MS = 10_000;
const SET_KEYS = "export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET";
let proxied: ProxiedServer;

beforeAll(async () => {
  proxied = await startProxiedServer();
});
afterAll(() => proxied.stop());

/** A doctor of a bucket of ours, whose requests suffer from a plan. */
async function examine(plan: Plan, env: Record<string, string> = {}, ...args: string[]): Promise<Diagnosis> {
  const bucket = freshBucketName();
  await createBucket(proxied.server, bucket);
  return examineBucket(bucket, plan, env, ...args);
}

function examineBucket(bucket: string, plan: Plan, env: Record<string, string>, ...args: string[]) {
  proxied.proxy.setPlan(plan);
  const complete = { ...environmentOf(proxied.server, proxied.proxy.endpoint), ...env };
  return doctor(["--to", `s3://${bucket}/logs`, ...args], { env: complete });
}

/** A doctor with no keys in its environment. */
function examineWithoutKeys(env: Record<string, string>): Promise<Diagnosis> {
  proxied.proxy.setPlan(untouched);
  const { endpoint } = proxied.proxy;
  return doctor(["--to", "s3://some-bucket"], {
    env: { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: "us-east-1", ...env },
  });
}

function homeWith(files: Record<string, string>): string {
  const home = temporaryDirectory("home");
  mkdirSync(join(home, ".aws"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, ".aws", name), text);
  return home;
}

/** A home whose credential_process takes its time. */
function slowKeys(seconds: number): string {
  const given = JSON.stringify({ Version: 1, AccessKeyId: "S3RVER", SecretAccessKey: "S3RVER" });
  const words = `sleep ${seconds}; echo '${given.replaceAll('"', '\\"')}'`;
  return homeWith({ config: `[default]\ncredential_process = sh -c "${words}"\n` });
}

const untouched: Plan = () => undefined;
const isSigned = ({ headers }: { headers: Record<string, string> }) => headers.authorization !== undefined;
const refusePuts =
  (status: number, code: string): Plan =>
  (request) =>
    isPut(request) ? { kind: "answer", status, code } : undefined;

describe("where all is well", () => {
  test("every line is ok, the exit code 0, and nothing is left behind", async () => {
    const bucket = freshBucketName();
    await createBucket(proxied.server, bucket);
    const found = await examineBucket(bucket, untouched, {});
    expectFindings(found, 0);
    const checks = found.lines.map(({ check }) => check);
    for (const check of [
      "kernel",
      "glibc",
      "processor",
      "code memory",
      "memory",
      "disk",
      "time zone",
      "setting",
      "credentials",
    ])
      expect(checks).toContain(check);
    for (const check of [
      "region",
      "endpoint",
      "clock",
      "bucket",
      "writing",
      "reading",
      "deleting",
      "svscan",
      "shipping",
    ])
      expect(checks).toContain(check);
    expect(found.lines.find(({ check }) => check === "reading")?.text).toBe(
      "the test object is what was stored",
    );
    expect(await listObjects(proxied.server, bucket)).toEqual([]);
  });

  test("the one object it stores has a name that engines pass over, below the prefix", async () => {
    const bucket = freshBucketName();
    await createBucket(proxied.server, bucket);
    await examineBucket(bucket, untouched, {});
    const changes = proxied.requestsFor(bucket).filter(({ method }) => !["GET", "HEAD"].includes(method));
    expect(changes.map(({ method }) => method)).toEqual(["PUT", "DELETE"]);
    for (const { path } of changes) expect(path).toMatch(/\/logs\/_logship-doctor-[0-9a-f-]{36}(\?.*)?$/);
  });

  test("lines are made to be read: verdict, check, text", async () => {
    const env = environmentOf(proxied.server);
    const bucket = freshBucketName();
    await createBucket(proxied.server, bucket);
    const { stdout } = await run(["doctor", "--to", `s3://${bucket}`, "--services", "/nowhere"], { env });
    expect(stdout).toMatch(/^ok {7}kernel {8}\d+\.\d+/m);
    expect(stdout).toContain(`\nok       bucket        s3://${bucket} is there and ours\n`);
    expect(stdout).toMatch(/^ok {7}setting {7}AWS_REGION=us-east-1, a variable$/m);
    expect(stdout).toContain(`\nok       setting       --to s3://${bucket}, an option\n`);
  });

  test("--quiet says nothing then, and else what is to be mended alone", async () => {
    const args = ["doctor", "--quiet", "--offline", "--services", "/nowhere", "--state", "/nowhere"];
    expect(await run(args)).toEqual(expect.objectContaining({ stdout: "", stderr: "", exitCode: 0 }));
    const { stdout, exitCode } = await run(args, { env: { LOGSHIP_GZIP: "perhaps" } });
    expect(stdout).toMatch(
      /^failed {3}setting {7}LOGSHIP_GZIP=perhaps must be yes or no [^\n]*; type: unset LOGSHIP_GZIP\n$/,
    );
    expect(exitCode).toBe(1);
  });

  test("a directory is tried with a file", async () => {
    const directory = temporaryDirectory("to");
    expectFindings(await doctor(["--to", `file://${directory}`]), 0);
    expect([...new Bun.Glob("**").scanSync({ cwd: directory, dot: true })]).toEqual([]);
  });

  test("--offline asks nobody", async () => {
    const before = proxied.proxy.requests.length;
    const found = await examine(untouched, {}, "--offline");
    expectFindings(found, 0);
    expect(proxied.proxy.requests.slice(before)).toEqual([]);
    expect(found.lines.map(({ check }) => check)).not.toContain("credentials");
  });
});

describe("credentials", () => {
  test("none at all", async () => {
    expectFindings(await examineWithoutKeys({}), 1, {
      check: "credentials",
      verdict: "failed",
      text: "none in the environment, in the shared files, or by a role of the instance",
      remedy: SET_KEYS,
    });
  });

  test("half of a pair", async () => {
    expectFindings(await examineWithoutKeys({ AWS_ACCESS_KEY_ID: "key" }), 1, {
      check: "credentials",
      verdict: "failed",
      text: "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
      remedy: "export AWS_SECRET_ACCESS_KEY=VALUE",
    });
  });

  test("a profile that is not there", async () => {
    expectFindings(await examineWithoutKeys({ AWS_PROFILE: "lab" }), 1, {
      check: "credentials",
      verdict: "failed",
      text: "there is no profile lab in the shared files",
      remedy: "aws configure --profile=lab",
    });
  });

  test.skipIf(!canBeOrdinaryUser)("a profile that may not be read", async () => {
    const HOME = temporaryDirectory("home");
    const path = join(HOME, ".aws/credentials");
    mkdirSync(join(HOME, ".aws"));
    writeFileSync(path, "[default]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n", {
      mode: 0o600,
    });
    Bun.spawnSync(["chmod", "755", HOME, join(HOME, ".aws")]);
    const env = { HOME, AWS_ENDPOINT_URL_S3: proxied.server.endpoint, AWS_REGION: "us-east-1" };
    const args = [
      "doctor",
      "--json",
      "--to",
      "s3://some-bucket",
      "--services",
      "/nowhere",
      "--state",
      "/nowhere",
    ];
    const found = await startAsOrdinaryUser(args, { ...env, AWS_EC2_METADATA_DISABLED: "true" }).result;
    expectFindings(diagnosis(found), 1, {
      check: "credentials",
      verdict: "failed",
      text: `unable to read ${path}: access denied`,
      remedy: `sudo chown $(id -u) ${path}`,
    });
  });

  test("a FIFO in place of a shared file", async () => {
    const HOME = homeWith({});
    const path = join(HOME, ".aws/credentials");
    Bun.spawnSync(["mkfifo", path]);
    expectFindings(await examineWithoutKeys({ HOME }), 1, {
      check: "credentials",
      verdict: "failed",
      text: `unable to read ${path}: not a regular file`,
      remedy: `ls -l ${path}`,
    });
  });

  test("a credential_process that fails, without a word of what it was called with", async () => {
    const HOME = homeWith({ config: "[default]\ncredential_process = false --password hunter2\n" });
    const found = await examineWithoutKeys({ HOME });
    expectFindings(found, 1, {
      check: "credentials",
      verdict: "failed",
      text: "credential_process of profile default fails or gives no valid credentials",
      remedy: `grep -n credential_process ${HOME}/.aws/config`,
    });
    expect(found.stdout).not.toContain("hunter2");
  });

  test.skipIf(!needs("pgrep"))(
    "a credential_process that hangs is given up in time, and ended",
    async () => {
      const HOME = homeWith({ config: "[default]\ncredential_process = sleep 98765\n" });
      const found = await examineWithoutKeys({ HOME });
      expectFindings(found, 1, {
        check: "credentials",
        verdict: "failed",
        text: "credential_process of profile default does not answer",
        remedy: `grep -n credential_process ${HOME}/.aws/config`,
      });
      expect(found.durationMs).toBeLessThan(LIMIT_MS);
      expect(Bun.spawnSync(["pgrep", "-f", "^sleep 98765"]).stdout.toString()).toBe("");
    },
    30_000,
  );

  test("a web identity, a container and an instance that give none", async () => {
    const silent = startFaultProxy(proxied.server.endpoint, () => silence);
    const sources = {
      "the web identity is not accepted": {
        AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token",
        AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/r",
      },
      "the container's endpoint gives none": {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/role",
      },
      "none in the environment, ": {
        AWS_EC2_METADATA_DISABLED: "false",
        AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.endpoint,
      },
    };
    for (const [text, env] of Object.entries(sources)) {
      const found = await examineWithoutKeys(env);
      expectFindings(found, 1, {
        check: "credentials",
        verdict: "failed",
        text: new RegExp(`^${text}`),
        remedy: /^(ls -l \/nowhere\/token|env \| grep AWS_CONTAINER|export AWS_ACCESS_KEY_ID=)/,
      });
      expect(found.durationMs).toBeLessThan(LIMIT_MS);
    }
    silent.stop();
  }, 60_000);

  test("expired, as the environment says", async () => {
    const env = { AWS_SESSION_TOKEN: "t", AWS_CREDENTIAL_EXPIRATION: "2017-01-12T14:36:56Z" };
    expectFindings(await examine(untouched, env), 1, {
      check: "credentials",
      verdict: "failed",
      text: "expired: key S3…, from the environment, until 2017-01-12T14:36:56Z",
      remedy: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    });
  });

  test("expired, as the server says", async () => {
    expectFindings(await examine(refusePuts(400, "ExpiredToken")), 1, {
      check: "credentials",
      verdict: "failed",
      text: /^unable to store a test object in s3:\/\/\S+: 400 ExpiredToken \(the session token has expired[^\n]*\)$/,
      remedy: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    });
  });

  test("expired, as the server says, with where they are from", async () => {
    const HOME = homeWith({ credentials: "[default]\naws_access_key_id = A\naws_secret_access_key = B\n" });
    const without = { HOME, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    expectFindings(await examine(refusePuts(400, "ExpiredToken"), without), 1, {
      check: "credentials",
      verdict: "failed",
      text: /: 400 ExpiredToken \(the session token has expired: see profile default of ~\/.aws\/credentials\)$/,
      remedy: SET_KEYS,
    });
  });

  test("a wrong secret", async () => {
    expectFindings(await examine(refusePuts(403, "SignatureDoesNotMatch")), 1, {
      check: "credentials",
      verdict: "failed",
      text: /: 403 SignatureDoesNotMatch \(the secret access key is wrong[^\n]*\)$/,
      remedy: SET_KEYS,
    });
  });

  test("an unknown key", async () => {
    expectFindings(await examine(untouched, { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" }), 1, {
      check: "credentials",
      verdict: "failed",
      text: /: 403 InvalidAccessKeyId \(there is no such access key[^\n]*\)$/,
      remedy: SET_KEYS,
    });
  });

  test("whose they are is told by the ends of the key alone, and nothing secret ever", async () => {
    const keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n";
    const HOME = homeWith({ credentials: `[default]\n${keys}aws_session_token = IQoJb3JpZ2lu\n` });
    const env = { HOME, HTTPS_PROXY: "http://me:hunter2@proxy.invalid:3128" };
    const { stdout, stderr } = await examineWithoutKeys(env);
    expect(stdout).toContain('"text":"key AKIA…MPLE, from profile default of ~/.aws/credentials');
    expect(stdout).toContain("HTTPS_PROXY=http://…@proxy.invalid:3128, a variable");
    expect(stdout + stderr).not.toMatch(/hunter2|wJalr|IQoJ|FODNN7/);
  });

  const role = {
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "S3RVER",
    Token: "a-token",
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  };

  test("of a container, an instance and a credential_process: which, and until when", async () => {
    const service = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname.endsWith("security-credentials/")) return new Response("a-role");
        return pathname.endsWith("token") ? new Response("t") : Response.json({ Code: "Success", ...role });
      },
    });
    const endpoint = `http://127.0.0.1:${service.port}`;
    const { Token: SessionToken, ...rest } = role;
    const config = `[default]\ncredential_process = printf '%s' '${JSON.stringify({ Version: 1, SessionToken, ...rest })}'\n`;
    const sources = {
      "the container": { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/role` },
      "the role of this instance": {
        AWS_EC2_METADATA_DISABLED: "false",
        AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint,
      },
      "credential_process of profile default": { HOME: homeWith({ config }) },
    };
    for (const [source, env] of Object.entries(sources)) {
      const { lines } = await examineWithoutKeys(env);
      expect(lines.find(({ check }) => check === "credentials")).toEqual(
        expect.objectContaining({
          verdict: "ok",
          text: `key ASIA…MPLE, from ${source}, until ${role.Expiration}`,
        }),
      );
    }
    service.stop(true);
  }, 30_000);
});

describe("region and clock", () => {
  test("a bucket in another region", async () => {
    const elsewhere: Fault = {
      kind: "answer",
      status: 301,
      code: "PermanentRedirect",
      headers: { "x-amz-bucket-region": "eu-north-1" },
    };
    const plan: Plan = ({ headers }) =>
      headers.authorization?.includes("/eu-north-1/s3/") ? undefined : elsewhere;
    expectFindings(await examine(plan), 0, {
      check: "region",
      verdict: "warning",
      text: "the bucket is in eu-north-1, and us-east-1, by AWS_REGION is asked first",
      remedy: "export AWS_REGION=eu-north-1",
    });
  });

  test("what is no name of a region", async () => {
    expectFindings(await examine(untouched, { AWS_REGION: "US West" }), 1, {
      check: "region",
      verdict: "failed",
      text: /^unable to parse region US West: must be a name such as us-west-2/,
      remedy: "export AWS_REGION=us-west-2",
    });
  });

  test.each([
    [20, "failed", "this host is 20 min behind the server; S3 allows 15 min", 1],
    [-20, "failed", "this host is 20 min ahead of the server; S3 allows 15 min", 1],
    [1, "warning", /^this host is (59|60|61) s behind the server$/, 0],
  ] as const)("a clock that differs by %p min", async (minutes, verdict, text, exitCode) => {
    const plan: Plan = (request) => (isSigned(request) ? undefined : clockSkew(minutes));
    expectFindings(await examine(plan), exitCode, {
      check: "clock",
      verdict,
      text,
      remedy: "timedatectl set-ntp true",
    });
  });
});

describe("endpoint", () => {
  test("nobody listens", async () => {
    expectFindings(await examine(untouched, { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" }), 1, {
      check: "endpoint",
      verdict: "failed",
      text: /^http:\/\/127\.0\.0\.1:1\/\S+ is not usable: connection refused$/,
      remedy: "curl -v http://127.0.0.1:1",
    });
  });

  test("a server that never answers", async () => {
    const found = await examine(() => silence);
    expectFindings(found, 1, {
      check: "endpoint",
      verdict: "failed",
      text: /is not usable: timed out$/,
      remedy: /^curl -v http:\/\/127\.0\.0\.1:\d+$/,
    });
    expect(found.durationMs).toBeLessThan(LIMIT_MS);
  }, 30_000);

  test("a server that is silent to all but the greeting, and a credential_process that takes its time", async () => {
    const HOME = slowKeys(1);
    proxied.proxy.setPlan((request) => (isSigned(request) ? silence : undefined));
    const env = { HOME, AWS_ENDPOINT_URL_S3: proxied.proxy.endpoint, AWS_REGION: "us-east-1" };
    const found = await doctor(["--to", "s3://some-bucket"], { env });
    expectFindings(found, 1, {
      check: "writing",
      verdict: "failed",
      text: /: timed out$/,
      remedy: /^curl -v /,
    });
    expect(found.durationMs).toBeLessThan(LIMIT_MS);
  }, 30_000);

  test("a host that has no address", async () => {
    const found = await examine(untouched, { AWS_ENDPOINT_URL_S3: "http://no-such-host.invalid" });
    expectFindings(found, 1, {
      check: "endpoint",
      verdict: "failed",
      text: /is not usable: (the name of the server [^\n]*|timed out)$/,
      remedy: /^(getent hosts no-such-host\.invalid|curl -v http:\/\/no-such-host\.invalid)$/,
    });
    expect(found.durationMs).toBeLessThan(LIMIT_MS);
  }, 30_000);

  test("what is no URL", async () => {
    expectFindings(await examine(untouched, { AWS_ENDPOINT_URL_S3: "not a url" }), 1, {
      check: "endpoint",
      verdict: "failed",
      text: /^unable to use the configured S3 endpoint: [^\n]* must be an http or https URL$/,
      remedy: "unset AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL",
    });
  });

  test("something that is no S3 server", async () => {
    const portal = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("<html>Log in</html>"),
    });
    expectFindings(await examine(untouched, { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${portal.port}` }), 1, {
      check: "writing",
      verdict: "failed",
      text: /: the answer is not that of S3: it has no ETag$/,
      remedy: /^curl -v /,
    });
    portal.stop(true);
  });

  test("trusted certificates that are not there", async () => {
    expectFindings(await examine(untouched, { AWS_CA_BUNDLE: "/nowhere.pem" }), 1, {
      check: "endpoint",
      verdict: "failed",
      text: "unable to read trusted certificates /nowhere.pem: file does not exist",
      remedy: "export AWS_CA_BUNDLE=FILE-WITH-TRUSTED-CERTIFICATES.pem",
    });
  });

  describe.skipIf(!needs("openssl"))("over TLS", () => {
    test("a certificate that nobody vouches for, and one that is in AWS_CA_BUNDLE", async () => {
      const made = selfSigned(["localhost", "127.0.0.1"]);
      const server = await startS3rver(undefined, made);
      const env = { AWS_ENDPOINT_URL_S3: server.endpoint };
      expectFindings(await examine(untouched, env), 1, {
        check: "endpoint",
        verdict: "failed",
        text: /is not usable: the server's certificate is not trusted/,
        remedy: "export AWS_CA_BUNDLE=FILE-WITH-TRUSTED-CERTIFICATES.pem",
      });
      const trusted = await examine(untouched, { ...env, AWS_CA_BUNDLE: made.certificate });
      await server.stop();
      expect(trusted.lines.find(({ check }) => check === "endpoint")?.text).toEndWith(
        "answers, its certificate is trusted",
      );
    });

    test("a server that speaks no TLS", async () => {
      const endpoint = proxied.server.endpoint.replace("http:", "https:");
      expectFindings(await examine(untouched, { AWS_ENDPOINT_URL_S3: endpoint }), 1, {
        check: "endpoint",
        verdict: "failed",
        text: /is not usable: /,
        remedy: /^(curl -v |export AWS_)/,
      });
    });
  });
});

describe("bucket", () => {
  test("none yet, which the first upload makes", async () => {
    const bucket = freshBucketName();
    expectFindings(await examineBucket(bucket, untouched, {}), 0, {
      check: "bucket",
      verdict: "warning",
      text: `s3://${bucket} is not there yet; the first upload makes it`,
      remedy: `aws s3 mb s3://${bucket} --region us-east-1`,
    });
    await expect(listObjects(proxied.server, bucket)).rejects.toThrow();
  });

  test("none, where nobody may make it", async () => {
    const bucket = freshBucketName();
    expectFindings(await examineBucket(bucket, untouched, {}, "--no-create-bucket"), 1, {
      check: "bucket",
      verdict: "failed",
      text: `unable to store a test object in s3://${bucket}: 404 NoSuchBucket (the bucket does not exist)`,
      remedy: `aws s3 mb s3://${bucket} --region us-east-1`,
    });
  });

  test("of somebody else", async () => {
    const bucket = freshBucketName();
    expectFindings(await examineBucket(bucket, refusePuts(403, "AccessDenied"), {}), 1, {
      check: "writing",
      verdict: "failed",
      text: `unable to store a test object in s3://${bucket}: 403 AccessDenied (the bucket belongs to another account: choose another name)`,
      remedy: "export LOGSHIP_TO=s3://ANOTHER-NAME",
    });
  });

  test("that may only be read", async () => {
    const found = await examine(refusePuts(403, "AccessDenied"));
    expectFindings(found, 1, {
      check: "writing",
      verdict: "failed",
      text: /: 403 AccessDenied \(allow these credentials s3:PutObject on arn:aws:s3:::bucket-\S+\/logs\/\*\)$/,
      remedy:
        /^aws iam put-role-policy .*"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket-\S+\/logs\/\*"/,
    });
  });

  test("from which nothing may be read or deleted: the one is not needed, the other is told", async () => {
    const bucket = freshBucketName();
    await createBucket(proxied.server, bucket);
    const plan: Plan = ({ method, path }) =>
      /^\/[^/]+\/logs/.test(path) && ["GET", "DELETE"].includes(method)
        ? { kind: "answer", status: 403, code: "AccessDenied" }
        : undefined;
    const found = await examineBucket(bucket, plan, {});
    const [object] = await listObjects(proxied.server, bucket);
    expectFindings(found, 0, {
      check: "deleting",
      verdict: "warning",
      text: `the test object s3://${bucket}/${object?.key} stays: this key may not delete`,
      remedy: `aws s3 rm s3://${bucket}/${object?.key}`,
    });
    expect(found.lines.find(({ check }) => check === "reading")?.text).toBe(
      "not allowed, and needed by verify only",
    );
  });

  test.each([0, 2.5])(
    "a server that falls silent once the test object is stored, %p s late: what stays is told, in time",
    async (lateSeconds) => {
      const bucket = freshBucketName();
      await createBucket(proxied.server, bucket);
      proxied.proxy.setPlan(({ method, path }) =>
        /^\/[^/]+\/logs/.test(path) && ["GET", "DELETE"].includes(method) ? silence : undefined,
      );
      const env = {
        HOME: slowKeys(lateSeconds),
        AWS_ENDPOINT_URL_S3: proxied.proxy.endpoint,
        AWS_REGION: "us-east-1",
      };
      const found = await doctor(["--to", `s3://${bucket}/logs`], { env });
      const [object] = await listObjects(proxied.server, bucket);
      expectFindings(
        found,
        0,
        {
          check: "reading",
          verdict: "warning",
          text: /^the test object cannot be read: (timed out|no answer in time)$/,
          remedy: /^aws s3 cp s3:/,
        },
        {
          check: "deleting",
          verdict: "warning",
          text: new RegExp(
            `^the test object s3://${bucket}/${object?.key} stays: (timed out|no answer in time)$`,
          ),
          remedy: `aws s3 rm s3://${bucket}/${object?.key}`,
        },
      );
      expect(found.durationMs).toBeLessThan(LIMIT_MS);
    },
    30_000,
  );

  test("a directory that is not there, is a file, or may not be made", async () => {
    const directory = temporaryDirectory("to");
    const missing = join(directory, "missing");
    expectFindings(await doctor(["--to", `file://${missing}`]), 0, {
      check: "directory",
      verdict: "warning",
      text: `${missing} is not there yet; the first upload makes it`,
      remedy: `mkdir -p ${missing}`,
    });
    expectFindings(await doctor(["--to", `file://${missing}`, "--no-create-bucket"]), 1, {
      check: "directory",
      verdict: "failed",
      text: `${missing} does not exist`,
      remedy: `mkdir -p ${missing}`,
    });
    expectFindings(await doctor(["--to", `file://${missing} two`]), 0, {
      check: "directory",
      verdict: "warning",
      text: `${missing} two is not there yet; the first upload makes it`,
      remedy: `mkdir -p '${missing} two'`,
    });
    writeFileSync(missing, "");
    expectFindings(await doctor(["--to", `file://${missing}`]), 1, {
      check: "directory",
      verdict: "failed",
      text: `unable to store a test file in ${missing}: not a directory`,
      remedy: `ls -ld ${missing}`,
    });
    rmSync(missing);
  });
});

describe("settings", () => {
  test("nothing is configured", async () => {
    expectFindings(await doctor([]), 1, {
      check: "destination",
      verdict: "failed",
      text: /^--to is not given, and this host has no public IPv4/,
      remedy: "logship doctor --to s3://BUCKET",
    });
  });

  test("only a service is configured", async () => {
    const services = temporaryDirectory("services");
    mkdirSync(join(services, "requisitions/env"), { recursive: true });
    const found = await doctor([], { env: { LOGSHIP_SERVICES: services } });
    expect(found.lines.find(({ check }) => check === "destination")?.remedy).toBe(
      `sudo envdir ${services}/requisitions/env logship doctor`,
    );
  });

  test("a service whose settings have been given names no destination either", async () => {
    const services = temporaryDirectory("services");
    mkdirSync(join(services, "requisitions/env"), { recursive: true });
    writeFileSync(join(services, "requisitions/env/LOGSHIP_INTERVAL"), "60s\n");
    const env = { LOGSHIP_SERVICES: services, LOGSHIP_INTERVAL: "60s" };
    const found = await doctor([], { env });
    expect(found.lines.find(({ check }) => check === "destination")?.remedy).toBe(
      "logship doctor --to s3://BUCKET",
    );
  });

  test("a wrong value is told, and what it would have decided is as if it were not set", async () => {
    expectFindings(
      await examine(untouched, { LOGSHIP_CONCURRENCY: "none", LOGSHIP_GZIP: "perhaps" }),
      1,
      {
        check: "setting",
        verdict: "failed",
        text: /^LOGSHIP_CONCURRENCY=none must be a whole number from 1 to 256 \(logship run, upload, ship, verify, doctor\)$/,
        remedy: "unset LOGSHIP_CONCURRENCY",
      },
      {
        check: "setting",
        verdict: "failed",
        text: /^LOGSHIP_GZIP=perhaps must be yes or no \(logship /,
        remedy: "unset LOGSHIP_GZIP",
      },
    );
  });

  test("a variable that nobody reads", async () => {
    expectFindings(await examine(untouched, { LOGSHIP_INTERVALL: "5s" }), 0, {
      check: "setting",
      verdict: "warning",
      text: "LOGSHIP_INTERVALL is no variable that logship knows; LOGSHIP_INTERVAL may be meant",
      remedy: "unset LOGSHIP_INTERVALL",
    });
  });

  test("a wrong option ends in one line and 100, as with every command", async () => {
    const { stderr, exitCode } = await run(["doctor", "--to", "s3://no_such"]);
    expect(stderr).toMatch(/^logship: fatal: unable to parse --to s3:\/\/no_such: a bucket name [^\n]+\n$/);
    expect(exitCode).toBe(100);
  });
});
