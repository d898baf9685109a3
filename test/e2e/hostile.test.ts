/** Surroundings that no program should be given, and what logship makes of them. */
import { expect, test } from "bun:test";
import { readdirSync, rmdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { executable, run, start } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };

function shell(command: string): { exitCode: number; stderr: string } {
  const { exitCode, stderr } = Bun.spawnSync(["bash", "-c", command], {
    env: { PATH: process.env.PATH!, L: executable },
  });
  return { exitCode, stderr: stderr.toString() };
}

test("an object named like a temporary file survives the upload of the file it looks like", async () => {
  const cwd = workplace({ "d/.x.tmp": "temporary\n", "d/x": "x\n" });
  const target = temporaryDirectory("target");
  const to = pathToFileURL(target).href;
  const { exitCode } = await run(["upload", "d", "--concurrency", "1", "--to", to], { cwd });
  expect(exitCode).toBe(0);
  expect(readdirSync(join(target, "d")).sort()).toEqual([".x.tmp", "x"]);
});

test.each(["--version", "--help", "run --help", "generate --records 1"])(
  "logship %s ends in one line and 111 when standard output is full",
  (args) => {
    const { exitCode, stderr } = shell(`$L ${args} > /dev/full`);
    expect(stderr).toBe("logship: fatal: unable to write to standard output: out of disk space\n");
    expect(exitCode).toBe(111);
  },
);

test("help whose reader has gone away ends quietly with 0", () => {
  const { exitCode, stderr } = shell("set -o pipefail; $L run --help | true");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("a working directory that was deleted before logship began ends it as docs/operations.md says", () => {
  const { exitCode, stderr } = shell('cd "$(mktemp -d)" && rmdir "$PWD" && exec $L --version');
  expect(stderr).toStartWith("error: The current working directory was deleted, ");
  expect(exitCode).toBe(1);
});

test("a working directory that is deleted meanwhile does not matter", async () => {
  const [cwd, to] = [temporaryDirectory("cwd"), temporaryDirectory("to")];
  const args = ["run", "--records", "5", "--interval", "300ms", "--batches", "5"];
  const logship = start([...args, "--to", pathToFileURL(to).href], { cwd });
  const stored = () => [...new Bun.Glob("**/*.log.*").scanSync(to)].length;
  await logship.until("the first batch", () => stored() > 0);
  rmdirSync(cwd);
  const { stderr, exitCode } = await logship.result;
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(stored()).toBe(5);
});

test("a link named like a property of every object is logship", () => {
  const link = join(temporaryDirectory("link"), "constructor");
  symlinkSync(executable, link);
  const { stdout, exitCode } = Bun.spawnSync([link, "--help"]);
  expect(stdout.toString()).toStartWith("Usage: logship");
  expect(exitCode).toBe(0);
});

test("credentials that cannot be sent are refused without a word of a library", async () => {
  const cwd = workplace({ a: "a\n" });
  for (const secret of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
    const env = { ...KEYS, [secret]: "line\nbreak" };
    const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://bucket"], { cwd, env });
    expect(stderr).toBe(
      "logship: fatal: unable to use the credentials: they have characters that no key has: see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and ~/.aws/credentials (see logship doctor)\n",
    );
    expect(exitCode).toBe(111);
  }
});

test("a file of trusted certificates without any is refused", async () => {
  const cwd = workplace({ a: "a\n", "ca.pem": "garbage\n" });
  const env = { ...KEYS, AWS_CA_BUNDLE: join(cwd, "ca.pem") };
  const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://bucket"], { cwd, env });
  expect(stderr).toBe(
    `logship: fatal: unable to read trusted certificates ${cwd}/ca.pem: it holds no PEM certificate (see logship doctor)\n`,
  );
  expect(exitCode).toBe(111);
});

test("a proxy that wants a password ends the upload in one line", async () => {
  const proxy = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      },
    },
  });
  const cwd = workplace({ a: "a\n" });
  const env = {
    ...KEYS,
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    AWS_ENDPOINT_URL_S3: "https://s3.example",
  };
  const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://bucket"], { cwd, env });
  expect(stderr).toBe(
    "logship: fatal: unable to upload a to s3://bucket: the proxy refuses to open a tunnel (407) (see logship doctor)\n",
  );
  expect(exitCode).toBe(111);
  proxy.stop(true);
});

test("a name cannot forge a second receipt", async () => {
  const cwd = temporaryDirectory("forger");
  writeFileSync(join(cwd, "a\nupload: b"), "a\n");
  const to = pathToFileURL(temporaryDirectory("target")).href;
  const { stdout } = await run(["upload", "a\nupload: b", "--to", to], { cwd });
  expect(stdout).toStartWith("upload: a\\x0aupload: b to file:///");
  expect(stdout.split("\n")).toHaveLength(2);
});

/** A server that is not S3: it takes all requests, and answers those of an upload in parts with the given texts. */
function impostor(begin: string, complete: string) {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: 64 * 1024 * 1024,
    async fetch(request) {
      await request.arrayBuffer();
      if (request.method === "DELETE") return new Response(null, { status: 204 });
      if (request.method === "PUT") return new Response(null, { headers: { ETag: '"part"' } });
      return new Response(request.url.includes("uploads") ? begin : complete);
    },
  });
}

const BEGUN = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";

test.each([
  ["that is never completed", BEGUN, "<html>login</html>", "ETag"],
  ["that is never begun", "<html>login</html>", "", "UploadId"],
])(
  "an upload in parts %s is not taken for stored, and its file is kept",
  async (_, begin, complete, missing) => {
    const server = impostor(begin, complete);
    const cwd = workplace({ large: "" });
    truncateSync(join(cwd, "large"), 65 * 1024 * 1024);
    const env = { ...KEYS, AWS_ENDPOINT_URL_S3: server.url.origin };
    const args = ["upload", "large", "--delete", "--attempts", "1", "--to", "s3://bucket"];
    const { stdout, stderr, exitCode } = await run(args, { cwd, env });
    expect(stdout).toBe("");
    expect(stderr).toBe(
      `logship: fatal: unable to upload large to s3://bucket: the answer is not that of S3: it has no ${missing} (see logship doctor)\n`,
    );
    expect(exitCode).toBe(111);
    expect(readdirSync(cwd)).toEqual(["large"]);
    server.stop(true);
  },
);
