/** Files above 64 MiB go up in parts. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { getObject, listPieces, readObject, unfinishedUploads } from "../support/bucket.ts";
import type { SeenRequest } from "../support/fault-proxy.ts";
import {
  type Fault,
  firstRequests,
  internalError,
  lostAnswer,
  type Plan,
  resetInBody,
  silence,
} from "../support/faults.ts";
import { needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { radosGateway, radosGatewayPrograms } from "../support/radosgw.ts";
import { digest, numberedRecord } from "../support/records.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { freshBucketName } from "../support/servers.ts";

const RECORDS = 700_000;
const directory = temporaryDirectory("large");
const file = join(directory, "large.log");
/** Of the same name and length, with other content. */
const other = join(temporaryDirectory("other"), "large.log");
let s3: ProxiedServer;

beforeAll(async () => {
  const fd = openSync(file, "w");
  const lines: string[] = [];
  for (let id = 0; id < RECORDS; id++) {
    lines.push(numberedRecord(id));
    if (lines.length === 10_000) writeSync(fd, lines.splice(0).join(""));
  }
  closeSync(fd);
  writeFileSync(other, Buffer.alloc(readFileSync(file).length, "another line\n"));
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

function isPart({ method, path }: { method: string; path: string }): boolean {
  return method === "PUT" && path.includes("partNumber=");
}

test("a file above 64 MiB arrives in parts, with its number of records and little memory", async () => {
  const bucket = freshBucketName();
  const { stdout, exitCode, peakMiB } = await s3.logship("upload", bucket, [file]);
  expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log\n`);
  expect(exitCode).toBe(0);
  expect(s3.requestsFor(bucket).filter(isPart).length).toBeGreaterThan(3);
  expect(digest(await readObject(s3.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
  expect((await getObject(s3.server, bucket, "large.log")).Metadata).toMatchObject({
    records: String(RECORDS),
  });
  expect(peakMiB).toBeLessThan(150);
}, 300_000);

/** How many of these requests were under way at the same time, at most. */
function mostAtOnce(requests: readonly SeenRequest[]): number {
  return Math.max(
    ...requests.map(
      ({ atMs }) => requests.filter((other) => other.atMs <= atMs && other.answeredMs! > atMs).length,
    ),
  );
}

test.each([
  ["1", 1],
  ["4", 4],
])(
  "with --concurrency %s there are %i parts under way, also beside another large file",
  async (concurrency, most) => {
    const bucket = freshBucketName();
    const slow: Fault = { kind: "slow", bytesPerSecond: 32 * 1024 * 1024 };
    const plan: Plan = (request) => (isPart(request) ? slow : undefined);
    const copy = join(temporaryDirectory("second"), "second.log");
    copyFileSync(file, copy);
    const args = ["--concurrency", concurrency, file, copy];
    const { exitCode } = await s3.logship("upload", bucket, args, {}, plan);
    expect(exitCode).toBe(0);
    expect(mostAtOnce(s3.requestsFor(bucket).filter(isPart))).toBe(most);
    for (const key of ["large.log", "second.log"])
      expect(digest(await readObject(s3.server, bucket, key))).toBe(digest(readFileSync(file)));
  },
  300_000,
);

test("parts that fail are sent again, and no others", async () => {
  const bucket = freshBucketName();
  const faults = [internalError, resetInBody, lostAnswer];
  const left = [...faults];
  const plan: Plan = (request) => (isPart(request) ? left.shift() : undefined);
  const { exitCode } = await s3.logship("upload", bucket, [file], {}, plan);
  expect(exitCode).toBe(0);
  expect(digest(await readObject(s3.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
  const sent = s3.requestsFor(bucket).filter(isPart);
  expect(new Set(sent.map(({ path }) => path)).size).toBe(sent.length - faults.length);
}, 300_000);

function isComplete({ method, path }: { method: string; path: string }): boolean {
  return method === "POST" && path.includes("uploadId=");
}

const noSuchUpload: Fault = { kind: "answer", status: 404, code: "NoSuchUpload" };

/** What the first request that makes an object of the parts, or the first two, meet; all parts are there then. */
const COMPLETIONS: Record<string, readonly Fault[]> = {
  "an answer of success with an error in it": [{ kind: "answer", status: 200, code: "InternalError" }],
  "500 InternalError": [internalError, internalError],
};

for (const [name, faults] of Object.entries(COMPLETIONS)) {
  test(`no part is sent again when its upload is completed and that meets ${name}`, async () => {
    const bucket = freshBucketName();
    const left = [...faults];
    const plan: Plan = (request) => (isComplete(request) ? left.shift() : undefined);
    const { stdout, stderr, exitCode } = await s3.logship("upload", bucket, [file], {}, plan);
    expect(stderr).not.toMatch(/warning|fatal/);
    expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log\n`);
    expect(exitCode).toBe(0);
    const sent = s3.requestsFor(bucket).filter(isPart);
    expect(new Set(sent.map(({ path }) => path)).size).toBe(sent.length);
    expect(
      new Set(sent.map(({ path }) => new URLSearchParams(path.split("?")[1]).get("uploadId"))).size,
    ).toBe(1);
    expect(digest(await readObject(s3.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
  }, 300_000);
}

test("a long wait before a part is sent again, for which the server asks, is told", async () => {
  const bucket = freshBucketName();
  const headers = { "Retry-After": "3600" };
  const plan = firstRequests(1, { kind: "answer", status: 503, code: "SlowDown", headers }, isPart);
  const logship = s3.start("upload", bucket, ["--grace", "0", file], {}, plan);
  await logship.until("the warning", () => logship.stderr.includes("trying on"));
  expect(logship.stderr).toContain(
    `logship: warning: unable to upload a part of s3://${bucket}/large.log, trying on: 503 SlowDown\n`,
  );
  logship.kill("SIGTERM");
  expect((await logship.result).exitCode).toBe(111);
}, 60_000);

test.each([
  ["a part", isPart],
  ["its completion, while another object of the same length has the key", isComplete],
])(
  "an upload that the server does not know any more at %s is begun anew",
  async (_, isLostAt) => {
    const bucket = freshBucketName();
    await s3.logship("upload", bucket, [other]);
    const isFirst = firstRequests(1, noSuchUpload, isLostAt);
    const before = s3.requestsFor(bucket).length;
    const { stdout, exitCode } = await s3.logship("upload", bucket, [file], {}, isFirst);
    expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log\n`);
    expect(exitCode).toBe(0);
    const begun = s3
      .requestsFor(bucket)
      .slice(before)
      .filter(({ path }) => path.endsWith("?uploads="));
    expect(begun).toHaveLength(2);
    expect(digest(await readObject(s3.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
  },
  300_000,
);

/** What is done to a file while its first part is on its way, and what is said of it. */
const CHANGES: Record<string, { change: (path: string) => void; sizes: RegExp }> = {
  "is cut short": { change: (path) => truncateSync(path, 1000), sizes: /: 7\d{7} bytes, then 1000/ },
  grows: { change: (path) => appendFileSync(path, "more\n"), sizes: /: 7\d{7} bytes, then 7\d{7}/ },
};

for (const [what, { change, sizes }] of Object.entries(CHANGES)) {
  test.each(["1", "4"])(
    `a large file that ${what} while it is sent is named, and not stored; the others are (--concurrency %s)`,
    async (concurrency) => {
      const bucket = freshBucketName();
      const copy = join(temporaryDirectory("changing"), "changing.log");
      const small = join(temporaryDirectory("small"), "small.log");
      copyFileSync(file, copy);
      writeFileSync(small, "a\n");
      let isChanged = false;
      const plan: Plan = (request) => {
        if (isPart(request) && !isChanged) {
          isChanged = true;
          change(copy);
        }
        return undefined;
      };
      const args = ["--concurrency", concurrency, "--delete", copy, small];
      const { stderr, exitCode } = await s3.logship("upload", bucket, args, {}, plan);
      expect(isChanged).toBe(true);
      expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
        new RegExp(
          `^logship: fatal: unable to upload ${copy} to s3://${bucket}: it changed while it was read${sizes.source} \\(1 of 2 files failed\\)$`,
        ),
      );
      expect(exitCode).toBe(111);
      expect(await listPieces(s3.server, bucket)).toEqual(["small.log"]);
      expect(existsSync(copy)).toBe(true);
      expect(existsSync(small)).toBe(false);
    },
    300_000,
  );
}

test("a compressed file above 64 MiB is what gunzip turns into the file", async () => {
  const bucket = freshBucketName();
  const { stdout, exitCode, peakMiB } = await s3.logship("upload", bucket, ["--gzip", file]);
  expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log.gz\n`);
  expect(exitCode).toBe(0);
  const stored = Bun.gunzipSync(new Uint8Array(await readObject(s3.server, bucket, "large.log.gz")));
  expect(createHash("sha256").update(stored).digest("hex")).toBe(digest(readFileSync(file)));
  expect(peakMiB).toBeLessThan(150);
}, 600_000);

describe.skipIf(!needs(...radosGatewayPrograms))("against the RADOS Gateway", () => {
  let gateway: ProxiedServer;
  const isThirdPart = (request: { method: string; path: string }) =>
    isPart(request) && request.path.includes("partNumber=3");

  beforeAll(async () => {
    gateway = await startProxiedServer(await radosGateway());
  }, 600_000);
  afterAll(() => gateway?.stop());

  test("a file arrives in parts", async () => {
    const bucket = freshBucketName();
    const { stderr, exitCode } = await gateway.logship("upload", bucket, [file]);
    expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in default\n`);
    expect(exitCode).toBe(0);
    expect(digest(await readObject(gateway.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
    expect(await unfinishedUploads(gateway.server, bucket)).toEqual([]);
  }, 300_000);

  // Only this server bears to be asked again while it is still at work.
  test.each([
    ["an answer that is lost", [lostAnswer]],
    ["an answer that is lost, and then 404 NoSuchUpload", [lostAnswer, noSuchUpload]],
    ["silence, as of a server that is slow", [silence]],
  ])(
    "no part is sent again when its upload is completed and that meets %s",
    async (_, faults) => {
      const bucket = freshBucketName();
      const left = [...faults];
      const plan: Plan = (request) => (isComplete(request) ? left.shift() : undefined);
      const args = ["--timeout", "3s", file];
      const { stdout, exitCode } = await gateway.logship("upload", bucket, args, {}, plan);
      expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log\n`);
      expect(exitCode).toBe(0);
      const sent = gateway.requestsFor(bucket).filter(isPart);
      expect(new Set(sent.map(({ path }) => path)).size).toBe(sent.length);
      expect(digest(await readObject(gateway.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
      expect(await unfinishedUploads(gateway.server, bucket)).toEqual([]);
    },
    300_000,
  );

  test("an upload in parts that fails for good leaves no part behind, and --delete keeps the file", async () => {
    const bucket = freshBucketName();
    const plan: Plan = (request) =>
      isThirdPart(request) ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
    const { stderr, exitCode } = await gateway.logship("upload", bucket, ["--delete", file], {}, plan);
    expect(stderr).toContain("403 AccessDenied");
    expect(exitCode).toBe(111);
    expect(await unfinishedUploads(gateway.server, bucket)).toEqual([]);
    expect(await listPieces(gateway.server, bucket)).toEqual([]);
    expect(existsSync(file)).toBe(true);
  }, 300_000);

  test("an upload in parts that is stopped leaves no part behind", async () => {
    const bucket = freshBucketName();
    const plan: Plan = (request) => (isThirdPart(request) ? silence : undefined);
    const logship = gateway.start("upload", bucket, ["--grace", "0", file], {}, plan);
    await logship.until("the third part", () => gateway.requestsFor(bucket).some(isThirdPart));
    logship.kill("SIGTERM");
    const { stderr, exitCode } = await logship.result;
    expect(stderr).not.toContain("parts");
    expect(exitCode).toBe(111);
    expect(await unfinishedUploads(gateway.server, bucket)).toEqual([]);
    expect(await listPieces(gateway.server, bucket)).toEqual([]);
  }, 300_000);

  test("parts that cannot be removed are told, beside the reason of the failure", async () => {
    const bucket = freshBucketName();
    const plan: Plan = (request) => {
      if (request.method === "DELETE") return { kind: "answer", status: 500, code: "InternalError" };
      return isThirdPart(request) ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
    };
    const { stderr } = await gateway.logship("upload", bucket, [file], {}, plan);
    const address = `s3://${bucket}/large.log`;
    expect(stderr).toContain(
      `logship: warning: unable to remove the parts of ${address}: 500 InternalError\n`,
    );
    expect(stderr).toMatch(/logship: fatal: unable to upload \S+ to s3:\/\/\S+: 403 AccessDenied[^\n]*\n$/);
  }, 300_000);
});
