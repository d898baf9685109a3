/** TLS, proxies, and servers that cannot be reached. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listPieces } from "../support/bucket.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { workplace } from "../support/proxied-server.ts";
import { environmentOf } from "../support/s3-server.ts";
import { type S3rver, startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { selfSigned } from "../support/tls.ts";
import { AT_ONCE_MS } from "../support/until.ts";

let plain: S3rver;

beforeAll(async () => {
  plain = await startS3rver();
});
afterAll(() => plain.stop());

function upload(env: Record<string, string>, bucket = freshBucketName(), ...options: string[]) {
  const cwd = workplace({ a: "a\n" });
  return run(["upload", "--to", `s3://${bucket}`, "--attempts", "2", ...options, "a"], { cwd, env });
}

describe.skipIf(!needs("openssl"))("over TLS", () => {
  let server: S3rver;
  let certificate: string;

  beforeAll(async () => {
    const made = selfSigned(["localhost", "127.0.0.1"]);
    certificate = made.certificate;
    server = await startS3rver(undefined, made);
  });
  afterAll(() => server?.stop());

  test("a server whose certificate is in AWS_CA_BUNDLE is trusted", async () => {
    const bucket = freshBucketName();
    const { stderr, exitCode } = await upload(
      { ...environmentOf(server), AWS_CA_BUNDLE: certificate },
      bucket,
    );
    expect(stderr).not.toContain("fatal");
    expect(exitCode).toBe(0);
  });

  test("a certificate that nobody vouches for is refused at once", async () => {
    const { stderr, exitCode, durationMs } = await upload(environmentOf(server));
    expect(stderr).toMatch(
      /^logship: fatal: unable to upload a to \S+: the server's certificate is not trusted [^\n]*\n$/,
    );
    expect(exitCode).toBe(111);
    expect(durationMs).toBeLessThan(AT_ONCE_MS);
  });

  test("HTTPS_PROXY is used, and NO_PROXY goes round it", async () => {
    const proxy = await startForwardProxy();
    const endpoint = server.endpoint.replace("127.0.0.1", "localhost");
    const env = { ...environmentOf(server, endpoint), AWS_CA_BUNDLE: certificate, HTTPS_PROXY: proxy.url };
    const proxied = await upload(env);
    expect(proxied.exitCode).toBe(0);
    expect(proxy.asked).toContain(`CONNECT ${endpoint.slice("https://".length)}`);
    proxy.asked.length = 0;
    const direct = await upload({ ...env, NO_PROXY: "localhost" });
    expect(direct.exitCode).toBe(0);
    expect(proxy.asked).toEqual([]);
    proxy.stop();
  });

  test("a server that speaks no TLS on the port of an https endpoint is told in one line", async () => {
    const { stderr, exitCode } = await upload(
      environmentOf(plain, plain.endpoint.replace("http:", "https:")),
    );
    expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: [^\n]+\n$/);
    expect(stderr).not.toContain("internal error");
    expect(exitCode).toBe(111);
  });
});

test("HTTP_PROXY is used for a plain endpoint", async () => {
  const proxy = await startForwardProxy();
  const bucket = freshBucketName();
  const { exitCode } = await upload({ ...environmentOf(plain), HTTP_PROXY: proxy.url }, bucket);
  proxy.stop();
  expect(exitCode).toBe(0);
  expect(proxy.asked.length).toBeGreaterThan(0);
  expect(await listPieces(plain, bucket)).toEqual(["a"]);
});

test("a proxy that is not there is told in one line", async () => {
  const { stderr, exitCode } = await upload({ ...environmentOf(plain), HTTP_PROXY: "http://127.0.0.1:1" });
  expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: [^\n]+\n$/);
  expect(stderr).not.toContain("internal error");
  expect(exitCode).toBe(111);
});

test("a host that has no address is told in one line", async () => {
  const { stderr, exitCode } = await upload(environmentOf(plain, "http://no-such-host.invalid"));
  expect(stderr).toMatch(
    /^logship: fatal: unable to upload a to \S+: the name of the server [^\n]+ \(see logship doctor\)\n$/,
  );
  expect(exitCode).toBe(111);
}, 150_000);

test("answers that are no S3 at all end in one line", async () => {
  const answers = ["hello", "<html><body>Login</body></html>", "<Error><Code>Broken</Error>", ""];
  for (const body of answers) {
    for (const status of [200, 302, 404, 500]) {
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: () => new Response(body, { status }),
      });
      const env = environmentOf(plain, `http://127.0.0.1:${server.port}`);
      const { stdout, stderr, exitCode } = await upload(env);
      server.stop(true);
      expect(stderr).not.toMatch(/internal error|undefined|\[object/);
      expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: [^\n]+\n$/);
      expect(stdout).toBe("");
      expect(exitCode).toBe(111);
    }
  }
}, 300_000);

test("a server that speaks no HTTP ends in one line", async () => {
  for (const greeting of ["SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0", "HTTP/1.1 999999 What\r\n\r\n"]) {
    const server = Bun.listen({
      port: 0,
      hostname: "127.0.0.1",
      socket: { data: (socket) => void socket.end(greeting), open() {} },
    });
    const { stderr, exitCode } = await upload(environmentOf(plain, `http://127.0.0.1:${server.port}`));
    server.stop(true);
    expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: [^\n]+\n$/);
    expect(stderr).not.toContain("internal error");
    expect(exitCode).toBe(111);
  }
}, 150_000);

test("a connection that is accepted and never read ends after the timeouts", async () => {
  const silent = startFaultProxy(plain.endpoint, () => ({ kind: "silence" }));
  const { stderr, exitCode, durationMs } = await upload(
    environmentOf(plain, silent.endpoint),
    freshBucketName(),
    "--timeout",
    "400ms",
  );
  silent.stop();
  expect(stderr).toMatch(/^logship: fatal: unable to upload a to \S+: timed out \(see logship doctor\)\n$/);
  expect(exitCode).toBe(111);
  expect(durationMs).toBeWithin(800, AT_ONCE_MS);
});
