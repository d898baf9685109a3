/** An S3 server in memory that stores as AWS does: `If-None-Match: *` holds, and nothing is listed or read that is not there. */
import type { S3Server } from "./s3-server.ts";

export interface KeptObject {
  readonly body: Uint8Array<ArrayBuffer>;
  /** `x-amz-meta-…` and the type. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SeenCall {
  readonly method: string;
  /** Empty for the bucket. */
  readonly key: string;
  readonly isConditional: boolean;
}

export interface ConditionalS3 extends S3Server {
  readonly objects: Map<string, KeptObject>;
  readonly calls: SeenCall[];
  /** Keys that were written over. */
  readonly overwritten: string[];
  /** What is answered instead; undefined to do what is asked. */
  answer: (call: SeenCall, query: URLSearchParams) => Response | undefined;
  /** All that is stored, in the order of the keys. */
  readonly text: string;
  stop(): Promise<void>;
}

/** An answer of refusal; to HEAD it has no body. */
export function refusal(status: number, code: string): Response {
  const headers = { "content-type": "application/xml" };
  return new Response(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`, { status, headers });
}

/** Starts the server; whatever the name of the bucket, it is this one. */
export function startConditionalS3(): ConditionalS3 {
  const objects = new Map<string, KeptObject>();
  const calls: SeenCall[] = [];
  const overwritten: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const key = decodeURIComponent(pathname).replace(/^\/[^/]+\/?/, "");
      const isConditional = request.headers.get("if-none-match") === "*";
      const call = { method: request.method, key, isConditional };
      calls.push(call);
      const body = new Uint8Array(await request.arrayBuffer());
      const answer = s3.answer(call, searchParams);
      if (answer) return request.method === "HEAD" ? new Response(null, { status: answer.status }) : answer;
      if (key === "")
        return request.method === "GET" ? listing([...objects.keys()], searchParams) : new Response("");
      if (request.method !== "PUT") return read(objects.get(key), request);
      if (isConditional && objects.has(key)) return refusal(412, "PreconditionFailed");
      if (objects.has(key)) overwritten.push(key);
      objects.set(key, { body, headers: ownHeaders(request.headers) });
      return new Response("", { headers: { etag: etagOf(body) } });
    },
  });
  const s3: ConditionalS3 = {
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    accessKeyId: "key",
    secretAccessKey: "secret",
    objects,
    calls,
    overwritten,
    answer: () => undefined,
    get text() {
      const bodies = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { body }]) => body);
      return Buffer.concat(bodies).toString();
    },
    stop: () => server.stop(true),
  };
  return s3;
}

function ownHeaders(headers: Headers): Record<string, string> {
  const isKept = (name: string) => name.startsWith("x-amz-meta-") || name === "content-type";
  return Object.fromEntries([...headers].filter(([name]) => isKept(name)));
}

function read(found: KeptObject | undefined, request: Request): Response {
  if (!found) return refusal(404, "NoSuchKey");
  const { body } = found;
  const headers: Record<string, string> = { ...found.headers, etag: etagOf(body) };
  if (request.method === "HEAD")
    return new Response(null, { headers: { ...headers, "content-length": String(body.length) } });
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(body, { headers });
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), body.length - 1)];
  if (from > to) return refusal(416, "InvalidRange");
  headers["content-range"] = `bytes ${from}-${to}/${body.length}`;
  return new Response(body.subarray(from, to + 1), { status: 206, headers });
}

function listing(keys: readonly string[], query: URLSearchParams): Response {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const most = Number(query.get("max-keys") ?? 1000);
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    });
  const all = [...new Set(names)].filter((name) => name > after).sort();
  const page = all.slice(0, most);
  const element = (name: string, text: string) => `<${name}>${text}</${name}>`;
  const contents = page.map((name) => {
    const isFolder = delimiter !== "" && name.endsWith(delimiter);
    const escaped = Bun.escapeHTML(name);
    if (isFolder) return element("CommonPrefixes", element("Prefix", escaped));
    return element("Contents", `${element("Key", escaped)}<Size>1</Size>`);
  });
  const isTruncated = all.length > page.length;
  const next = isTruncated ? element("NextContinuationToken", Bun.escapeHTML(page.at(-1)!)) : "";
  const xml = `<ListBucketResult><Name>b</Name><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
  return new Response(xml, { headers: { "content-type": "application/xml" } });
}

function etagOf(body: Uint8Array): string {
  return `"${Bun.hash(body).toString(16)}"`;
}
