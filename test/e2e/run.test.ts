/** The main job against every kind of server: all records arrive, in pieces that another program can read. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listObjects, listPieces, readAll, readObject } from "../support/bucket.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { environmentOf, type S3Server } from "../support/s3-server.ts";
import { freshBucketName, serverKinds } from "../support/servers.ts";

const MIB = 1024 * 1024;
const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z"];

for (const kind of serverKinds) {
  describe.skipIf(!kind.isInstalled)(`against ${kind.name}`, () => {
    let server: S3Server & { stop(): Promise<void> };

    beforeAll(async () => {
      server = await kind.start();
    }, 600_000);
    afterAll(() => server?.stop());

    function logshipRun(bucket: string, ...options: string[]) {
      return run(["run", "--to", `s3://${bucket}`, ...options], { env: environmentOf(server) });
    }

    test("run --once ships 20000 records in pieces of at most 2 MiB, below a folder marker", async () => {
      const bucket = freshBucketName();
      const { stdout, stderr, exitCode } = await logshipRun(bucket, "--once");
      expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in ${server.region}\n`);
      expect(exitCode).toBe(0);
      const [marker, ...pieces] = await listObjects(server, bucket);
      expect(marker!.key).toMatch(/^access\.\d{4}-\d\d-\d\d-\d\d:\d\d:\d\d\/$/);
      const batch = marker!.key.slice(0, -1);
      const suffixes = ["aa", "ab", "ac", "ad", "ae", "af", "ag", "ah"].slice(0, pieces.length);
      expect(pieces.map(({ key }) => key)).toEqual(
        suffixes.map((suffix) => `${batch}/${batch}.log.${suffix}`),
      );
      for (const { size } of pieces) expect(size).toBeWithin(1, 2 * MIB + 1);
      for (const { size } of pieces.slice(0, -1)) expect(size).toBeGreaterThan(2 * MIB - 2000);
      expect(stdout.split("\n").filter(Boolean).sort()).toEqual(
        pieces.map(({ key }) => `upload: ${key} to s3://${bucket}/${key}`),
      );
      const records = (await readAll(server, bucket)).toString().split("\n");
      expect(records.pop()).toBe("");
      expect(records).toHaveLength(20_000);
    });

    test("what run ships is byte by byte what generate makes", async () => {
      for (const format of ["json", "combined", "nginx-json", "script"]) {
        const bucket = freshBucketName();
        const options = ["--format", format, "--records", "3000", ...SEEDED];
        const { exitCode } = await logshipRun(bucket, "--once", ...options, "--piece-bytes", "100k");
        expect(exitCode).toBe(0);
        const { stdout } = await run(["generate", ...options]);
        expect((await readAll(server, bucket)).equals(Buffer.from(stdout))).toBe(true);
        expect((await listPieces(server, bucket)).length).toBeGreaterThan(5);
      }
    }, 300_000);

    test.skipIf(!needs("jq", "python3"))(
      "100 batches arrive with all records, which jq and Python parse",
      async () => {
        const bucket = freshBucketName();
        const options = ["--batches", "100", "--interval", "1ms", "--records", "300", "--piece-bytes", "32k"];
        const { stdout, stderr, exitCode } = await logshipRun(bucket, ...options);
        expect(stderr).toBe(`logship: info: created bucket s3://${bucket} in ${server.region}\n`);
        expect(exitCode).toBe(0);
        const pieces = await listPieces(server, bucket);
        expect(new Set(pieces.map((key) => key.split("/")[0])).size).toBe(100);
        expect(stdout.split("\n").filter(Boolean)).toHaveLength(pieces.length);
        const stored = new Uint8Array(await readAll(server, bucket));
        const count = "[inputs | select(.time and .remote_addr and .status and .request)] | length";
        expect(await filter(["jq", "-n", count], stored)).toBe("30000\n");
        const program = "import json, sys; print(len([json.loads(line) for line in sys.stdin]))";
        expect(await filter(["python3", "-c", program], stored)).toBe("30000\n");
      },
      600_000,
    );

    test("run --gzip ships pieces that gunzip turns into the records", async () => {
      const bucket = freshBucketName();
      const { exitCode } = await logshipRun(bucket, "--once", "--gzip", "--records", "2000", ...SEEDED);
      expect(exitCode).toBe(0);
      const [key, ...others] = await listPieces(server, bucket);
      expect(others).toEqual([]);
      expect(key).toEndWith(".log.aa.gz");
      const { stdout } = await run(["generate", "--records", "2000", ...SEEDED]);
      const stored = Bun.gunzipSync(new Uint8Array(await readObject(server, bucket, key!)));
      expect(Buffer.from(stored).equals(Buffer.from(stdout))).toBe(true);
    });

    test("run --no-folder-marker stores nothing but pieces, below the prefix", async () => {
      const bucket = freshBucketName();
      const { exitCode } = await logshipRun(
        `${bucket}/web/1`,
        "--once",
        "--no-folder-marker",
        "--records",
        "10",
      );
      expect(exitCode).toBe(0);
      const objects = await listObjects(server, bucket);
      expect(objects).toHaveLength(1);
      expect(objects[0]!.key).toMatch(/^web\/1\/(access\.[0-9:-]+)\/\1\.log\.aa$/);
    });

    test("run --json reports each piece as a line of JSON", async () => {
      const bucket = freshBucketName();
      const { stdout } = await logshipRun(
        bucket,
        "--once",
        "--json",
        "--records",
        "5000",
        "--piece-bytes",
        "500k",
      );
      const receipts = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(receipts.reduce((total, { records }) => total + records, 0)).toBe(5000);
      for (const { event, bytes, url, attempts } of receipts) {
        expect([event, attempts]).toEqual(["upload", 1]);
        const key = url.slice(`s3://${bucket}/`.length);
        expect((await readObject(server, bucket, key)).length).toBe(bytes);
      }
    });
  });
}

async function filter(command: string[], input: Uint8Array): Promise<string> {
  const program = Bun.spawn(command, { stdin: new Blob([input]), stdout: "pipe", stderr: "inherit" });
  const output = await new Response(program.stdout).text();
  expect(await program.exited).toBe(0);
  return output;
}
