/** Files above 64 MiB go up in parts. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { getObject, listPieces, readObject, unfinishedUploads } from "../support/bucket.ts";
import { firstRequests, internalError, type Plan, resetInBody } from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { radosGateway, radosGatewayPrograms } from "../support/radosgw.ts";
import { digest, numberedRecord } from "../support/records.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
const RECORDS = 700_000;
const directory = temporaryDirectory("large");
const file = join(directory, "large.log");
let s3: ProxiedServer;

beforeAll(async () => {
  const fd = openSync(file, "w");
  const lines: string[] = [];
  for (let id = 0; id < RECORDS; id++) {
    lines.push(numberedRecord(id));
    if (lines.length === 10_000) writeSync(fd, lines.splice(0).join(""));
  }
  closeSync(fd);
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
  expect(await unfinishedUploads(s3.server, bucket)).toEqual([]);
  expect(peakMiB).toBeLessThan(250);
}, 60_000);

test("every part carries a checksum", async () => {
  const bucket = freshBucketName();
  await s3.logship("upload", bucket, [file]);
  for (const { headers } of s3.requestsFor(bucket).filter(isPart))
    expect(headers["content-md5"]).toMatch(/^\S{22}==$/);
}, 60_000);

test("parts that fail are sent again", async () => {
  const bucket = freshBucketName();
  const faults = [internalError, resetInBody];
  const plans = faults.map((fault) => firstRequests(1, fault, isPart));
  const plan: Plan = (request, index) => plans.map((each) => each(request, index)).find(Boolean);
  const { exitCode } = await s3.logship("upload", bucket, [file], {}, plan);
  expect(exitCode).toBe(0);
  expect(digest(await readObject(s3.server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
  expect(await unfinishedUploads(s3.server, bucket)).toEqual([]);
}, 60_000);

test("a multipart upload that fails for good is aborted, and --delete keeps the file", async () => {
  const bucket = freshBucketName();
  const plan: Plan = (request) =>
    isPart(request) && request.path.includes("partNumber=3")
      ? { kind: "answer", status: 403, code: "AccessDenied" }
      : undefined;
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["--delete", file], {}, plan);
  expect(stderr).toContain("403 AccessDenied");
  expect(exitCode).toBe(111);
  expect(s3.requestsFor(bucket).filter(({ method }) => method === "DELETE")).toHaveLength(1);
  expect(await listPieces(s3.server, bucket)).toEqual([]);
  expect(existsSync(file)).toBe(true);
}, 60_000);

test("a multipart upload that is stopped is aborted", async () => {
  const bucket = freshBucketName();
  const slow: Plan = (request) => (isPart(request) ? { kind: "slow", bytesPerSecond: MIB } : undefined);
  const logship = s3.start("upload", bucket, ["--grace", "0", file], {}, slow);
  await until("the second part", () => s3.requestsFor(bucket).some(isPart));
  logship.kill("SIGTERM");
  const { exitCode } = await logship.result;
  expect(exitCode).toBe(111);
  expect(s3.requestsFor(bucket).filter(({ method }) => method === "DELETE")).toHaveLength(1);
  expect(await listPieces(s3.server, bucket)).toEqual([]);
}, 60_000);

test("a compressed file above 64 MiB is what gunzip turns into the file", async () => {
  const bucket = freshBucketName();
  const { stdout, exitCode, peakMiB } = await s3.logship("upload", bucket, ["--gzip", file]);
  expect(stdout).toBe(`upload: ${file} to s3://${bucket}/large.log.gz\n`);
  expect(exitCode).toBe(0);
  const stored = Bun.gunzipSync(new Uint8Array(await readObject(s3.server, bucket, "large.log.gz")));
  expect(createHash("sha256").update(stored).digest("hex")).toBe(digest(readFileSync(file)));
  expect(peakMiB).toBeLessThan(250);
}, 120_000);

test.skipIf(!needs(...radosGatewayPrograms))(
  "the RADOS Gateway takes a file in parts too",
  async () => {
    const server = await radosGateway();
    const bucket = freshBucketName();
    const { stderr, exitCode } = await run(["upload", "--to", `s3://${bucket}`, file], {
      env: environmentOf(server),
    });
    expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in default\n`);
    expect(exitCode).toBe(0);
    expect(digest(await readObject(server, bucket, "large.log"))).toBe(digest(readFileSync(file)));
    expect(await unfinishedUploads(server, bucket)).toEqual([]);
  },
  120_000,
);
