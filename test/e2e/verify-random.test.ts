/** Three hundred batches, each with one random damage, among batches without any: verify misses none and blames no other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { crc32, gunzipSync } from "node:zlib";
import { run } from "../support/logship.ts";
import { bucketInMemory, startMemoryS3 } from "../support/memory-s3.ts";
import { seededRandom } from "../support/random.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { type KeptObject, piecesOf, replaced, storedByRun } from "../support/stored-batch.ts";

const DAMAGED = 300;
const WHOLE = 60;
const random = seededRandom("damages");
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(things: readonly T[]): T => things[below(things.length)]!;

let server: Awaited<ReturnType<typeof startS3rver>>;
let kinds: KeptObject[][];

beforeAll(async () => {
  server = await startS3rver();
  const seeded = ["--seed", "7", "--start", "2017-01-12T14:36:56Z", "--step", "5m"];
  const pieces = ["--records", "200", "--piece-records", "40"];
  const variants = [
    ["--format", "json"],
    ["--format", "combined"],
    ["--format", "nginx-json", "--success"],
    ["--format", "script"],
    ["--format", "json", "--gzip"],
    ["--format", "combined", "--shard", "1/1"],
  ];
  kinds = [];
  for (const variant of variants) kinds.push(await storedByRun(server, [...seeded, ...pieces, ...variant]));
});

afterAll(() => server.stop());

type Damage = (objects: readonly KeptObject[], piece: KeptObject) => KeptObject[];

function withBody(change: (body: Buffer) => Buffer): Damage {
  return (objects, { key }) => replaced(objects, key, (piece) => [{ ...piece, body: change(piece.body) }]);
}

function withMetadata(change: (metadata: Record<string, string>) => Record<string, string>): Damage {
  return (objects, { key }) =>
    replaced(objects, key, (piece) => [{ ...piece, metadata: change({ ...piece.metadata }) }]);
}

/** Metadata that fit the new content, so that only the records can tell. */
function forged(change: (lines: string[]) => string[]): Damage {
  return (objects, { key }) =>
    replaced(objects, key, (piece) => {
      if (key.endsWith(".gz")) return [];
      const body = Buffer.from(change(piece.body.toString("latin1").split(/(?<=\n)/)).join(""), "latin1");
      const checksum = crc32(body).toString(16).padStart(8, "0");
      return [
        { ...piece, body, metadata: { ...piece.metadata, bytes: String(body.length), crc32: checksum } },
      ];
    });
}

const damages: Record<string, Damage> = {
  "a piece gone": (objects, { key }) => replaced(objects, key, () => []),
  "cut short": withBody((body) => body.subarray(0, below(body.length))),
  "a byte changed": withBody((body) => {
    const changed = Buffer.from(body);
    changed[below(body.length)]! ^= 1 << below(8);
    return changed;
  }),
  "a byte more": withBody((body) => {
    const at = below(body.length + 1);
    return Buffer.concat([body.subarray(0, at), Buffer.from([below(256)]), body.subarray(at)]);
  }),
  "bytes overwritten": withBody((body) => {
    const changed = Buffer.from(body);
    const at = below(body.length - 16);
    changed.fill(0, at, at + 16);
    return changed;
  }),
  doubled: (objects, piece) => {
    const name = piece.key.replace(/[a-z]{2}(\.gz)?$/, `${oneOf(["af", "bz", "yz"])}$1`);
    return [...objects, { ...piece, key: name }];
  },
  swapped: (objects, piece) => {
    const other = oneOf(piecesOf(objects).filter(({ key }) => key !== piece.key));
    return objects.map((object) =>
      object === piece
        ? { ...piece, key: other.key }
        : object === other
          ? { ...other, key: piece.key }
          : object,
    );
  },
  "renamed to come last": (objects, { key }) =>
    replaced(objects, key, (piece) => [{ ...piece, key: key.replace(/[a-z]{2}(\.gz)?$/, "mm$1") }]),
  "another number in the metadata": withMetadata((metadata) => {
    const name = oneOf(["records", "first-record", "bytes"]);
    return { ...metadata, [name]: String(Number(metadata[name]) + oneOf([-1, 1, 17])) };
  }),
  "another checksum in the metadata": withMetadata((metadata) => ({ ...metadata, crc32: "0badc0de" })),
  "no metadata": withMetadata(() => ({})),
  "a foreign object": (objects, { key }) => [
    ...objects,
    { key: `${key}.${oneOf(["bak", "tmp", "aa.aa"])}`, body: Buffer.from("x"), metadata: {} },
  ],
  "a record of nothing": forged((lines) => lines.with(oneOf([0, 12, 24]), `${"?".repeat(below(80))}\n`)),
  "a record left out": forged((lines) => lines.toSpliced(0, lines.length / 40)),
  "older records at the end": forged((lines) => [
    ...lines.slice(lines.length / 2),
    ...lines.slice(0, lines.length / 2),
  ]),
};

/**
 * A byte that changes nothing of the content of a compressed file, such as its time, is no damage; nor is it one that
 * metadata are gone which the mark of success repeats.
 */
function isHarmless(name: string, before: readonly KeptObject[], after: readonly KeptObject[]): boolean {
  if (name === "no metadata" && before.some(({ key }) => key.endsWith("/_SUCCESS"))) return true;
  const content = ({ key, body, metadata }: KeptObject) => {
    try {
      const plain = key.endsWith(".gz") ? gunzipSync(body) : body;
      return [key, plain.toString("latin1"), JSON.stringify(metadata)].join("\n");
    } catch {
      return "damaged";
    }
  };
  return before.map(content).join("\n") === after.map(content).join("\n");
}

test("of 300 damages none is missed, and no batch without damage is blamed", async () => {
  const stored: Record<string, KeptObject[]> = {};
  const damageOf = new Map<string, string>();
  for (let count = 0; damageOf.size < DAMAGED; count++) {
    const objects = oneOf(kinds);
    const name = oneOf(Object.keys(damages));
    const piece = oneOf(piecesOf(objects));
    const damaged = damages[name]!(objects, piece);
    if (isHarmless(name, objects, damaged)) continue;
    const prefix = `${String(count).padStart(4, "0")}/`;
    stored[prefix] = damaged;
    damageOf.set(prefix, `${name}: ${piece.key}`);
  }
  for (let count = 0; count < WHOLE; count++) stored[`${String(below(9000) + 1000)}w/`] = oneOf(kinds);
  const objects = Object.entries(stored).flatMap(([prefix, batch]) =>
    batch.map((object) => ({ ...object, body: Uint8Array.from(object.body), key: prefix + object.key })),
  );
  const served = startMemoryS3(bucketInMemory(objects));
  const { stdout, stderr, exitCode } = await run(["verify", "s3://bucket", "--json"], {
    env: environmentOf(served),
  });
  await served.stop();
  expect(stderr).toBe("");
  expect(exitCode).toBe(1);
  const batches = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "batch");
  const judged = new Map(batches.map(({ name, complete }) => [name.split("/")[0], complete]));
  const missed = [...damageOf].filter(([prefix]) => judged.get(prefix.slice(0, -1)) !== false);
  expect(missed).toEqual([]);
  const blamed = Object.keys(stored).filter(
    (prefix) => !damageOf.has(prefix) && judged.get(prefix.slice(0, -1)) !== true,
  );
  expect(blamed).toEqual([]);
}, 900_000);
