import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { clientOf, createBucket, listObjects } from "./bucket.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import {
  type Fault,
  firstRequests,
  internalError,
  isPut,
  lostAnswer,
  resetInBody,
  slowDown,
} from "./faults.ts";
import { type S3rver, startS3rver } from "./s3rver.ts";

let server: S3rver;
let proxy: FaultProxy;
const body = Buffer.alloc(300_000, "record\n");

beforeAll(async () => {
  server = await startS3rver();
  proxy = startFaultProxy(server.endpoint);
  await createBucket(server, "bucket");
});
afterAll(async () => {
  proxy.stop();
  await server.stop();
});

function put(key: string): Promise<unknown> {
  const client = clientOf({ ...server, endpoint: proxy.endpoint });
  return client.send(new PutObjectCommand({ Bucket: "bucket", Key: key, Body: body }));
}

async function isStored(key: string): Promise<boolean> {
  return (await listObjects(server, "bucket")).some((object) => object.key === key);
}

test("the fault proxy passes requests on unchanged and records them", async () => {
  await put("plain");
  const request = proxy.requests.at(-1)!;
  expect(request).toMatchObject({ method: "PUT", status: 200, bodyBytes: body.length });
  expect(request.path).toStartWith("/bucket/plain");
  expect(await isStored("plain")).toBe(true);
});

for (const fault of [slowDown, internalError, resetInBody] satisfies Fault[]) {
  test(`the fault proxy keeps ${JSON.stringify(fault)} from the server, and the next request works`, async () => {
    const key = JSON.stringify(fault).replace(/\W/g, "");
    const before = proxy.requests.length;
    proxy.setPlan(firstRequests(1, fault, isPut));
    await put(key);
    const seen = proxy.requests.slice(before);
    expect(seen.map((request) => request.fault)).toEqual([fault, undefined]);
    expect(await isStored(key)).toBe(true);
  });
}

test("the fault proxy loses the answer after the server has stored the object", async () => {
  const before = proxy.requests.length;
  proxy.setPlan(() => lostAnswer);
  expect(await put("lost").catch(() => "failed")).toBe("failed");
  expect(await isStored("lost")).toBe(true);
  expect(proxy.requests.slice(before).every((request) => request.status === undefined)).toBe(true);
});

test("the fault proxy reads slowly without losing a byte", async () => {
  proxy.setPlan(() => ({ kind: "slow", bytesPerSecond: 600_000 }));
  const startedAt = performance.now();
  await put("slow");
  expect(performance.now() - startedAt).toBeGreaterThan(400);
  expect(proxy.requests.at(-1)!.bodyBytes).toBe(body.length);
});

test("the fault proxy never answers when it is silent", async () => {
  proxy.setPlan(() => ({ kind: "silence" }));
  const { port } = new URL(proxy.endpoint);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n");
  while (proxy.requests.at(-1)?.path !== "/quiet") await Bun.sleep(5);
  const answered = await Promise.race([
    new Promise((resolve) => socket.once("data", () => resolve(true))),
    Bun.sleep(200).then(() => false),
  ]);
  socket.destroy();
  expect(answered).toBe(false);
});
