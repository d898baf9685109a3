/** What is stored under a key stays: whoever finds another piece there ships under another generation. */
import { expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConditionalS3, refusal, startConditionalS3 } from "../support/conditional-s3.ts";
import { firstRequests, isPut, lostAnswer } from "../support/faults.ts";
import { run } from "../support/logship.ts";
import { startProxiedServer, workplace } from "../support/proxied-server.ts";
import { environmentOf } from "../support/s3-server.ts";
import { linesOf } from "../support/shipped.ts";

/** Ships a log once to a server. */
function shipTo(s3: ConditionalS3, work: string, ...options: string[]) {
  const args = ["ship", "--once", "--state", join(work, "state"), "--host", "h", "--to", "s3://bucket"];
  return run([...args, ...options, join(work, "app.log")], { env: environmentOf(s3) });
}

test("a piece whose answer was lost is found to be stored, and is not written over", async () => {
  const s3 = startConditionalS3();
  const proxied = await startProxiedServer(s3);
  const work = workplace({ "app.log": linesOf("line", 10) });
  const args = ["--once", "--state", join(work, "state"), "--piece-bytes", "30", join(work, "app.log")];
  const result = await proxied.logship("ship", "bucket", args, {}, firstRequests(2, lostAnswer, isPut));
  expect([result.stderr, result.exitCode]).toEqual(["", 0]);
  expect(s3.text).toBe(linesOf("line", 10));
  expect(s3.overwritten).toEqual([]);
  expect(s3.calls.filter(({ method }) => method === "HEAD").length).toBeGreaterThan(0);
  await Promise.all([proxied.stop(), s3.stop()]);
});

test.each([
  [501, "NotImplemented"],
  [400, "InvalidArgument"],
])("a server that refuses conditions with %d %s is asked for one once", async (status, code) => {
  const s3 = startConditionalS3();
  s3.answer = ({ isConditional }) => (isConditional ? refusal(status, code) : undefined);
  const work = workplace({ "app.log": linesOf("line", 100) });
  const result = await shipTo(s3, work, "--piece-bytes", "30", "--concurrency", "1");
  expect([result.stderr, result.exitCode]).toEqual(["", 0]);
  expect(s3.text).toBe(linesOf("line", 100));
  expect(s3.calls.filter(({ isConditional }) => isConditional)).toHaveLength(1);
  await s3.stop();
});

test("a refusal that has nothing to do with conditions is not taken for one of them", async () => {
  const s3 = startConditionalS3();
  s3.answer = ({ method }) => (method === "PUT" ? refusal(400, "InvalidRequest") : undefined);
  const work = workplace({ "app.log": "line\n" });
  const result = await shipTo(s3, work);
  expect(result.stderr).toMatch(/^logship: fatal: unable to upload \S+ to s3:\/\/bucket: 400 InvalidRequest/);
  expect(result.exitCode).toBe(111);
  await s3.stop();
});

test.each([
  ["wrong keys", 403, "InvalidAccessKeyId"],
  ["keys that have expired", 400, "ExpiredToken"],
])(
  "%s at a start after a piece was not answered end it, and nothing is noted as lost",
  async (_, status, code) => {
    const s3 = startConditionalS3();
    const proxied = await startProxiedServer(s3);
    const work = workplace({ "app.log": "line\n" });
    const options = ["--once", "--state", join(work, "state"), "--host", "h", "--attempts", "1"];
    const args = [...options, join(work, "app.log")];
    expect(
      (await proxied.logship("ship", "bucket", args, {}, firstRequests(9, lostAnswer, isPut))).exitCode,
    ).toBe(111);
    renameSync(join(work, "app.log"), join(work, "gone"));
    writeFileSync(join(work, "app.log"), "next\n");
    s3.answer = () => refusal(status, code);
    const refused = await shipTo(s3, work);
    expect(refused.stderr).toMatch(
      /^logship: fatal: unable to upload \S+app\.log:0-5 to s3:\/\/bucket: \d+ [^\n]+\n$/,
    );
    expect(refused.stderr).toContain(code);
    expect(refused.exitCode).toBe(111);
    s3.answer = () => undefined;
    const mended = await shipTo(s3, work);
    expect(mended.stderr).not.toContain("lost");
    expect(s3.text).toBe("line\nnext\n");
    await Promise.all([proxied.stop(), s3.stop()]);
  },
);

test("whoever may only store has a piece twice whose answer was lost, with a warning, and loses nothing", async () => {
  const s3 = startConditionalS3();
  s3.answer = ({ method }) => (method === "PUT" ? undefined : refusal(403, "AccessDenied"));
  const proxied = await startProxiedServer(s3);
  const work = workplace({ "app.log": linesOf("line", 3) });
  const args = ["--once", "--state", join(work, "state"), join(work, "app.log")];
  const result = await proxied.logship("ship", "bucket", args, {}, firstRequests(1, lostAnswer, isPut));
  expect(result.exitCode).toBe(0);
  expect(s3.text).toBe(linesOf("line", 3) + linesOf("line", 3));
  expect(result.stderr).toMatch(
    /^logship: info: unable to look at what is stored in s3:\/\/bucket: 403 AccessDenied \(allow these credentials s3:ListBucket [^\n]+\nlogship: warning: unable to upload [^\n]+: whether something else is there under this key is not known: 403 AccessDenied \(allow these credentials s3:GetObject [^\n]+: it stays, [^\n]+ some lines may be there twice\n$/,
  );
  expect(s3.overwritten).toEqual([]);
  await Promise.all([proxied.stop(), s3.stop()]);
});

test("a server that can do nothing but store is shipped to, also after a piece was not answered", async () => {
  const s3 = startConditionalS3();
  s3.answer = ({ method }) =>
    method === "PUT" ? refusal(500, "InternalError") : refusal(501, "NotImplemented");
  const work = workplace({ "app.log": linesOf("line", 3) });
  expect((await shipTo(s3, work, "--attempts", "1")).exitCode).toBe(111);
  s3.answer = ({ method }) => (method === "PUT" ? undefined : refusal(501, "NotImplemented"));
  expect((await shipTo(s3, work, "--quiet")).exitCode).toBe(0);
  expect(s3.text).toBe(linesOf("line", 3));
  await s3.stop();
});

test("a folder that run takes is its own though the answer to that was lost", async () => {
  const s3 = startConditionalS3();
  const proxied = await startProxiedServer(s3);
  const args = ["--once", "--records", "10"];
  const result = await proxied.logship("run", "bucket", args, {}, firstRequests(1, lostAnswer, isPut));
  expect(result.exitCode).toBe(0);
  const folders = [...s3.objects.keys()].map((key) => key.replace(/\/.*/, ""));
  expect(s3.objects.size).toBe(2);
  expect(new Set(folders).size).toBe(1);
  await Promise.all([proxied.stop(), s3.stop()]);
});
