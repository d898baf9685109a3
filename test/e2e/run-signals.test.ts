/** TERM and INT: finish what is in flight, say what was not uploaded, end in time. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { listPieces, readAll } from "../support/bucket.ts";
import { isPiece, type Plan, silence } from "../support/faults.ts";
import type { Process } from "../support/logship.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { AT_ONCE_MS } from "../support/until.ts";

const silentForPieces: Plan = (request) => (isPiece(request) ? silence : undefined);
let s3: ProxiedServer;

beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

/** Starts a run that would never end, and waits for its first piece. */
async function startRun(bucket: string, options: string[], plan?: Plan): Promise<Process> {
  const logship = s3.start("run", bucket, options, {}, plan);
  await logship.until("the first piece", () => s3.requestsFor(bucket).some(isPiece));
  return logship;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} between two batches ends run at once with 0`, async () => {
    const bucket = freshBucketName();
    const logship = await startRun(bucket, ["--records", "100", "--interval", "1h"]);
    await logship.until("the receipt", () => logship.stdout.endsWith("\n"));
    const asked = performance.now();
    logship.kill(signal);
    const { stderr, exitCode } = await logship.result;
    expect(stderr).not.toMatch(/fatal|warning/);
    expect(exitCode).toBe(0);
    expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  });
}

test("TERM in a batch stops generating, uploads what there is and exits 0", async () => {
  const bucket = freshBucketName();
  const slow: Plan = (request) =>
    isPiece(request) ? { kind: "slow", bytesPerSecond: 2_000_000 } : undefined;
  const logship = await startRun(bucket, ["--records", "100000000", "--json"], slow);
  logship.kill("SIGTERM");
  const { stdout, stderr, exitCode } = await logship.result;
  expect(stderr).not.toMatch(/fatal|warning/);
  expect(exitCode).toBe(0);
  const receipts = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const stored = (await readAll(s3.server, bucket)).toString();
  expect(stored).toEndWith("\n");
  expect(receipts.reduce((total, { records }) => total + records, 0)).toBe(stored.split("\n").length - 1);
  expect(receipts).toHaveLength((await listPieces(s3.server, bucket)).length);
}, 300_000);

test("TERM while the server is silent ends run after --grace, with 111 and what was not uploaded", async () => {
  const bucket = freshBucketName();
  const logship = await startRun(bucket, ["--grace", "500ms"], silentForPieces);
  const asked = performance.now();
  logship.kill("SIGTERM");
  const { stdout, stderr, exitCode } = await logship.result;
  expect(performance.now() - asked).toBeWithin(450, AT_ONCE_MS);
  expect(stderr).toMatch(/logship: fatal: unable to upload [^\n]+ s3:\/\/\S+: [^\n]+\n$/);
  expect(stdout).toBe("");
  expect(exitCode).toBe(111);
});

test("a second signal ends run at once", async () => {
  const bucket = freshBucketName();
  const logship = await startRun(bucket, ["--grace", "1h"], silentForPieces);
  logship.kill("SIGTERM");
  await Bun.sleep(100);
  const asked = performance.now();
  logship.kill("SIGINT");
  const { stderr, exitCode } = await logship.result;
  expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  expect(stderr).toMatch(/logship: fatal: unable to upload /);
  expect(exitCode).toBe(111);
});

test("TERM while run waits for a server that is away ends it after --grace", async () => {
  const bucket = freshBucketName();
  const logship = s3.start("run", bucket, ["--grace", "300ms"], {}, () => ({ kind: "reset", at: "head" }));
  await logship.until("a few attempts", () => s3.requestsFor(bucket).length >= 3);
  const asked = performance.now();
  logship.kill("SIGTERM");
  const { stderr, exitCode } = await logship.result;
  expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  expect(stderr).toMatch(/logship: fatal: unable to [^\n]+\n$/);
  expect(exitCode).toBe(111);
});

test("TERM in a run with a rate does not wait for the next record", async () => {
  const bucket = freshBucketName();
  const options = ["--records", "1000", "--rate", "1/m", "--interval", "1h", "--no-folder-marker"];
  const logship = s3.start("run", bucket, options);
  await logship.until("that TERM is awaited", () => logship.awaitsTerm());
  const asked = performance.now();
  logship.kill("SIGTERM");
  const { exitCode } = await logship.result;
  expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
  expect(exitCode).toBe(0);
});
