/** Files above 64 MiB go up in parts. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { getObject, listPieces, readObject, unfinishedUploads } from "../support/bucket.ts";
import { internalError, lostAnswer, type Plan, resetInBody, silence } from "../support/faults.ts";
import { needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { radosGateway, radosGatewayPrograms } from "../support/radosgw.ts";
import { digest, numberedRecord } from "../support/records.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { freshBucketName } from "../support/servers.ts";

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
  expect(peakMiB).toBeLessThan(150);
}, 300_000);

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
