/** What a bucket or a directory holds where others may write to it: batches and shipped logs that are not what they say. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { type Right, startHostileServer } from "./hostile-server.ts";
import { KEYS } from "./s3-words.ts";
import { type Said, stranger } from "./stranger.ts";
import { bytes, number, spoilt, text } from "./texts.ts";
import { visit } from "./visit.ts";

interface Stored {
  readonly key: string;
  readonly body: string;
  readonly metadata: Record<string, string>;
}

const BATCH = "access.2017-01-12-14:36:56";
const RECORD = `{"time": "2017-01-12T14:36:56+00:00", "remote_addr": "198.51.100.1", "remote_user": "-", "body_bytes_sent": "1", "request_time": "0.000", "status": "200", "request": "GET / HTTP/1.1", "request_method": "GET", "http_referrer": "-", "http_user_agent": "-"}\n`;
const GENERATION = "20170112T143656000-00000000";

const checksum = (body: string) => crc32(body).toString(16).padStart(8, "0");

/** A batch of run, and a log that ship has stored. */
const whole: readonly Stored[] = [
  { key: `${BATCH}/`, body: "", metadata: {} },
  ...["aa", "ab"].map((suffix, index) => ({
    key: `${BATCH}/${BATCH}.log.${suffix}`,
    body: RECORD,
    metadata: {
      records: "1",
      "first-record": String(index),
      bytes: String(RECORD.length),
      crc32: checksum(RECORD),
      ...(index === 1 ? { last: "true" } : {}),
    },
  })),
  { key: `${BATCH}/_SUCCESS`, body: '{"records": 2, "pieces": 2, "bytes": 480}\n', metadata: {} },
  ...[0, 6].map((offset) => ({
    key: `host=h/source=_var_log_a.log/dt=2017-01-12/hour=14/a.${GENERATION}.${String(offset).padStart(16, "0")}.log`,
    body: "lines\n",
    metadata: {
      records: "1",
      bytes: "6",
      crc32: checksum("lines\n"),
      host: "h",
      source: "_var_log_a.log",
      generation: GENERATION,
      "first-offset": String(offset),
      "last-offset": String(offset + 6),
      start: "0",
      previous: `20170111T143656000-00000000:${offset}`,
    },
  })),
];

const other = fc.oneof(
  text,
  number,
  bytes.map((some) => some.toString("latin1")),
  fc.constantFrom("true", "1/2", "2/1", "0/0"),
);
const change = fc.record({
  index: fc.nat(whole.length - 1),
  part: fc.constantFrom("key", "body", "metadata", "success", "gone"),
  at: fc.nat(10),
  other,
});

const said = fc.record({
  changes: fc.array(change, { maxLength: 4 }),
  success: spoilt(fc.constant({ records: 2, pieces: 2, bytes: 480, seed: 1, start: "2017-01-12T14:36:56Z" })),
  isInBucket: fc.boolean(),
  options: fc.constantFrom(
    [],
    ["--json"],
    ["--seed", "7", "--start", "0"],
    ["--format", "combined"],
    ["--records", "2"],
  ),
  isOnTerminal: fc.boolean(),
});

export const storedObjects = stranger(
  said,
  async (place, { changes, success, isInBucket, options, isOnTerminal }) => {
    const objects = changed(changes, JSON.stringify(success) ?? "");
    if (!isInBucket) for (const { key, body } of objects) put(place.path("out"), key, body);
    place.seal();
    using server = startHostileServer([], bucketOf(objects));
    const env = { ...KEYS, AWS_ENDPOINT_URL_S3: server.origin };
    const url = isInBucket ? "s3://bucket" : `file://${place.path("out")}`;
    await visit(place, {
      args: ["verify", url, "--attempts", "1", "--timeout", "1s", ...options],
      env,
      isOnTerminal,
    });
  },
);

function changed(changes: readonly Said<typeof change>[], success: string): Stored[] {
  const objects: (Stored | undefined)[] = whole.map((one) => ({ ...one, metadata: { ...one.metadata } }));
  for (const { index, part, at, other } of changes) {
    const old = objects[index];
    if (old === undefined) continue;
    const names = Object.keys(old.metadata);
    const middle = at % (old.key.length + 1);
    if (part === "gone") objects[index] = undefined;
    else if (part === "success") objects[3] = { ...whole[3]!, body: success };
    else if (part === "key") objects[index] = { ...old, key: old.key.slice(0, -middle || undefined) + other };
    else if (part === "body") objects[index] = { ...old, body: old.body.slice(0, at) + other };
    else if (names.length > 0) old.metadata[names[at % names.length]!] = other;
  }
  return objects.filter((one) => one !== undefined);
}

/** As a stranger puts it there, who has no better names than a file system allows. */
function put(directory: string, key: string, body: string): void {
  const path = `${directory}/${key
    .split("/")
    .filter((part) => part !== ".." && part !== ".")
    .join("/")}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (!key.endsWith("/")) writeFileSync(path, body);
  } catch {
    // No file can be called so.
  }
}

function bucketOf(objects: readonly Stored[]): Right {
  const sorted = objects.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const xml = (one: string) => one.replace(/[<&]/g, (c) => `&#${c.charCodeAt(0)};`);
  return ({ method, path, headers }) => {
    if (path.includes("list-type=2")) {
      const contents = sorted.map(
        ({ key, body }) =>
          `<Contents><Key>${xml(key)}</Key><Size>${Buffer.byteLength(body)}</Size></Contents>`,
      );
      return {
        body: `<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`,
      };
    }
    const found = sorted.find(
      ({ key }) =>
        path.replace(/\?.*/, "") ===
        `/bucket/${encodeURIComponent(key)
          .replaceAll("%2F", "/")
          .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`,
    );
    if (!found || method !== "GET") return { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" };
    const body = Buffer.from(found.body);
    const given = Object.entries(found.metadata).map(([name, value]) => [
      `x-amz-meta-${name}`,
      value.replace(/[\r\n\0]/g, ""),
    ]);
    const [, from = "0", to = ""] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "") ?? [];
    const last = Math.min(to === "" ? body.length - 1 : Number(to), body.length - 1);
    const range = headers.range ? { "content-range": `bytes ${from}-${last}/${body.length}` } : {};
    return {
      status: headers.range ? 206 : 200,
      headers: { etag: '"x"', ...range, ...Object.fromEntries(given) },
      body: body.subarray(Number(from), last + 1),
    };
  };
}
