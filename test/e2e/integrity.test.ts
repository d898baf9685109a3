/** Each kind of server verifies one check of what it stores: a body that was damaged on its way is refused and sent again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { createBucket, readObject } from "../support/bucket.ts";
import { startCheckingServer } from "../support/checking-server.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { damagedBody, firstRequests, isPut, type Plan } from "../support/faults.ts";
import { type ForwardProxy, startForwardProxy } from "../support/forward-proxy.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { workplace } from "../support/proxied-server.ts";
import { radosGateway, radosGatewayPrograms } from "../support/radosgw.ts";
import type { RequestHead } from "../support/request-framer.ts";
import { environmentOf, type S3Server } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { selfSigned, startTlsFront } from "../support/tls.ts";

const LARGE_BYTES = 70_000_000; // in parts
const PART_BYTES = 8 * 1024 * 1024;
const small = Buffer.from("one\ntwo\n");
const large = Buffer.alloc(LARGE_BYTES, "a line of a large file\n");

const CHECKS = [
  "content-md5",
  "x-amz-checksum-crc32",
  "x-amz-content-sha256",
  "x-amz-sdk-checksum-algorithm",
];

function checksOf({ headers }: RequestHead): Record<string, string | undefined> {
  return Object.fromEntries(CHECKS.map((name) => [name, headers[name]]));
}

function base64Crc32(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}

/** What stands between logship and a server, and how the server is reached through it. */
interface Way {
  readonly proxy: FaultProxy;
  /** A bucket that is there. */
  bucket(): Promise<string>;
  readonly env: Record<string, string>;
  stored(bucket: string, key: string): Promise<Buffer | undefined>;
}

async function upload(way: Way, content: Buffer, plan: Plan, ...options: string[]) {
  const bucket = await way.bucket();
  const before = way.proxy.requests.length;
  way.proxy.setPlan(plan);
  const cwd = workplace({ "access.log": content });
  const result = await run(["upload", "--to", `s3://${bucket}/logs`, ...options, "access.log"], {
    cwd,
    env: way.env,
  });
  const puts = way.proxy.requests
    .slice(before)
    .filter(({ method, path }) => method === "PUT" && path.includes("access.log"));
  return { ...result, puts, stored: await way.stored(bucket, "logs/access.log") };
}

/** The same for every row of the table in README. */
function expectations(
  way: () => Way,
  check: (body: Buffer) => Record<string, string>,
  refusal: string,
): void {
  const nothing = Object.fromEntries(CHECKS.map((name) => [name, undefined]));
  test("an object carries this check and no other", async () => {
    const { puts, stored, exitCode } = await upload(way(), small, () => undefined);
    expect(exitCode).toBe(0);
    expect(checksOf(puts.at(-1)!)).toEqual({ ...nothing, ...check(small) });
    expect(stored).toEqual(small);
  });

  test("a byte that is changed on the way is refused, and the object is sent again", async () => {
    const { puts, stored, stderr, exitCode } = await upload(
      way(),
      small,
      damageOnce(() => true),
    );
    expect(stderr).not.toContain("fatal");
    expect(exitCode).toBe(0);
    expect(puts.map(({ status }) => status)).toEqual([400, 200]);
    expect(stored).toEqual(small);
  });

  test("a byte of a part that is changed on the way is refused, and the part alone is sent again", async () => {
    const isThird = (request: RequestHead) => request.path.includes("partNumber=3");
    const { puts, stored, exitCode } = await upload(way(), large, damageOnce(isThird));
    expect(exitCode).toBe(0);
    expect(puts.filter(isThird).map(({ status }) => status)).toEqual([400, 200]);
    expect(puts.filter(({ path }) => path.includes("partNumber=2")).map(({ status }) => status)).toEqual([
      200,
    ]);
    const third = large.subarray(2 * PART_BYTES, 3 * PART_BYTES);
    expect(checksOf(puts.find(isThird)!)).toEqual({ ...nothing, ...check(third) });
    expect(stored?.equals(large)).toBe(true);
  }, 180_000);

  test("an object that is damaged each time is not stored, and told with the server's reason", async () => {
    const plan: Plan = (request) => (isPut(request) ? damagedBody : undefined);
    const { stored, stderr, exitCode } = await upload(way(), small, plan, "--attempts", "2");
    expect(stored).toBe(undefined);
    expect(stderr).toContain(`: 400 ${refusal}\n`);
    expect(exitCode).toBe(111);
  }, 180_000);
}

function damageOnce(isMeant: (request: RequestHead) => boolean): Plan {
  return firstRequests(1, damagedBody, (request) => isPut(request) && isMeant(request));
}

const md5 = (body: Buffer) => ({
  "content-md5": createHash("md5").update(body).digest("base64"),
  "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
});
const sha256 = (body: Buffer) => ({
  "x-amz-content-sha256": createHash("sha256").update(body).digest("hex"),
});
const both = (body: Buffer) => ({ ...md5(body), ...sha256(body) });
const crc = (body: Buffer) => ({
  "x-amz-checksum-crc32": base64Crc32(body),
  "x-amz-sdk-checksum-algorithm": "CRC32",
  "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
});

describe.skipIf(!needs("openssl"))("AWS over TLS, as a server that verifies a CRC32 stands in for it", () => {
  const stops: (() => void)[] = [];
  let way: Way;

  beforeAll(async () => {
    const server = startCheckingServer();
    const proxy = startFaultProxy(server.endpoint);
    const certificate = selfSigned(["*.s3.us-east-1.amazonaws.com"]);
    const front = await startTlsFront(proxy.endpoint, certificate);
    const tunnel: ForwardProxy = await startForwardProxy(front.port);
    stops.push(server.stop, proxy.stop, front.stop, tunnel.stop);
    const env = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "KEY",
      AWS_SECRET_ACCESS_KEY: "SECRET",
      AWS_CA_BUNDLE: certificate.certificate,
      HTTPS_PROXY: tunnel.url,
    };
    const stored = async (bucket: string, key: string) =>
      server.stored.get(`${bucket}.s3.us-east-1.amazonaws.com/${key}`);
    way = { proxy, env, stored, bucket: async () => freshBucketName() };
  });
  afterAll(() => stops.forEach((stop) => void stop()));

  expectations(() => way, crc, "BadDigest");
});

describe.skipIf(!needs("openssl", ...radosGatewayPrograms))("another server (the RADOS Gateway)", () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await radosGateway();
  }, 120_000);

  async function bucket(): Promise<string> {
    const name = freshBucketName();
    await createBucket(server, name);
    return name;
  }

  const stored = (name: string, key: string) => readObject(server, name, key).catch(() => undefined);

  describe("over TLS", () => {
    const stops: (() => void)[] = [];
    let way: Way;

    beforeAll(async () => {
      const proxy = startFaultProxy(server.endpoint);
      const certificate = selfSigned(["127.0.0.1"]);
      const front = await startTlsFront(proxy.endpoint, certificate);
      stops.push(proxy.stop, front.stop);
      const env = { ...environmentOf(server, front.endpoint), AWS_CA_BUNDLE: certificate.certificate };
      way = { proxy, env, bucket, stored };
    });
    afterAll(() => stops.forEach((stop) => void stop()));

    expectations(() => way, md5, "BadDigest");
  });

  describe("without TLS", () => {
    let way: Way;

    beforeAll(() => {
      const proxy = startFaultProxy(server.endpoint);
      const env = environmentOf(server, proxy.endpoint);
      way = { proxy, env, bucket, stored };
    });
    afterAll(() => way?.proxy.stop());

    expectations(() => way, both, "XAmzContentSHA256Mismatch");
  });
});

describe("a server without TLS that holds a body against its MD5 alone, as rclone serve s3", () => {
  const stops: (() => void)[] = [];
  let way: Way;

  beforeAll(() => {
    const server = startCheckingServer("content-md5");
    const proxy = startFaultProxy(server.endpoint);
    stops.push(server.stop, proxy.stop);
    const env = environmentOf(
      { endpoint: "", region: "us-east-1", accessKeyId: "KEY", secretAccessKey: "SECRET" },
      proxy.endpoint,
    );
    const host = new URL(proxy.endpoint).host;
    const stored = async (bucket: string, key: string) => server.stored.get(`${host}/${bucket}/${key}`);
    way = { proxy, env, stored, bucket: async () => freshBucketName() };
  });
  afterAll(() => stops.forEach((stop) => void stop()));

  expectations(() => way, both, "BadDigest");
});
