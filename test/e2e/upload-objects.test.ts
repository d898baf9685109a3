import { afterAll, beforeAll, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { getObject, listPieces, readObject } from "../support/bucket.ts";
import { run } from "../support/logship.ts";
import { type ProxiedServer, startProxiedServer, workplace } from "../support/proxied-server.ts";
import { freshBucketName } from "../support/servers.ts";

let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

/** The headers of the request that last stored this key. */
function headersOf(bucket: string, key: string): Record<string, string> {
  return s3.requestsFor(bucket, key).findLast(({ method }) => method === "PUT")!.headers;
}

test("upload prints the line that the laboratory's diary has", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ "access.T/access.T.log.aa": "one\n", "access.T/access.T.log.ab": "two\n" });
  const { stdout, stderr, exitCode } = await s3.logship(
    "upload",
    bucket,
    ["--concurrency", "1", "access.T"],
    { cwd },
  );
  expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in us-east-1\n`);
  expect(stdout).toBe(
    ["aa", "ab"]
      .map((s) => `upload: access.T/access.T.log.${s} to s3://${bucket}/access.T/access.T.log.${s}\n`)
      .join(""),
  );
  expect(exitCode).toBe(0);
});

test("upload stores files under their names and directories with all that is below them, byte by byte", async () => {
  const bucket = freshBucketName();
  const binary = Buffer.from([0, 255, 13, 10, 195, 40, 10, 0]);
  const cwd = workplace({
    plain: "a\n",
    empty: "",
    "deep/a/b/c": binary,
    "deep/ünïcode name.log": "ü\n",
    "deep/+plus & space?%41#": "x",
  });
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["./plain", "empty", `${cwd}/deep/`], {
    cwd,
  });
  expect(stderr).toContain("created bucket");
  expect(exitCode).toBe(0);
  const keys = ["deep/+plus & space?%41#", "deep/a/b/c", "deep/ünïcode name.log", "empty", "plain"];
  expect((await listPieces(s3.server, bucket)).sort()).toEqual(keys.sort());
  expect(await readObject(s3.server, bucket, "deep/a/b/c")).toEqual(binary);
  expect((await readObject(s3.server, bucket, "empty")).length).toBe(0);
});

test("upload puts the prefix of the URL before every key", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ "d/f": "a\n" });
  for (const url of [`${bucket}/one/two`, `${bucket}/three/`])
    await s3.logship("upload", url, ["d"], { cwd });
  expect(await listPieces(s3.server, bucket)).toEqual(["one/two/d/f", "three/d/f"]);
});

test("upload sends the number of records", async () => {
  const bucket = freshBucketName();
  const content = "one\ntwo\nthe last one without newline";
  const cwd = workplace({ "access.log": content });
  await s3.logship("upload", bucket, ["access.log"], { cwd });
  const headers = headersOf(bucket, "access.log");
  expect(headers["x-amz-meta-records"]).toBe("3");
  const { Metadata } = await getObject(s3.server, bucket, "access.log");
  expect(Metadata).toMatchObject({ records: "3" });
});

test("upload counts twelve lines as one record of the laboratory's own format", async () => {
  const bucket = freshBucketName();
  const made = await run(["generate", "--format", "script", "--records", "7", "--seed", "1"]);
  const cwd = workplace({ "access.log": made.stdout });
  const { exitCode } = await s3.logship("upload", bucket, ["--record-end", "script", "access.log"], { cwd });
  expect(exitCode).toBe(0);
  expect(headersOf(bucket, "access.log")["x-amz-meta-records"]).toBe("7");
});

test("upload sends storage class, encryption and tags as S3 wants them", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const options = [
    "--storage-class",
    "STANDARD_IA",
    "--sse",
    "aws:kms:alias/logs",
    "--tag",
    "team=web logs",
    "--tag",
    "a:b=c/d",
  ];
  const { stderr } = await s3.logship("upload", bucket, [...options, "a"], { cwd });
  expect(stderr).not.toContain("fatal");
  expect(headersOf(bucket, "a")).toMatchObject({
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "alias/logs",
    "x-amz-tagging": "team=web%20logs&a%3Ab=c%2Fd",
  });
  await s3.logship("upload", bucket, ["--sse", "AES256", "a"], { cwd });
  expect(headersOf(bucket, "a")["x-amz-server-side-encryption"]).toBe("AES256");
  expect(headersOf(bucket, "a")["x-amz-storage-class"]).toBeUndefined();
});

test("upload --gzip stores what gunzip turns into the file, without Content-Encoding", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ "access.log": "a record\n".repeat(10_000) });
  const { stdout } = await s3.logship("upload", bucket, ["--gzip", "access.log"], { cwd });
  expect(stdout).toBe(`upload: access.log to s3://${bucket}/access.log.gz\n`);
  const { ContentType, ContentEncoding, Metadata } = await getObject(s3.server, bucket, "access.log.gz");
  expect([ContentType, ContentEncoding]).toEqual(["application/gzip", undefined]);
  expect(Metadata).toMatchObject({ records: "10000" });
  const stored = await readObject(s3.server, bucket, "access.log.gz");
  expect(stored.length).toBeLessThan(2000);
  expect(gunzipSync(stored).toString()).toBe("a record\n".repeat(10_000));
});

test("upload --json reports each object as a line of JSON", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ 'quo"te': "a\nb\n" });
  const { stdout } = await s3.logship("upload", bucket, ["--json", 'quo"te'], { cwd });
  expect(stdout.endsWith("\n")).toBe(true);
  expect(JSON.parse(stdout)).toEqual({
    event: "upload",
    local: 'quo"te',
    url: `s3://${bucket}/quo"te`,
    bytes: 4,
    records: 2,
    attempts: 1,
  });
});

test("upload takes its options from the environment, and the command line wins", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ a: "a\n" });
  const env = { LOGSHIP_TO: "s3://never-asked", LOGSHIP_STORAGE_CLASS: "GLACIER", LOGSHIP_TAG: "a=1 b=2" };
  await s3.logship("upload", bucket, ["a"], { cwd, env });
  expect(headersOf(bucket, "a")).toMatchObject({
    "x-amz-storage-class": "GLACIER",
    "x-amz-tagging": "a=1&b=2",
  });
});
