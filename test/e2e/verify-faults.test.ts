/** verify beside a server that misbehaves, and with more keys than fit into memory. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createBucket } from "../support/bucket.ts";
import {
  atRandom,
  type Fault,
  firstRequests,
  internalError,
  slowDown,
  truncatedAnswer,
} from "../support/faults.ts";
import { type Result, run } from "../support/logship.ts";
import { type ServedBucket, startMemoryS3 } from "../support/memory-s3.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";

const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z"];
/** One piece of more than one range, and a few small ones. */
const LARGE = ["--records", "40000", "--piece-bytes", "9M"];

let proxied: ProxiedServer;
let bucket: string;

beforeAll(async () => {
  proxied = await startProxiedServer();
  bucket = freshBucketName();
  await proxied.logship("run", bucket, ["--once", ...SEEDED, ...LARGE]);
});

afterAll(() => proxied.stop());

function verified(plan: Parameters<typeof proxied.proxy.setPlan>[0], ...args: string[]): Promise<Result> {
  proxied.proxy.setPlan(plan);
  const env = environmentOf(proxied.server, proxied.proxy.endpoint);
  return run(["verify", `s3://${bucket}`, ...args], { env });
}

test("a large piece is read in ranges, and none is counted twice when reads break off", async () => {
  const random = seededRandom("reads that break off");
  const faults: Fault[] = [slowDown, internalError, truncatedAnswer, { kind: "reset", at: "head" }];
  for (let round = 0; round < 3; round++) {
    const { stdout, exitCode } = await verified(atRandom(random, 0.3, faults), ...SEEDED);
    expect(stdout).toMatch(/^complete: \S+ 2 objects, 40000 records, \d+ bytes$/m);
    expect(exitCode).toBe(0);
  }
  const isRange = (path: string) => path.includes(".log.aa");
  expect(proxied.proxy.requests.filter(({ path }) => isRange(path)).length).toBeGreaterThan(8);
});

test("a server that keeps failing is waited for, said so once, and said again when it works", async () => {
  const { stdout, stderr, exitCode } = await verified(firstRequests(4, slowDown));
  expect(stderr).toBe(
    `logship: warning: unable to read the objects from s3://${bucket}, trying on: 503 SlowDown\n` +
      `logship: info: reads from s3://${bucket} work again after 4 failed tries\n`,
  );
  expect(stdout).toContain("complete: ");
  expect(exitCode).toBe(0);
});

test("a server that does not come back ends it with 111, not with a verdict", async () => {
  const { stdout, stderr, exitCode } = await verified(() => internalError, "--attempts", "2");
  expect(stdout).toBe("");
  expect(stderr).toBe(`logship: fatal: unable to list s3://${bucket}: 500 InternalError\n`);
  expect(exitCode).toBe(111);
});

const denied: Fault = { kind: "answer", status: 403, code: "AccessDenied" };

test("without the permission to list, or to read, one line says which is lacking", async () => {
  const list = await verified(() => denied);
  expect(list.stderr).toBe(
    `logship: fatal: unable to list s3://${bucket}: 403 AccessDenied (allow these credentials s3:ListBucket on arn:aws:s3:::${bucket}) (see logship doctor)\n`,
  );
  expect(list.exitCode).toBe(111);
  const read = await verified(({ path }) => (path.includes(".log.") ? denied : undefined));
  expect(read.stderr).toMatch(
    /^logship: fatal: unable to read s3:\/\/\S+\.log\.aa: 403 AccessDenied \(allow these credentials s3:GetObject on arn:aws:s3:::\S+\/\*\) \(see logship doctor\)\n$/,
  );
  expect(read.exitCode).toBe(111);
});

test("a bucket or directory that is not there, or that has nothing, is told apart", async () => {
  const env = environmentOf(proxied.server);
  const missing = await run(["verify", "s3://no-such-bucket-here"], { env });
  expect(missing.stderr).toContain("unable to list s3://no-such-bucket-here: 404 NoSuchBucket");
  expect(missing.exitCode).toBe(111);
  const empty = freshBucketName();
  await createBucket(proxied.server, empty);
  const nothing = await run(["verify", `s3://${empty}`], { env });
  expect(nothing.stdout).toContain(`nothing: s3://${empty}: there is nothing\n`);
  expect(nothing.exitCode).toBe(1);
  const directory = temporaryDirectory("empty");
  expect((await run(["verify", `file://${directory}`])).exitCode).toBe(1);
  const { stderr, exitCode } = await run(["verify", `file://${directory}/not`]);
  expect(stderr).toBe(`logship: fatal: unable to list file://${directory}/not: file does not exist\n`);
  expect(exitCode).toBe(111);
});

test("40 000 pieces take no more memory than 5000", async () => {
  const served = (count: number): ServedBucket => {
    const folder = "access.2017-01-12-14:36:56";
    const body = Uint8Array.from(
      Buffer.from('192.0.2.1 - - [12/Jan/2017:14:36:56 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n'),
    );
    const crc32 = Bun.hash.crc32(body).toString(16).padStart(8, "0");
    const suffix = (index: number) =>
      [17_576, 676, 26, 1].map((unit) => String.fromCharCode(97 + (Math.floor(index / unit) % 26))).join("");
    const keyOf = (index: number) => `${folder}/${folder}.log.${suffix(index)}`;
    return {
      count,
      keyAt: (index) => ({ key: keyOf(index), sizeBytes: body.length }),
      objectOf(key) {
        let index = 0;
        for (const letter of key.slice(-4)) index = index * 26 + letter.charCodeAt(0) - 97;
        const last: Record<string, string> = index === count - 1 ? { last: "true" } : {};
        const facts = { records: "1", "first-record": String(index), bytes: String(body.length), crc32 };
        return { key, body, metadata: { ...facts, ...last } };
      },
    };
  };
  const peaks: number[] = [];
  for (const count of [5000, 40_000]) {
    const server = startMemoryS3(served(count));
    const { stdout, exitCode, peakMiB } = await run(["verify", "s3://bucket"], {
      env: environmentOf(server),
    });
    await server.stop();
    expect(stdout).toContain(`complete: access.2017-01-12-14:36:56: ${count} objects, ${count} records`);
    expect(exitCode).toBe(0);
    peaks.push(peakMiB);
  }
  expect(peaks[1]!).toBeLessThan(peaks[0]! + 25);
}, 900_000);
