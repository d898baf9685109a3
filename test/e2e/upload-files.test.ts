import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBucket, listObjects, listPieces, readObject } from "../support/bucket.ts";
import { firstRequests, isPut, type Plan } from "../support/faults.ts";
import { isRoot, needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer, workplace } from "../support/proxied-server.ts";
import { digests, directoryOfRecords } from "../support/records.ts";
import { freshBucketName } from "../support/servers.ts";

let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

test("upload of 300 files stores each of them once", async () => {
  const bucket = freshBucketName();
  const { path, contents } = directoryOfRecords({ files: 300, recordsPerFile: 20 });
  const before = s3.proxy.requests.length;
  const { stdout, stderr, exitCode } = await s3.logship("upload", bucket, ["--concurrency", "16", path]);
  expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in us-east-1\n`);
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")).toHaveLength(301);
  const stored = new Map<string, Buffer>();
  for (const key of await listPieces(s3.server, bucket))
    stored.set(key, await readObject(s3.server, bucket, key));
  expect(digests(stored)).toEqual(digests(contents));
  const keys = s3.proxy.requests
    .slice(before)
    .filter((r) => r.method === "PUT" && r.status === 200 && r.path.includes("log"));
  expect(new Set(keys.map((request) => request.path)).size).toBe(300);
});

test("upload reads a file only when a connection is free to send it", async () => {
  const bucket = freshBucketName();
  await createBucket(s3.server, bucket);
  const names = Array.from({ length: 12 }, (_, index) => `f${String(index).padStart(2, "0")}`);
  const old = "old\n".repeat(500);
  const cwd = workplace(Object.fromEntries(names.map((name) => [name, old])));
  const slow = firstRequests(4, { kind: "slow", bytesPerSecond: 500 }, isPut);
  const logship = s3.start("upload", bucket, ["--concurrency", "4", ...names], { cwd }, slow);
  await logship.until("four uploads", () => s3.requestsFor(bucket).length === 4);
  for (const name of names.slice(4)) writeFileSync(join(cwd, name), `${name}\n`);
  expect((await logship.result).exitCode).toBe(0);
  const stored = await Promise.all(names.map((name) => readObject(s3.server, bucket, name)));
  expect(stored.map(String)).toEqual(names.map((name, index) => (index < 4 ? old : `${name}\n`)));
}, 60_000);

test("upload stores what a file of /proc holds, which says that it is empty", async () => {
  const bucket = freshBucketName();
  await s3.logship("upload", bucket, ["/proc/version"]);
  expect(await readObject(s3.server, bucket, "version")).toEqual(readFileSync("/proc/version"));
});

test("upload of a directory without files says that there are none", async () => {
  const bucket = freshBucketName();
  await createBucket(s3.server, bucket);
  const cwd = workplace({ a: "a\n" });
  mkdirSync(join(cwd, "empty/below"), { recursive: true });
  const { stdout, stderr, exitCode } = await s3.logship("upload", bucket, ["empty", "a"], { cwd });
  expect(stderr).toBe("logship: warning: there is no file in empty\n");
  expect(stdout).toBe(`upload: a to s3://${bucket}/a\n`);
  expect(exitCode).toBe(0);
});

test("upload tells the files it cannot read, uploads the others and exits 111", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ good: "a\n", "dir/good": "b\n" });
  symlinkSync("nowhere", join(cwd, "dir/dangling"));
  symlinkSync(".", join(cwd, "dir/loop"));
  Bun.spawnSync(["mkfifo", join(cwd, "dir/fifo")]);
  const { stdout, stderr, exitCode } = await s3.logship("upload", bucket, ["missing", "good", "dir"], {
    cwd,
  });
  expect(stderr).toContain(`unable to upload missing to s3://${bucket}: file does not exist\n`);
  expect(stderr).toContain(`unable to upload dir/dangling to s3://${bucket}: file does not exist\n`);
  expect(stderr).toContain(`unable to upload dir/loop to s3://${bucket}: symbolic link loop\n`);
  expect(stderr).toContain(`unable to upload dir/fifo to s3://${bucket}: it is not a regular file\n`);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(
    `logship: fatal: unable to upload 4 of 6 files to s3://${bucket}: see above`,
  );
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(2);
  expect(await listPieces(s3.server, bucket)).toEqual(["dir/good", "good"]);
  expect(exitCode).toBe(111);
});

test.skipIf(!isRoot() || !needs("setpriv"))("upload says that it may not read a file", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ secret: "a\n", open: "b\n" });
  Bun.spawnSync(["chmod", "600", join(cwd, "secret")]);
  Bun.spawnSync(["chmod", "755", cwd, join(cwd, "..")]);
  const under = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["secret", "open"], { cwd, under });
  expect(stderr).toContain(
    `logship: fatal: unable to upload secret to s3://${bucket}: access denied (1 of 2 files failed)\n`,
  );
  expect(await listPieces(s3.server, bucket)).toEqual(["open"]);
  expect(exitCode).toBe(111);
});

test("upload does not let two files take the same key", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ "a/log": "first\n", "b/log": "second\n" });
  const { stderr, exitCode } = await s3.logship("upload", bucket, ["a/log", "b/log"], { cwd });
  expect(stderr).toContain(
    `unable to upload b/log to s3://${bucket}: it would overwrite a/log, which has the same key`,
  );
  expect((await readObject(s3.server, bucket, "log")).toString()).toBe("first\n");
  expect(exitCode).toBe(111);
});

test("upload --delete removes what is stored and keeps what is not", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ "d/a": "a\n", "d/b": "b\n", "d/c": "c\n" });
  const plan: Plan = ({ path }) =>
    path.includes("/d/b") ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
  const args = ["--concurrency", "1", "--delete", "d"];
  const { exitCode } = await s3.logship("upload", bucket, args, { cwd }, plan);
  expect(exitCode).toBe(111);
  const stored = await listPieces(s3.server, bucket);
  expect(stored).toContain("d/a");
  expect(existsSync(join(cwd, "d/a"))).toBe(false);
  expect(existsSync(join(cwd, "d/b"))).toBe(true);
  expect(existsSync(join(cwd, "d/c"))).toBe(!stored.includes("d/c"));
});

test("upload --delete keeps a file that grew while it was uploaded", async () => {
  const bucket = freshBucketName();
  const cwd = workplace({ growing: "a\n".repeat(50_000) });
  const slow: Plan = () => ({ kind: "slow", bytesPerSecond: 200_000 });
  const before = s3.proxy.requests.length;
  const logship = s3.start("upload", bucket, ["--delete", "growing"], { cwd }, slow);
  await logship.until("the upload's request", () => s3.proxy.requests.length > before + 1);
  writeFileSync(join(cwd, "growing"), "more\n", { flag: "a" });
  const { stderr } = await logship.result;
  expect(stderr).toContain("unable to delete growing: it has changed since it was read\n");
  expect(existsSync(join(cwd, "growing"))).toBe(true);
});

test("upload survives a reader of its output that goes away", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 50, recordsPerFile: 1 });
  const under = ["bash", "-c", 'set -o pipefail; "$0" "$@" | head -n 1'];
  const { stderr, exitCode } = await s3.logship("upload", bucket, [path], { under });
  expect(stderr).not.toContain("fatal");
  expect(exitCode).toBe(0);
  expect(await listObjects(s3.server, bucket)).toHaveLength(50);
});

test("upload warns of a full standard output, after all files are stored", async () => {
  const bucket = freshBucketName();
  const { path } = directoryOfRecords({ files: 20, recordsPerFile: 1 });
  const { stderr, exitCode } = await s3.logship("upload", bucket, [path], {
    under: ["bash", "-c", '"$0" "$@" >/dev/full'],
  });
  expect(stderr).toEndWith(
    "logship: warning: unable to print the receipts of 20 stored objects: out of disk space\n",
  );
  expect(exitCode).toBe(0);
  expect(await listObjects(s3.server, bucket)).toHaveLength(20);
});
