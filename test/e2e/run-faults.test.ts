/** A destination that is slow, away or broken: every record arrives exactly once, and memory stays bounded. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { listPieces, readAll } from "../support/bucket.ts";
import {
  atRandom,
  earlyError,
  type Fault,
  firstRequests,
  internalError,
  isPiece,
  lostAnswer,
  type Plan,
  resetInBody,
  silence,
  slowDown,
  truncatedAnswer,
} from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { seededRandom } from "../support/random.ts";
import { freshBucketName } from "../support/servers.ts";
import { AT_ONCE_MS } from "../support/until.ts";

const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z"];
let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

/** Byte equality with the generator's own output is the proof that no record is lost, doubled or out of place. */
async function expectShipped(bucket: string, records: number): Promise<void> {
  const { stdout } = await run(["generate", "--records", String(records), ...SEEDED]);
  const stored = await readAll(s3.server, bucket);
  expect(stored.length).toBe(Buffer.byteLength(stdout));
  expect(stored.equals(Buffer.from(stdout))).toBe(true);
}

const FAULTS: Record<string, Fault> = {
  "503 SlowDown": slowDown,
  "500 InternalError": internalError,
  "503 before the body is read": earlyError,
  "a reset in mid-body": resetInBody,
  "an answer that is lost": lostAnswer,
  "an answer that breaks off": truncatedAnswer,
};

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`run ships every record once when the first six pieces meet ${name}`, async () => {
    const bucket = freshBucketName();
    const options = ["--once", "--records", "20000", "--piece-bytes", "500k", ...SEEDED];
    const { exitCode } = await s3.logship("run", bucket, options, {}, firstRequests(6, fault, isPiece));
    expect(exitCode).toBe(0);
    await expectShipped(bucket, 20_000);
  }, 300_000);
}

test("run ships every record once when making the bucket and its folder marker fail at first", async () => {
  const bucket = freshBucketName();
  const options = ["--once", "--records", "100", ...SEEDED];
  const { exitCode } = await s3.logship("run", bucket, options, {}, firstRequests(2, internalError));
  expect(exitCode).toBe(0);
  await expectShipped(bucket, 100);
});

test("run ships every record once when a third of all requests fail in some way", async () => {
  const bucket = freshBucketName();
  const slow: Fault = { kind: "slow", bytesPerSecond: 500_000 };
  const plan = atRandom(seededRandom("random faults under run"), 1 / 3, [
    ...Object.values(FAULTS),
    silence,
    slow,
  ]);
  const options = ["--once", "--records", "12000", "--piece-bytes", "50k", "--concurrency", "8"];
  options.push("--timeout", "500ms", ...SEEDED);
  const { exitCode } = await s3.logship("run", bucket, options, {}, plan);
  expect(exitCode).toBe(0);
  await expectShipped(bucket, 12_000);
  const names = new Set((await listPieces(s3.server, bucket)).map((key) => key.split("/")[0]));
  expect(names.size).toBe(1);
}, 600_000);

test("run waits for a server that is away, says so once, and loses nothing", async () => {
  const bucket = freshBucketName();
  const options = ["--once", "--records", "20000", "--piece-bytes", "500k", ...SEEDED];
  const logship = s3.start("run", bucket, options, {}, () => ({ kind: "reset", at: "head" }));
  await logship.until("the warning", () => logship.stderr.includes("warning"), 30_000);
  s3.proxy.setPlan(() => undefined);
  const { stderr, exitCode } = await logship.result;
  expect(exitCode).toBe(0);
  expect(stderr.match(/: warning: /g)).toHaveLength(1);
  expect(stderr).toMatch(/logship: warning: unable to [^\n]+: connection reset\n/);
  expect(stderr).toMatch(/logship: info: uploads to s3:\/\/\S+ work again after \d+ failed tries\n/);
  await expectShipped(bucket, 20_000);
}, 450_000);

test("a wrong key or a missing permission ends run at once with 111", async () => {
  const plans: Fault[] = [
    { kind: "answer", status: 403, code: "AccessDenied" },
    { kind: "answer", status: 403, code: "InvalidAccessKeyId" },
  ];
  for (const fault of plans) {
    const bucket = freshBucketName();
    const { stdout, stderr, exitCode, durationMs } = await s3.logship("run", bucket, [], {}, () => fault);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^logship: fatal: unable to upload [^\n]+: 403 (AccessDenied|InvalidAccessKeyId)[^\n]*\n$/,
    );
    expect(exitCode).toBe(111);
    expect(durationMs).toBeLessThan(AT_ONCE_MS);
  }
});

test("a slow server holds the generator back: memory stays at the pieces in flight", async () => {
  const bucket = freshBucketName();
  const options = ["--once", "--records", "1000000", "--piece-bytes", "2M", "--concurrency", "2"];
  const slow: Plan = (request) =>
    isPiece(request) ? { kind: "slow", bytesPerSecond: 3_000_000 } : undefined;
  const logship = s3.start("run", bucket, options, {}, slow);
  await logship.until("ten pieces", () => logship.stdout.split("\n").length > 10, 60_000);
  logship.kill("SIGKILL");
  const { peakMiB } = await logship.result;
  expect(peakMiB).toBeLessThan(80 + 3 * 2 + 10);
}, 450_000);

test("a silent server holds the generator back for ever without eating memory", async () => {
  const bucket = freshBucketName();
  const options = ["--once", "--records", "100000000", "--piece-bytes", "20k", "--timeout", "500ms"];
  const logship = s3.start("run", bucket, options, {}, (request) => (isPiece(request) ? silence : undefined));
  await logship.until(
    "three attempts for each connection",
    () => s3.requestsFor(bucket).filter(isPiece).length >= 12,
    300_000,
  );
  logship.kill("SIGKILL");
  const { peakMiB } = await logship.result;
  expect(peakMiB).toBeLessThan(80 + 3 * 2 + 10);
}, 450_000);

test("run --once of a million records stays below 80 MB and the pieces in flight", async () => {
  const bucket = freshBucketName();
  const { exitCode, peakMiB } = await s3.logship("run", bucket, ["--once", "--records", "1000000"]);
  expect(exitCode).toBe(0);
  expect(peakMiB).toBeLessThan(80 + 5 * 2 + 10); // 89 is usual; the rest is for when garbage is collected
}, 450_000);
