/** What the variables for proxies and certificates do, for S3 and for each service that gives keys: the table of docs/destinations.md. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doctor } from "../support/doctor.ts";
import { type ForwardProxy, startForwardProxy } from "../support/forward-proxy.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { workplace } from "../support/proxied-server.ts";
import { answerWithKeys, home, KEY_SERVICES } from "../support/role-services.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { type Certificate, selfSigned } from "../support/tls.ts";

/** Over the network, and of this host. */
const REMOTE = ["role of a profile", "web identity", "web identity of a profile", "sign-on"];
const LOCAL = ["instance", "instance, by a role's profile", "container", "container, by a role's profile"];
const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };

let proxy: ForwardProxy;

beforeAll(async () => {
  proxy = await startForwardProxy();
});
afterAll(() => proxy.stop());

/** A server for S3 and one for keys, and who asked them for what. */
function startServers(certificate?: Certificate) {
  const host = certificate ? "localhost" : "127.0.0.1";
  const options = {
    hostname: "127.0.0.1",
    port: 0,
    ...(certificate && {
      tls: { key: readFileSync(certificate.key), cert: readFileSync(certificate.certificate) },
    }),
  };
  const buckets = new Set<string>();
  const s3 = Bun.serve({
    ...options,
    fetch(request) {
      buckets.add(new URL(request.url).pathname.split("/")[1]!);
      return new Response("", { headers: { etag: '"x"' } });
    },
  });
  const keys = Bun.serve({
    ...options,
    fetch: async (request) => (await answerWithKeys(request)) ?? new Response("", { status: 404 }),
  });
  const originOf = ({ port }: { port?: number | undefined }) =>
    `${certificate ? "https" : "http"}://${host}:${port}`;
  return {
    s3: originOf(s3),
    keys: originOf(keys),
    buckets,
    stop: () => Promise.all([s3.stop(true), keys.stop(true)]),
  };
}

/** Uploads a file, and tells which of the servers were asked through the proxy. */
async function upload(
  servers: ReturnType<typeof startServers>,
  env: Record<string, string>,
  ...to: string[]
) {
  proxy.asked.length = 0;
  const cwd = workplace({ a: "a\n" });
  const settings = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_S3: servers.s3, ...env };
  const args = ["upload", "a", "--attempts", "1", ...to];
  const { stderr, exitCode } = await run(args, { cwd, env: settings });
  const isThrough = (origin: string) => proxy.asked.some((line) => line.includes(new URL(origin).host));
  return { stderr, exitCode, s3: isThrough(servers.s3), keys: isThrough(servers.keys) };
}

const BUCKET = ["--to", "s3://bucket"];
const GOES_WELL = { stderr: "", exitCode: 0 };

describe("plain servers", () => {
  let servers: ReturnType<typeof startServers>;
  beforeAll(() => {
    servers = startServers();
  });
  afterAll(() => servers.stop());

  test.each(
    ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].flatMap((variable) =>
      [...REMOTE, ...LOCAL].map((way) => [variable, way] as const),
    ),
  )("%s: S3 is asked through it, and this host's own services are not: %s", async (variable, way) => {
    const env = { ...KEY_SERVICES[way]!(servers.keys), [variable]: proxy.url };
    const { s3, keys, ...result } = await upload(servers, env, ...BUCKET);
    expect(result).toEqual(GOES_WELL);
    expect(s3).toBe(true);
    // A role of this host's is taken at STS, for which it asks with the keys of the host's service.
    if (way.includes("by a role"))
      expect(proxy.asked.filter((line) => /latest|role$/.test(line))).toEqual([]);
    else expect(keys).toBe(REMOTE.includes(way));
  });

  test.each(["HTTP_PROXY", "ALL_PROXY"])(
    "%s: the metadata that name region and bucket are those of this host",
    async (variable) => {
      servers.buckets.clear();
      const metadata = KEY_SERVICES.instance!(servers.keys);
      const result = await upload(servers, { ...KEYS, ...metadata, AWS_REGION: "", [variable]: proxy.url });
      expect(result).toMatchObject({ ...GOES_WELL, s3: true, keys: false });
      expect([...servers.buckets]).toEqual(["198.51.100.1-logs"]);
    },
  );

  test.each(REMOTE)("NO_PROXY goes around it, and HTTPS_PROXY is for TLS only: %s", async (way) => {
    const settings = KEY_SERVICES[way]!(servers.keys);
    const direct = { ...GOES_WELL, s3: false, keys: false };
    const proxies = { HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url };
    expect(await upload(servers, { ...settings, ...proxies, NO_PROXY: "127.0.0.1" }, ...BUCKET)).toEqual(
      direct,
    );
    expect(await upload(servers, { ...settings, HTTPS_PROXY: proxy.url }, ...BUCKET)).toEqual(direct);
  });

  test("HTTP_PROXY wins over ALL_PROXY, and may leave the scheme out", async () => {
    const { host } = new URL(proxy.url);
    const env = { ...KEYS, HTTP_PROXY: host, ALL_PROXY: "http://127.0.0.1:1" };
    expect(await upload(servers, env, ...BUCKET)).toMatchObject({ ...GOES_WELL, s3: true });
  });

  test("what reaches no proxy is told in one line", async () => {
    for (const [value, reason] of [
      ["http://127.0.0.1:1", /connection refused/],
      ["http://[", /the address of the proxy is no URL: see HTTPS_PROXY, HTTP_PROXY and ALL_PROXY/],
      ["socks5://127.0.0.1:1", /the proxy is reached neither by http nor by https/],
    ] as const) {
      const { stderr, exitCode } = await upload(servers, { ...KEYS, ALL_PROXY: value }, ...BUCKET);
      expect(stderr).toMatch(/^logship: fatal: unable to upload a to s3:\/\/bucket: [^\n]+\n$/);
      expect(stderr).toMatch(reason);
      expect(exitCode).toBe(111);
    }
  });
});

describe.skipIf(!needs("openssl"))("servers over TLS", () => {
  let servers: ReturnType<typeof startServers>;
  let certificate: string;
  let other: string;

  beforeAll(() => {
    const made = selfSigned(["localhost", "127.0.0.1"]);
    certificate = made.certificate;
    other = selfSigned(["localhost"]).certificate;
    servers = startServers(made);
  });
  afterAll(() => servers?.stop());

  /** The keys' services, and S3 alone. */
  const ways: Record<string, () => Record<string, string>> = {
    "keys of the environment": () => KEYS,
    ...Object.fromEntries(
      [...REMOTE, "container"].map((way) => [way, () => KEY_SERVICES[way]!(servers.keys)]),
    ),
  };
  const trusting: Record<string, () => Record<string, string>> = {
    AWS_CA_BUNDLE: () => ({ AWS_CA_BUNDLE: certificate }),
    SSL_CERT_FILE: () => ({ SSL_CERT_FILE: certificate }),
    SSL_CERT_DIR: () => ({ SSL_CERT_DIR: hashed(certificate) }),
    NODE_EXTRA_CA_CERTS: () => ({ NODE_EXTRA_CA_CERTS: certificate }),
  };
  const distrusting: Record<string, () => Record<string, string>> = {
    nothing: () => ({}),
    "another certificate": () => ({ SSL_CERT_FILE: other, NODE_EXTRA_CA_CERTS: other }),
    "AWS_CA_BUNDLE, which alone counts,": () => ({
      AWS_CA_BUNDLE: other,
      SSL_CERT_FILE: certificate,
      NODE_EXTRA_CA_CERTS: certificate,
    }),
    "NODE_TLS_REJECT_UNAUTHORIZED=0": () => ({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
  };

  test.each(Object.keys(trusting).flatMap((name) => Object.keys(ways).map((way) => [name, way] as const)))(
    "%s is trusted: %s",
    async (name, way) => {
      const result = await upload(servers, { ...ways[way]!(), ...trusting[name]!() }, ...BUCKET);
      expect(result).toMatchObject(GOES_WELL);
    },
  );

  test.each(Object.keys(distrusting).flatMap((name) => Object.keys(ways).map((way) => [name, way] as const)))(
    "with %s a server is not trusted: %s",
    async (name, way) => {
      const result = await upload(servers, { ...ways[way]!(), ...distrusting[name]!() }, ...BUCKET);
      expect(result.stderr).toMatch(/^logship: fatal: unable to [^\n]*certificate is not trusted [^\n]*\n$/);
      expect(result.exitCode).toBe(111);
    },
  );

  test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
    "%s: S3, STS and sign-on are asked through it",
    async (variable) => {
      for (const way of REMOTE) {
        const env = { ...ways[way]!(), [variable]: proxy.url, AWS_CA_BUNDLE: certificate };
        expect(await upload(servers, env, ...BUCKET)).toEqual({ ...GOES_WELL, s3: true, keys: true });
      }
    },
  );

  test("the container's service is asked past HTTPS_PROXY", async () => {
    const env = { ...ways.container!(), HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate };
    expect(await upload(servers, env, ...BUCKET)).toEqual({ ...GOES_WELL, s3: true, keys: false });
  });

  test("ca_bundle of the profile is trusted", async () => {
    const HOME = home({ config: `[default]\nca_bundle=${certificate}\n` });
    expect(await upload(servers, { ...KEYS, HOME }, ...BUCKET)).toMatchObject(GOES_WELL);
  });

  test("a damaged certificate in AWS_CA_BUNDLE is named, wherever it is", async () => {
    const good = readFileSync(certificate, "latin1");
    const cut = `${good.split("\n").slice(0, 5).join("\n")}\n-----END CERTIFICATE-----\n`;
    const begun = "-----BEGIN CERTIFICATE-----\n";
    for (const [text, reason] of [
      [cut + good, "certificate 1 of 2 in it is damaged"],
      [good + cut, "certificate 2 of 2 in it is damaged"],
      [good + begun, "certificate 2 of 2 in it is damaged"],
      [cut, "certificate 1 of 1 in it is damaged"],
    ] as const) {
      const AWS_CA_BUNDLE = join(temporaryDirectory("bundle"), "bundle.pem");
      writeFileSync(AWS_CA_BUNDLE, text);
      const { stderr, exitCode } = await upload(servers, { ...KEYS, AWS_CA_BUNDLE }, ...BUCKET);
      expect(stderr).toBe(
        `logship: fatal: unable to read trusted certificates ${AWS_CA_BUNDLE}: ${reason} (see logship doctor)\n`,
      );
      expect(exitCode).toBe(111);
    }
  });

  function hashed(path: string): string {
    const directory = temporaryDirectory("certificates");
    writeFileSync(join(directory, "certificate.pem"), readFileSync(path));
    Bun.spawnSync(["openssl", "rehash", directory]);
    return directory;
  }
});

test("doctor lists what is set of them, without passwords", async () => {
  const env = {
    ALL_PROXY: "http://user:secret@proxy.invalid:3128",
    https_proxy: "user:secret@proxy.invalid:3128",
    SSL_CERT_DIR: "/etc/pki/tls/certs",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_ENDPOINT_URL: "user:secret@storage.invalid",
    HTTP_PROXY: "http://user:its@secret/too@proxy.invalid",
  };
  const { stdout, lines } = await doctor(["--offline"], { env });
  expect(stdout).not.toContain("secret");
  const texts = lines.filter(({ check }) => check === "setting").map(({ text }) => text);
  expect(texts).toEqual(
    expect.arrayContaining([
      "ALL_PROXY=http://…@proxy.invalid:3128, a variable",
      "AWS_ENDPOINT_URL=…@storage.invalid, a variable",
      "HTTP_PROXY=http://…@proxy.invalid, a variable",
      "AWS_USE_FIPS_ENDPOINT=true, a variable",
      "SSL_CERT_DIR=/etc/pki/tls/certs, a variable",
      "https_proxy=…@proxy.invalid:3128, a variable",
    ]),
  );
});
