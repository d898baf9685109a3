/** What `logship doctor` asks AWS about a bucket, of a server that answers as AWS does. */
import { expect, test } from "bun:test";
import { doctor, expectFindings } from "../support/doctor.ts";

const BLOCKS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
const NO_BLOCKS = refusal(404, "NoSuchPublicAccessBlockConfiguration");
const NO_RULES = refusal(404, "ServerSideEncryptionConfigurationNotFoundError");
const DENIED = refusal(403, "AccessDenied");
const CLOSED = xml(`<PublicAccessBlockConfiguration>${elements(BLOCKS)}</PublicAccessBlockConfiguration>`);
const AES = xml(
  "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
);
const KEPT = xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");

function elements(names: readonly string[]): string {
  return names.map((name) => `<${name}>true</${name}>`).join("");
}

function xml(text: string): () => Response {
  return () => new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
}

function refusal(status: number, code: string): () => Response {
  return () => new Response(`<Error><Code>${code}</Code><Message>m</Message></Error>`, { status });
}

/** A doctor of a bucket on "AWS", whose answers to questions are given; the questions are keys of the query. */
async function examine(answers: Record<string, () => Response>) {
  const requests: string[] = [];
  let stored = new Uint8Array();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      requests.push(`${request.method} ${url.pathname}${url.search}`);
      const question = Object.keys(answers).find((name) => url.searchParams.has(name));
      if (question) return answers[question]!();
      if (request.method === "PUT") {
        stored = new Uint8Array(await request.arrayBuffer());
        return new Response("", { headers: { etag: '"e"', "x-amz-version-id": "v1" } });
      }
      if (request.method === "GET" && url.pathname.includes("_logship"))
        return new Response(stored, { headers: { etag: '"e"', "x-amz-version-id": "v1" } });
      if (request.method === "DELETE") return new Response(null, { status: 204 });
      return request.method === "HEAD" ? new Response(null, { status: 403 }) : DENIED();
    },
  });
  const env = {
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL_S3: "http://s3.us-east-1.amazonaws.com",
    HTTP_PROXY: `http://127.0.0.1:${server.port}`,
  };
  const found = await doctor(["--to", "s3://some-bucket"], { env });
  server.stop(true);
  return { found, requests };
}

/** There is no TLS in front of this server. */
const unencrypted = {
  check: "endpoint",
  verdict: "warning",
  text: /answers, but nothing is encrypted on the way$/,
  remedy: /^export AWS_ENDPOINT_URL_S3=https:\/\/some-bucket\.s3\.us-east-1\.amazonaws\.com$/,
} as const;

test("a bucket that is closed, encrypted and versioned", async () => {
  const { found, requests } = await examine({ publicAccessBlock: CLOSED, encryption: AES, versioning: KEPT });
  expectFindings(found, 0, unencrypted);
  const textOf = (name: string) => found.lines.find(({ check }) => check === name)?.text;
  expect(textOf("public access")).toBe("blocked");
  expect(textOf("encryption")).toBe("AES256");
  expect(textOf("versions")).toBe("kept");
  const removal = requests.find((request) => request.startsWith("DELETE"));
  expect(removal).toContain("versionId=v1");
});

test("a bucket that could be opened to everybody, and is not encrypted", async () => {
  const { found } = await examine({ publicAccessBlock: NO_BLOCKS, encryption: NO_RULES, versioning: DENIED });
  expectFindings(
    found,
    0,
    unencrypted,
    {
      check: "public access",
      verdict: "warning",
      text: "a policy or an ACL could open the bucket to everybody",
      remedy:
        /^aws s3api put-public-access-block --bucket some-bucket --public-access-block-configuration BlockPublicAcls=true,/,
    },
    {
      check: "encryption",
      verdict: "warning",
      text: "none, unless an object asks for it",
      remedy: /^aws s3api put-bucket-encryption --bucket some-bucket /,
    },
  );
});

test("what a key may not ask is ok", async () => {
  const { found } = await examine({ publicAccessBlock: DENIED, encryption: DENIED, versioning: DENIED });
  expectFindings(found, 0, unencrypted);
  const untold = found.lines.filter(({ text }) => text === "not told to this key");
  expect(untold.map(({ check }) => check)).toEqual(["public access", "encryption", "versions"]);
});
