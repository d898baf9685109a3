/** An S3 server that only lists and reads what it is given, in memory: quick, and with as many keys as wanted. */
import type { S3Server } from "./s3-server.ts";

export interface ServedObject {
  readonly key: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The objects of the one bucket that the server has, in the order of their keys. */
export interface ServedBucket {
  readonly count: number;
  keyAt(index: number): { readonly key: string; readonly sizeBytes: number };
  objectOf(key: string): ServedObject | undefined;
}

/** A bucket of objects that are all there. */
export function bucketInMemory(objects: readonly ServedObject[]): ServedBucket {
  const sorted = objects.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const byKey = new Map(sorted.map((object) => [object.key, object]));
  return {
    count: sorted.length,
    keyAt: (index) => ({ key: sorted[index]!.key, sizeBytes: sorted[index]!.body.length }),
    objectOf: (key) => byKey.get(key),
  };
}

const PAGE = 1000;

/** Starts the server; whatever the name of the bucket, it is this one. It knows no prefixes but whole beginnings of keys. */
export function startMemoryS3(bucket: ServedBucket): S3Server & { stop(): Promise<void> } {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch(request) {
      const url = new URL(request.url);
      const [, key = ""] = /^\/[^/]+\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
      return key === "" ? listing(bucket, url.searchParams) : object(bucket.objectOf(key), request);
    },
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    accessKeyId: "key",
    secretAccessKey: "secret",
    stop: () => server.stop(true),
  };
}

function listing({ count, keyAt }: ServedBucket, query: URLSearchParams): Response {
  const prefix = query.get("prefix") ?? "";
  const from = Number(query.get("continuation-token") ?? 0);
  const to = Math.min(count, from + PAGE);
  let contents = "";
  for (let index = from; index < to; index++) {
    const { key, sizeBytes } = keyAt(index);
    if (!key.startsWith(prefix)) continue;
    contents += `<Contents><Key>${Bun.escapeHTML(key)}</Key><Size>${sizeBytes}</Size></Contents>`;
  }
  const next = to < count ? `<NextContinuationToken>${to}</NextContinuationToken>` : "";
  const xml = `<ListBucketResult><Name>b</Name><IsTruncated>${to < count}</IsTruncated>${next}${contents}</ListBucketResult>`;
  return new Response(xml, { headers: { "content-type": "application/xml" } });
}

function object(found: ServedObject | undefined, request: Request): Response {
  if (!found) return new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 });
  const { body, metadata } = found;
  const headers: Record<string, string> = { etag: `"${Bun.hash(body)}"` };
  for (const [name, value] of Object.entries(metadata)) headers[`x-amz-meta-${name}`] = value;
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(body, { headers });
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), body.length - 1)];
  if (from > to) return new Response("<Error><Code>InvalidRange</Code></Error>", { status: 416 });
  headers["content-range"] = `bytes ${from}-${to}/${body.length}`;
  return new Response(body.subarray(from, to + 1), { status: 206, headers });
}
