/** Variables of the runtime in the environment do not make another program of logship. */
import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { doctor } from "../support/doctor.ts";
import { run, start } from "../support/logship.ts";
import { freePort } from "../support/port.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const ONE_RECORD = ["generate", "--records", "1", "--seed", "1", "--start", "2017-01-01T00:00:00Z"];

test.each([
  ["BUN_BE_BUN", "1"],
  ["BUN_OPTIONS", "--preload=./other.js"],
  ["BUN_OPTIONS", "--print=1"],
  ["BUN_OPTIONS", "--revision"],
  ["BUN_OPTIONS", "--watch"],
  ["BUN_OPTIONS", "--cpu-prof"],
  ["BUN_INSPECT_PRELOAD", "./other.js"],
  ["BUN_BYTECODE_ORDER_OUT", "./written"],
  ["BUN_BYTECODE_ORDER_NAMES_OUT", "./written"],
  ["BUN_BYTECODE_DIGEST_OUT", "./written"],
  ["NODE_OPTIONS", "--require=./other.js"],
  ["NODE_V8_COVERAGE", "./written"],
  ["NODE_COMPILE_CACHE", "./written"],
  ["NODE_REDIRECT_WARNINGS", "./written"],
])("%s=%s changes nothing", async (name, value) => {
  const expected = await run(ONE_RECORD);
  const cwd = temporaryDirectory("cwd");
  writeFileSync(
    join(cwd, "other.js"),
    `require("node:fs").writeFileSync("written", "x"); console.log("other");`,
  );
  const { stdout, stderr, exitCode } = await run(ONE_RECORD, { cwd, env: { [name]: value } });
  expect(stdout).toBe(expected.stdout);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(readdirSync(cwd)).toEqual(["other.js"]);
});

test("BUN_INSPECT opens no debugger", async () => {
  const port = await freePort();
  const logship = start(["multilog", "./main"], {
    env: { BUN_INSPECT: `ws://127.0.0.1:${port}/debug` },
    stdin: "pipe",
  });
  await logship.until("it is ready", () => logship.awaitsTerm());
  const answer = await new Promise((resolve) => {
    connect(port, "127.0.0.1", () => resolve("connected")).on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code),
    );
  });
  logship.closeInput();
  const { stderr, exitCode } = await logship.result;
  expect(answer).toBe("ECONNREFUSED");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test.each(["1", "true", "curl"])("BUN_CONFIG_VERBOSE_FETCH=%s shows no session token", async (value) => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("", { headers: { etag: '"x"' } }),
  });
  const cwd = temporaryDirectory("cwd");
  writeFileSync(join(cwd, "a"), "a\n");
  const env = {
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "TheSessionToken",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: server.url.href,
    BUN_CONFIG_VERBOSE_FETCH: value,
  };
  const { stdout, stderr, exitCode } = await run(["upload", "a", "--to", "s3://bucket"], { cwd, env });
  await server.stop(true);
  expect(stdout).toBe("upload: a to s3://bucket/a\n");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("doctor tells which variables of the runtime have no effect, and which are to be unset", async () => {
  const env = { BUN_OPTIONS: "--smol", NODE_TLS_REJECT_UNAUTHORIZED: "0", BUN_JSC_useWasm: "1" };
  const { lines, exitCode } = await doctor(["--offline"], { env });
  const texts = lines.filter(({ text }) => /runtime|BUN_|NODE_/.test(text));
  expect(texts.map(({ verdict, text, remedy }) => ({ verdict, text, remedy }))).toEqual([
    {
      verdict: "warning",
      text: "BUN_JSC_useWasm is for the runtime inside logship, which it may slow down or end",
      remedy: "unset BUN_JSC_useWasm",
    },
    { verdict: "ok", text: "BUN_OPTIONS is set, and has no effect on logship", remedy: null },
    {
      verdict: "ok",
      text: "NODE_TLS_REJECT_UNAUTHORIZED is set, and has no effect on logship",
      remedy: null,
    },
  ]);
  expect(exitCode).toBe(0);
});
