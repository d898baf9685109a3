/** What can be wrong with a batch, each alone: verify names it, and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import { run } from "../support/logship.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { bucketOf, type KeptObject, piecesOf, replaced, storedByRun } from "../support/stored-batch.ts";

const START = "2017-01-12T14:36:56Z";
const SEEDED = ["--seed", "7", "--start", START, "--records", "2000", "--step", "10ms"];
const RUN = [...SEEDED, "--piece-records", "400"];

let server: Awaited<ReturnType<typeof startS3rver>>;
let whole: KeptObject[];

beforeAll(async () => {
  server = await startS3rver();
  whole = await storedByRun(server, RUN);
  expect(piecesOf(whole)).toHaveLength(5);
});

afterAll(() => server.stop());

interface Found {
  readonly kind: string;
  /** The last parts of keys: `ab`. */
  readonly keys: string[];
  readonly from?: number;
  readonly to?: number;
}

/** What verify finds in a bucket with these objects. */
async function verified(objects: readonly KeptObject[], ...args: string[]) {
  const bucket = await bucketOf(server, { "": objects });
  const result = await run(["verify", `s3://${bucket}`, "--json", ...args], { env: environmentOf(server) });
  expect(result.stderr).toBe("");
  const events = result.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const found = events
    .filter(({ event }) => event === "finding")
    .map(({ kind, keys, from, to }): Found => {
      const suffixes = keys.map((key: string) => key.slice(key.lastIndexOf(".") + 1));
      return { kind, keys: suffixes, ...(from === undefined ? {} : { from, to }) };
    });
  const total = events.at(-1);
  expect(total.complete).toBe(found.length === 0);
  expect(result.exitCode).toBe(found.length === 0 ? 0 : 1);
  return { found, events, total };
}

function pieceKey(suffix: string): string {
  return piecesOf(whole).find(({ key }) => key.endsWith(`.${suffix}`))!.key;
}

/** The batch with one piece changed, as somebody does who does not know of metadata. */
function withBody(suffix: string, change: (body: Buffer) => Buffer): KeptObject[] {
  return replaced(whole, pieceKey(suffix), (piece) => [{ ...piece, body: change(piece.body) }]);
}

/** The batch with the content of one piece changed, and its metadata made to fit. */
function forged(suffix: string, change: (body: Buffer) => Buffer): KeptObject[] {
  return replaced(whole, pieceKey(suffix), (piece) => {
    const body = change(piece.body);
    const checksum = crc32(body).toString(16).padStart(8, "0");
    return [{ ...piece, body, metadata: { ...piece.metadata, bytes: String(body.length), crc32: checksum } }];
  });
}

function without(suffix: string): KeptObject[] {
  return replaced(whole, pieceKey(suffix), () => []);
}

function linesOf(body: Buffer): string[] {
  return body.toString().split(/(?<=\n)/);
}

function changedByte(body: Buffer, at: number): Buffer {
  const changed = Buffer.from(body);
  changed[at]! ^= 0x01;
  return changed;
}

test("a batch that is as run stored it is complete, with the seed and without it", async () => {
  for (const args of [[], SEEDED]) {
    const { found, total } = await verified(whole, ...args);
    expect(found).toEqual([]);
    expect(total).toMatchObject({ batches: 1, objects: 5, records: 2000, holes: 0, findings: 0 });
  }
});

test("the piece that is called gz by its number is not taken for a compressed one", async () => {
  for (const compression of [[], ["--gzip"]]) {
    const stored = await storedByRun(server, [
      ...SEEDED.with(5, "190"),
      "--piece-records",
      "1",
      ...compression,
    ]);
    expect(stored.some(({ key }) => /\.log\.gz(\.gz)?$/.test(key))).toBe(true);
    expect((await verified(stored)).found).toEqual([]);
  }
});

const damages: [what: string, damaged: () => KeptObject[], found: Found[]][] = [
  ["a missing first piece", () => without("aa"), [{ kind: "hole", keys: ["ab"], from: 0, to: 400 }]],
  [
    "a missing piece in the middle",
    () => without("ac"),
    [{ kind: "hole", keys: ["ab", "ad"], from: 800, to: 1200 }],
  ],
  ["a missing last piece", () => without("ae"), [{ kind: "end", keys: ["ad"] }]],
  [
    "a missing mark of the end",
    () =>
      replaced(whole, pieceKey("ae"), ({ metadata: { last: _, ...metadata }, ...piece }) => [
        { ...piece, metadata },
      ]),
    [{ kind: "end", keys: ["ae"] }],
  ],
  [
    "a piece cut by one byte",
    () => withBody("ab", (body) => body.subarray(0, -1)),
    [{ kind: "length", keys: ["ab"] }],
  ],
  [
    "a piece with one byte more",
    () => withBody("ab", (body) => Buffer.concat([body, Buffer.from("\n")])),
    [{ kind: "length", keys: ["ab"] }],
  ],
  ["an empty piece", () => withBody("ab", () => Buffer.alloc(0)), [{ kind: "length", keys: ["ab"] }]],
  [
    "one changed byte in a text",
    () => withBody("ad", (body) => changedByte(body, body.indexOf("Mozilla"))),
    [{ kind: "checksum", keys: ["ad"] }],
  ],
  [
    "a doubled piece under another name",
    () =>
      replaced(whole, pieceKey("ab"), (piece) => [
        piece,
        { ...piece, key: pieceKey("ae").replace(/ae$/, "af") },
      ]),
    [{ kind: "double", keys: ["af", "ab"], from: 400, to: 800 }],
  ],
  [
    "two swapped pieces",
    () => {
      const [b, c] = [pieceKey("ab"), pieceKey("ac")];
      return whole.map((object) =>
        object.key === b ? { ...object, key: c } : object.key === c ? { ...object, key: b } : object,
      );
    },
    [{ kind: "misplaced", keys: ["ac", "ab"] }],
  ],
  [
    "two pieces whose contents are swapped",
    () => {
      const [b, c] = piecesOf(whole)
        .slice(1, 3)
        .map(({ body }) => body) as [Buffer, Buffer];
      return replaced(
        withBody("ab", () => c),
        pieceKey("ac"),
        (piece) => [{ ...piece, body: b }],
      );
    },
    [
      { kind: "length", keys: ["ab"] },
      { kind: "length", keys: ["ac"] },
    ],
  ],
  [
    "a renamed piece",
    () => replaced(whole, pieceKey("ae"), (piece) => [{ ...piece, key: piece.key.replace(/ae$/, "ba") }]),
    [{ kind: "misplaced", keys: ["ba"] }],
  ],
  [
    "a record in another format, with a checksum that fits",
    () =>
      forged("ac", (body) => {
        const lines = linesOf(body);
        lines[17] = '192.0.2.1 - - [12/Jan/2017:14:36:58 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n';
        return Buffer.from(lines.join(""));
      }),
    [{ kind: "record", keys: ["ac"] }],
  ],
  [
    "two records in the wrong order, with a checksum that fits",
    () =>
      forged("ac", (body) => {
        const lines = linesOf(body);
        return Buffer.from([...lines.slice(200), ...lines.slice(0, 200)].join(""));
      }),
    [{ kind: "time", keys: ["ac"] }],
  ],
  [
    "a foreign object in the folder",
    () => [...whole, { key: `${whole[0]!.key}notes.txt`, body: Buffer.from("notes"), metadata: {} }],
    [{ kind: "foreign", keys: ["txt"] }],
  ],
  [
    "a foreign object beside the batch",
    () => [...whole, { key: "zebra.txt", body: Buffer.from("notes"), metadata: {} }],
    [{ kind: "foreign", keys: ["txt"] }],
  ],
  [
    "a piece without its metadata",
    () => replaced(whole, pieceKey("ab"), (piece) => [{ ...piece, metadata: {} }]),
    [{ kind: "metadata", keys: ["ab"] }],
  ],
  [
    "a number of records that is not the one recorded",
    () => forged("ae", (body) => Buffer.from(linesOf(body).slice(0, -1).join(""))),
    [{ kind: "records", keys: ["ae"] }],
  ],
  ["nothing but the folder", () => whole.filter(({ key }) => key.endsWith("/")), [{ kind: "end", keys: [] }]],
];

for (const [what, damaged, found] of damages) {
  test(`verify finds ${what}`, async () => {
    expect((await verified(damaged())).found).toEqual(found);
  });
}

describe("with the seed", () => {
  test("an object of another seed is found, whatever its metadata say", async () => {
    const other = await storedByRun(server, RUN.with(1, "8"));
    const key = pieceKey("ac");
    const foreign = piecesOf(other)[2]!;
    const mixed = replaced(whole, key, () => [{ ...foreign, key }]);
    expect((await verified(mixed)).found).toEqual([]);
    expect((await verified(mixed, ...SEEDED)).found).toEqual([{ kind: "content", keys: ["ac"] }]);
  });

  test("one byte changed under a checksum that fits is found, in every piece", async () => {
    for (const suffix of ["aa", "ac", "ae"]) {
      const changed = forged(suffix, (body) => changedByte(body, body.lastIndexOf("Mozilla")));
      expect((await verified(changed, ...SEEDED)).found).toEqual([{ kind: "content", keys: [suffix] }]);
    }
  });

  test("a last piece that is missing is found by --records, also if the one before says that it is the last", async () => {
    const shortened = replaced(without("ae"), pieceKey("ad"), (piece) => [
      { ...piece, metadata: { ...piece.metadata, last: "true" } },
    ]);
    expect((await verified(shortened)).found).toEqual([]);
    expect((await verified(shortened, ...SEEDED)).found).toEqual([
      { kind: "hole", keys: ["ad"], from: 1600, to: 2000 },
    ]);
  });

  test("the batches of one run follow each other", async () => {
    const bucketArgs = [
      "--batches",
      "3",
      "--interval",
      "0",
      "--seed",
      "7",
      "--start",
      START,
      "--records",
      "500",
    ];
    const bucket = await bucketOf(server, {});
    const env = environmentOf(server);
    await run(["run", "--to", `s3://${bucket}`, ...bucketArgs], { env });
    const args = ["verify", `s3://${bucket}`, "--seed", "7", "--start", START];
    const { stdout, exitCode } = await run(args, { env });
    expect(stdout.match(/^complete: /gm)).toHaveLength(3);
    expect(exitCode).toBe(0);
    expect((await run([...args, "--start", "2017-01-12T14:36:57Z"], { env })).exitCode).toBe(1);
  });
});

describe("shards", () => {
  async function storedByShards(of: number, records: number, ...args: string[]): Promise<KeptObject[]> {
    const seeded = ["--seed", "7", "--start", START, "--records", String(records), ...args];
    const parts: KeptObject[] = [];
    for (let shard = 1; shard <= of; shard++)
      parts.push(...(await storedByRun(server, ["--shard", `${shard}/${of}`, ...seeded])));
    return [...new Map(parts.map((object) => [object.key, object])).values()];
  }
  const seeded = ["--seed", "7", "--start", START, "--records", "1000"];

  test("make one batch, of each format and compressed, with and without marks", async () => {
    for (const args of [["--format", "script"], ["--format", "combined", "--gzip"], ["--success"]]) {
      const stored = await storedByShards(3, 1000, "--piece-records", "150", ...args);
      expect((await verified(stored)).found).toEqual([]);
      const { found, total } = await verified(stored, ...seeded);
      expect(found).toEqual([]);
      expect(total.records).toBe(1000);
      const ofOne = await verified(stored, ...seeded, "--shard", "2/3");
      expect(ofOne.found).toEqual([]);
      expect(ofOne.total.records).toBe(333);
    }
  });

  test("one that is missing leaves a hole, or an end that is not reached", async () => {
    const stored = await storedByShards(4, 1000);
    const lacking = (shard: number) => stored.filter(({ key }) => !key.includes(`.${shard}-of-4.`));
    expect((await verified(lacking(1))).found).toMatchObject([{ kind: "hole", from: 0, to: 250 }]);
    expect((await verified(lacking(2))).found).toMatchObject([{ kind: "hole", from: 250, to: 500 }]);
    expect((await verified(lacking(4))).found).toMatchObject([{ kind: "end" }]);
    expect((await verified(lacking(4), ...seeded)).found).toMatchObject([
      { kind: "hole", from: 750, to: 1000 },
    ]);
    const ofOne = await verified(lacking(3), ...seeded, "--shard", "3/4");
    expect(ofOne.found).toMatchObject([{ kind: "hole", from: 500, to: 750 }]);
  });

  test("more of them than records are complete", async () => {
    const stored = await storedByShards(5, 3);
    expect((await verified(stored)).found).toEqual([]);
    expect((await verified(stored, ...seeded.with(-1, "3"))).found).toEqual([]);
  });
});
