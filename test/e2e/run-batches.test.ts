/** When batches begin and how they are named, and that a run touches no disk. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listPieces } from "../support/bucket.ts";
import { isPiece, isPut, type Plan } from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { AT_ONCE_MS } from "../support/until.ts";

let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

/** Names of batches in the order in which their folder markers were asked for, with the time of that. */
function batchesOf(bucket: string): { name: string; atMs: number }[] {
  const markers = s3.requestsFor(bucket).filter(({ method, path, status }) => {
    return method === "PUT" && /\/(\?.*)?$/.test(path) && status === 200 && path.length > bucket.length + 2;
  });
  return markers.map(({ path, atMs }) => ({ name: decodeURIComponent(path.split("/")[2]!), atMs }));
}

function gapsOf(bucket: string): number[] {
  const times = batchesOf(bucket).map(({ atMs }) => atMs);
  return times.slice(1).map((time, index) => time - times[index]!);
}

test("batches begin an interval apart", async () => {
  const bucket = freshBucketName();
  const options = ["--batches", "4", "--interval", "500ms", "--records", "10"];
  const { exitCode } = await s3.logship("run", bucket, options);
  expect(exitCode).toBe(0);
  const [, ...gaps] = gapsOf(bucket); // the first batch also waits for the bucket
  expect(gaps).toHaveLength(2);
  expect(gaps.reduce((sum, gap) => sum + gap)).toBeWithin(800, AT_ONCE_MS);
});

test("a batch that overruns the interval is followed at once by the next, never by two at once", async () => {
  const bucket = freshBucketName();
  const slow: Plan = (request) => (isPut(request) ? { kind: "slow", bytesPerSecond: 100_000 } : undefined);
  const options = ["--batches", "3", "--interval", "1s", "--records", "500", "--concurrency", "1"];
  const { exitCode } = await s3.logship("run", bucket, options, {}, slow);
  expect(exitCode).toBe(0);
  const sent = s3.requestsFor(bucket).filter((request) => isPut(request) && request.status === 200);
  expect(sent).toHaveLength(6);
  const waits: number[] = [];
  for (const [index, piece] of sent.entries()) {
    if (index % 2 === 0) continue;
    expect(isPiece(piece)).toBe(true);
    const next = sent[index + 1];
    if (next) waits.push(next.atMs - piece.answeredMs!);
  }
  expect(Math.min(...waits)).toBeWithin(0, 400);
});

test("batches of one second get different names that sort in their order", async () => {
  const bucket = freshBucketName();
  const options = ["--batches", "20", "--interval", "1ms", "--records", "1"];
  const { exitCode } = await s3.logship("run", bucket, options);
  expect(exitCode).toBe(0);
  const names = batchesOf(bucket).map(({ name }) => name);
  expect(new Set(names).size).toBe(20);
  expect(names.toSorted()).toEqual(names);
  expect(await listPieces(s3.server, bucket)).toHaveLength(20);
});

test("the name of a batch is the time in UTC, and in the host's zone with --timezone local", async () => {
  const bucket = freshBucketName();
  const options = ["--once", "--records", "1"];
  await s3.logship("run", bucket, options, { env: { TZ: "America/Sao_Paulo" } });
  await s3.logship("run", bucket, [...options, "--timezone", "local"], { env: { TZ: "America/Sao_Paulo" } });
  const hours = batchesOf(bucket).map(({ name }) =>
    Date.parse(`${name.slice(7, 17)}T${name.slice(18, 26)}Z`),
  );
  expect(Math.abs(hours[0]! - Date.now())).toBeLessThan(60_000);
  expect(hours[0]! - hours[1]!).toBeWithin(3 * 3_600_000 - 60_000, 3 * 3_600_000 + 60_000);
});

test("run takes its options from the environment, as envdir gives them", async () => {
  const bucket = freshBucketName();
  const env = {
    LOGSHIP_RECORDS: "7",
    LOGSHIP_FOLDER_MARKER: "no",
    LOGSHIP_BATCHES: "2",
    LOGSHIP_INTERVAL: "1ms",
  };
  const { exitCode, stdout } = await s3.logship("run", bucket, ["--json"], { env });
  expect(exitCode).toBe(0);
  const receipts = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(receipts.map(({ records }) => records)).toEqual([7, 7]);
  expect(batchesOf(bucket)).toEqual([]);
});

/** System calls that open a file for writing or make, rename or remove one, while logship does this. */
async function writingCalls(args: string[], env: Record<string, string> = {}): Promise<string[]> {
  const trace = join(temporaryDirectory("trace"), "trace");
  const names =
    "open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,ftruncate,unlink,unlinkat,memfd_create";
  const under = ["strace", "-f", "-o", trace, "-e", `trace=${names}`];
  expect((await run(args, { under, env })).exitCode).toBe(0);
  const lines = readFileSync(trace, "utf8").split("\n");
  expect(lines.length).toBeGreaterThan(10);
  return lines.filter((line) => {
    if (/\/dev\/null"/.test(line) || /^\d+ +(\+\+\+|---|<\.\.\.)/.test(line)) return false;
    return (
      /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE|O_APPEND/.test(line) || /^\d+ +(?!open)\w+\(/.test(line)
    );
  });
}

test.skipIf(!needs("strace"))(
  "a run opens no file for writing and makes none",
  async () => {
    const options = ["run", "--batches", "2", "--interval", "1ms", "--records", "30000", "--gzip"];
    const to = ["--to", `s3://${freshBucketName()}`];
    expect(await writingCalls([...options, ...to], environmentOf(s3.server))).toEqual([]);
    const directory = pathToFileURL(temporaryDirectory("target")).href;
    expect((await writingCalls([...options, "--to", directory])).length).toBeGreaterThan(4);
  },
  300_000,
);
