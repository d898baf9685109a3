/** Networks and servers that fail: every file arrives once, whole and under its own name, or the exit code says so. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createBucket, listPieces, readObject } from "../support/bucket.ts";
import {
  atRandom,
  clockSkew,
  earlyError,
  type Fault,
  firstRequests,
  internalError,
  isPut,
  lostAnswer,
  type Plan,
  resetInBody,
  silence,
  slowDown,
  truncatedAnswer,
} from "../support/faults.ts";
import { type ProxiedServer, startProxiedServer, workplace } from "../support/proxied-server.ts";
import { seededRandom } from "../support/random.ts";
import { digests, directoryOfRecords } from "../support/records.ts";
import { freshBucketName } from "../support/servers.ts";
import { AT_ONCE_MS } from "../support/until.ts";

let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

async function expectStored(bucket: string, contents: Map<string, Buffer>): Promise<void> {
  const stored = new Map<string, Buffer>();
  for (const key of await listPieces(s3.server, bucket))
    stored.set(key, await readObject(s3.server, bucket, key));
  expect(digests(stored)).toEqual(digests(contents));
}

const FAULTS: Record<string, Fault> = {
  "503 SlowDown": slowDown,
  "500 InternalError": internalError,
  "503 before the body is read": earlyError,
  "a reset connection before the body": { kind: "reset", at: "head" },
  "a reset connection in mid-body": resetInBody,
  "an answer that is lost": lostAnswer,
  "an answer that breaks off": truncatedAnswer,
  "429 TooManyRequests": { kind: "answer", status: 429, code: "TooManyRequests" },
  "400 RequestTimeout": { kind: "answer", status: 400, code: "RequestTimeout" },
  "400 BadDigest": { kind: "answer", status: 400, code: "BadDigest" },
  "409 OperationAborted": { kind: "answer", status: 409, code: "OperationAborted" },
  "409 ConditionalRequestConflict": { kind: "answer", status: 409, code: "ConditionalRequestConflict" },
  "307 with the address of the bucket only": {
    kind: "answer",
    status: 307,
    code: "TemporaryRedirect",
    headers: { Location: "http://elsewhere.invalid/" },
  },
  "302 to the login page of a network": {
    kind: "answer",
    status: 302,
    code: "",
    headers: { Location: "http://login.invalid/" },
  },
  "MinIO's 507 of a full disk": { kind: "answer", status: 507, code: "XMinioStorageFull" },
  "Ceph's 403 of a full quota": { kind: "answer", status: 403, code: "QuotaExceeded" },
  "Cloudflare's 520": { kind: "answer", status: 520, code: "" },
  "Cloudflare's 522": { kind: "answer", status: 522, code: "" },
  "Cloudflare's 524": { kind: "answer", status: 524, code: "" },
  "nginx's 499": { kind: "answer", status: 499, code: "" },
};

/** Small bodies are given to the connection whole, large ones piece by piece. */
const SIZES = { small: 500, large: 6000 };

for (const [name, fault] of Object.entries(FAULTS)) {
  test.each(Object.entries(SIZES))(
    `upload stores every one of some %s files once when the first five uploads meet ${name}`,
    async (_size, recordsPerFile) => {
      const bucket = freshBucketName();
      const { path, contents } = directoryOfRecords({ files: 10, recordsPerFile });
      const plan = firstRequests(5, fault, isPut);
      const { stdout, stderr, exitCode } = await s3.logship("upload", bucket, [path], {}, plan);
      expect(stderr.replace(/^logship: info: created bucket.*\n/, "")).toBe("");
      expect(exitCode).toBe(0);
      expect(stdout.split("\n").filter(Boolean)).toHaveLength(10);
      await expectStored(bucket, contents);
      expect(s3.requestsFor(bucket).filter((request) => request.fault === fault)).toHaveLength(5);
    },
  );
}

test("upload stores every file once when a third of all requests fail in some way", async () => {
  const bucket = freshBucketName();
  const { path, contents } = directoryOfRecords({ files: 60, recordsPerFile: 200 });
  const slow: Fault = { kind: "slow", bytesPerSecond: 100_000 };
  const faults = [...Object.values(FAULTS), silence, slow];
  const plan = atRandom(seededRandom("random faults under upload"), 1 / 3, faults);
  const options = ["--timeout", "500ms", "--concurrency", "8"];
  const { stdout, exitCode } = await s3.logship("upload", bucket, [...options, path], {}, plan);
  expect(exitCode).toBe(0);
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(60);
  await expectStored(bucket, contents);
}, 600_000);

test("upload waits no longer than --timeout for a silent server and then tries again", async () => {
  const bucket = freshBucketName();
  const { path, contents } = directoryOfRecords({ files: 1, recordsPerFile: 10 });
  const plan = firstRequests(1, silence, isPut);
  const { exitCode, durationMs } = await s3.logship("upload", bucket, ["--timeout", "700ms", path], {}, plan);
  expect(exitCode).toBe(0);
  expect(durationMs).toBeWithin(700, AT_ONCE_MS);
  await expectStored(bucket, contents);
});

test("upload gives up after --attempts tries, says why, and exits 111", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const plan: Plan = (request) => (isPut(request) ? slowDown : undefined);
  const { stdout, stderr, exitCode } = await s3.logship(
    "upload",
    bucket,
    ["--attempts", "4", "a"],
    { cwd },
    plan,
  );
  expect(stdout).toBe("");
  expect(stderr).toContain(
    `logship: warning: unable to upload a to s3://${bucket}, trying on: 503 SlowDown\n`,
  );
  expect(stderr).toEndWith(`logship: fatal: unable to upload a to s3://${bucket}: 503 SlowDown\n`);
  expect(s3.requestsFor(bucket, "a")).toHaveLength(4);
  expect(exitCode).toBe(111);
});

test("upload does not try again what cannot succeed", async () => {
  const refusals = [
    ["AccessDenied", 403],
    ["ExpiredToken", 400],
    ["InvalidStorageClass", 400],
    ["KeyTooLongError", 400],
    ["NotImplemented", 501],
  ] as const;
  for (const [code, status] of refusals) {
    const bucket = freshBucketName();
    const cwd = workplace({ a: "a\n" });
    const plan: Plan = (request) => (isPut(request) ? { kind: "answer", status, code } : undefined);
    const { stderr, exitCode } = await s3.logship("upload", bucket, ["a"], { cwd }, plan);
    expect(stderr).toMatch(new RegExp(`^logship: fatal: unable to upload a to s3://\\S+: ${status} ${code}`));
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(s3.requestsFor(bucket, "a")).toHaveLength(1);
    expect(exitCode).toBe(111);
  }
});

test("upload corrects its clock by the server's and succeeds", async () => {
  const bucket = freshBucketName();
  const { path, contents } = directoryOfRecords({ files: 3, recordsPerFile: 10 });
  const aheadMinutes = 9;
  const plan = firstRequests(1, clockSkew(aheadMinutes), isPut);
  const { exitCode } = await s3.logship("upload", bucket, ["--concurrency", "1", path], {}, plan);
  expect(exitCode).toBe(0);
  await expectStored(bucket, contents);
  const [refused, repeated] = s3.requestsFor(bucket).filter(isPut);
  const minutesBetween = (amzMinutes(repeated!.headers) - amzMinutes(refused!.headers)) | 0;
  expect(minutesBetween).toBeWithin(aheadMinutes - 1, aheadMinutes + 2);
});

function amzMinutes(headers: Record<string, string>): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(headers["x-amz-date"] ?? "")!;
  const [year, month, day, hour, minute] = match.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!) / 60_000;
}

test("upload waits with growing pauses between its tries", async () => {
  const bucket = freshBucketName();
  await createBucket(s3.server, bucket);
  const cwd = workplace({ a: "a\n" });
  const times: number[] = [];
  const plan: Plan = (request) => {
    if (!isPut(request)) return undefined;
    times.push(performance.now());
    return times.length <= 5 ? slowDown : undefined;
  };
  const { exitCode } = await s3.logship("upload", bucket, ["a"], { cwd }, plan);
  expect(exitCode).toBe(0);
  const pauses = times.slice(1).map((time, index) => time - times[index]!);
  const bounds = [400, 800, 1600, 3200, 6400];
  for (const [index, pause] of pauses.entries()) expect(pause).toBeLessThan(bounds[index]! + 500);
}, 150_000);

test.each(["seconds", "a date"])("upload waits as long as the server asks for, in %s", async (form) => {
  const bucket = freshBucketName();
  await createBucket(s3.server, bucket);
  const cwd = workplace({ a: "a\n" });
  const times: number[] = [];
  const plan: Plan = (request) => {
    if (!isPut(request)) return undefined;
    times.push(performance.now());
    // A date has whole seconds: one that is three ahead may be little more than two away.
    const after = form === "seconds" ? "2" : new Date(Date.now() + 3000).toUTCString();
    const headers = { "Retry-After": after };
    return times.length === 1 ? { kind: "answer", status: 503, code: "SlowDown", headers } : undefined;
  };
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["a"], { cwd }, plan);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(times[1]! - times[0]!).toBeGreaterThan(1900);
});

test("TERM ends a wait that the server has asked for", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const headers = { "Retry-After": "3600" };
  const plan: Plan = (request) =>
    isPut(request) ? { kind: "answer", status: 503, code: "SlowDown", headers } : undefined;
  const logship = s3.start("upload", bucket, ["--grace", "0", "a"], { cwd }, plan);
  await logship.until("the warning of a long wait", () =>
    logship.stderr.includes("trying on: 503 SlowDown\n"),
  );
  expect(s3.requestsFor(bucket, "a")).toHaveLength(1);
  logship.kill("SIGTERM");
  const { exitCode, durationMs } = await logship.result;
  expect(exitCode).toBe(111);
  expect(durationMs).toBeLessThan(AT_ONCE_MS);
});

test("upload signs for the region that a redirect to the bucket's address names", async () => {
  const bucket = freshBucketName();
  await createBucket(s3.server, bucket);
  const cwd = workplace({ a: "a\n" });
  const headers = { Location: `https://${bucket}.s3.${s3.server.region}.amazonaws.com/a` };
  const plan: Plan = (request) =>
    request.headers.authorization?.includes(`/${s3.server.region}/s3/`)
      ? undefined
      : { kind: "answer", status: 307, code: "TemporaryRedirect", headers };
  const settings = { cwd, env: { AWS_REGION: "ap-south-1" } };
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["a"], settings, plan);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(s3.requestsFor(bucket, "a").map(({ status }) => status)).toEqual([307, 200]);
});

test("upload says once that the server is away and once that it works again", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 20, recordsPerFile: 5 });
  const plan = firstRequests(16, slowDown, isPut);
  const { stderr, exitCode } = await s3.logship("upload", bucket, [path], {}, plan);
  expect(exitCode).toBe(0);
  expect(stderr.match(/warning: unable to upload .*, trying on: 503 SlowDown\n/g)).toHaveLength(1);
  expect(stderr).toMatch(/info: uploads to s3:\/\/\S+ work again after \d+ failed tries\n$/);
}, 300_000);

test("upload holds no more than its files in flight in memory while the server is slow", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 100, recordsPerFile: 20_000 });
  const slow: Plan = () => ({ kind: "slow", bytesPerSecond: 20_000_000 });
  const { stderr, exitCode, peakMiB } = await s3.logship(
    "upload",
    bucket,
    ["--concurrency", "2", path],
    {},
    slow,
  );
  expect(stderr).not.toContain("fatal");
  expect(exitCode).toBe(0);
  expect(peakMiB).toBeLessThan(200); // 200 MB in 100 files; all of them at once would be more
}, 600_000);

test("TERM lets what is under way finish, uploads nothing more and exits 111", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 30, recordsPerFile: 100 });
  const slow: Plan = (request) => (isPut(request) ? { kind: "slow", bytesPerSecond: 20_000 } : undefined);
  const logship = s3.start("upload", bucket, ["--concurrency", "3", path], {}, slow);
  await logship.until("three uploads", () => s3.requestsFor(bucket).filter(isPut).length >= 4);
  logship.kill("SIGTERM");
  const { stdout, stderr, exitCode } = await logship.result;
  const stored = await listPieces(s3.server, bucket);
  expect(stored.length).toBeWithin(3, 29);
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(stored.length);
  expect(stderr).toEndWith(
    `logship: fatal: unable to upload all files to s3://${bucket}: stopped after ${stored.length}\n`,
  );
  expect(exitCode).toBe(111);
}, 150_000);

test("TERM that comes when the last file is under way takes nothing from a complete upload", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 1, recordsPerFile: 100 });
  const slow: Plan = (request) => (isPut(request) ? { kind: "slow", bytesPerSecond: 20_000 } : undefined);
  const logship = s3.start("upload", bucket, [path], {}, slow);
  await logship.until("the upload", () => s3.requestsFor(bucket).filter(isPut).length >= 2);
  logship.kill("SIGTERM");
  const { stderr, exitCode } = await logship.result;
  expect(stderr).not.toContain("fatal");
  expect(exitCode).toBe(0);
  expect(await listPieces(s3.server, bucket)).toHaveLength(1);
});

test("a second TERM ends upload at once, although the server is silent", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const plan: Plan = (request) => (isPut(request) ? silence : undefined);
  const logship = s3.start("upload", bucket, ["--grace", "1h", "a"], { cwd }, plan);
  await logship.until("the upload", () => s3.requestsFor(bucket, "a").length > 0);
  logship.kill("SIGTERM");
  await Bun.sleep(100);
  const asked = performance.now();
  logship.kill("SIGTERM");
  const { exitCode } = await logship.result;
  expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  expect(exitCode).toBe(111);
});

test("--grace ends upload although the server stays silent", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const plan: Plan = (request) => (isPut(request) ? silence : undefined);
  const logship = s3.start("upload", bucket, ["--grace", "300ms", "a"], { cwd }, plan);
  await logship.until("the upload", () => s3.requestsFor(bucket, "a").length > 0);
  const asked = performance.now();
  logship.kill("SIGINT");
  const { stderr, exitCode } = await logship.result;
  expect(performance.now() - asked).toBeWithin(250, AT_ONCE_MS);
  expect(stderr).toContain("unable to upload a to");
  expect(exitCode).toBe(111);
});
