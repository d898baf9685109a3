/** What is stored is read as it was written, with random values. */
import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import { pieceMetadata, recordedOf } from "../../src/contract/batch-metadata.ts";
import { batchName, isBatchName, pieceName, piecePlace } from "../../src/contract/batch-names.ts";
import { hexCrc32, isCrc32, numberOf } from "../../src/contract/content.ts";
import { isGenerationId, momentOf, nextGeneration } from "../../src/contract/generation-id.ts";
import { type Shard, shardName, shardOf } from "../../src/contract/shard.ts";
import { DEFAULT_TEMPLATE, escapeName, keyOf, keyReader } from "../../src/contract/shipped-key.ts";
import {
  isKeyOf,
  isShipped,
  shippedKey,
  shippedMetadata,
  shippedPiece,
} from "../../src/contract/shipped-metadata.ts";
import { markOf, SuccessMark } from "../../src/contract/success-mark.ts";
import { SuffixOrder, suffixes } from "../../src/contract/suffixes.ts";
import { utc } from "../../src/time/zone.ts";
import { seededRandom } from "../support/random.ts";

const ROUNDS = 500;
const random = seededRandom("round trips of what is stored");
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(...values: readonly T[]): T => values[below(values.length)]!;

/** Any characters that a name can have, those of keys and patterns among them. */
function name(): string {
  const characters = [
    "a",
    "Z",
    "7",
    "/",
    "_",
    "!",
    "-",
    ".",
    " ",
    "=",
    "%",
    "+",
    "é",
    "日",
    "\n",
    "'",
    "{",
    "(",
    "$",
  ];
  return Array.from({ length: 1 + below(oneOf(8, 200)) }, () => oneOf(...characters)).join("");
}

function shard(): Shard | undefined {
  const of = 1 + below(oneOf(1, 12, 2000));
  return oneOf(undefined, { number: 1 + below(of), of });
}

const generation = () => nextGeneration(below(4e12), undefined);
const offset = () => below(oneOf(10, 2 ** 32, 2 ** 53));
const content = () => ({ records: below(1e6), bytes: below(2 ** 40), crc32: below(2 ** 32) });

test("a shipped piece's metadata", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [start, first] = [offset(), offset()].sort((a, b) => a - b) as [number, number];
    const { records, bytes, crc32 } = content();
    const facts = {
      ...{ host: escapeName(name()), source: escapeName(name()), generation: generation() },
      ...{ first, last: Math.min(first + bytes, 2 ** 53 - 1), start, crc32: hexCrc32(crc32) },
      previous: oneOf(undefined, { generation: generation(), end: offset() }),
      lostBytes: oneOf(0, offset()),
    };
    const metadata = { ...shippedMetadata(facts), records: String(records) };
    const { crc32: text, ...others } = facts;
    expect(isShipped(metadata)).toBe(true);
    expect(shippedPiece(metadata)).toEqual({
      ...others,
      recorded: { records, bytes: facts.last - first, crc32: text },
    });
  }
});

test("a shipped piece's key", () => {
  const template = oneOf(
    DEFAULT_TEMPLATE,
    "{source}/{host}+{generation}.{offset}",
    "{offset}/{host}/{generation}/{source}",
  );
  for (let round = 0; round < ROUNDS; round++) {
    const named = {
      host: escapeName(name()),
      source: escapeName(name()),
      generation: generation(),
      offset: offset(),
    };
    const parts = { ...named, name: escapeName(name()), begunAtMs: below(4e12) };
    const ending = oneOf("", ".gz");
    const own = `${oneOf("", "a prefix/")}${keyOf(template, parts)}${ending}`;
    expect(keyReader(template)(own)).toEqual(named);
    const { first, ...read } = shippedKey(`${keyOf(DEFAULT_TEMPLATE, parts)}${ending}`, undefined)!;
    expect({ ...read, offset: first }).toMatchObject(named);
    expect(isKeyOf(own, { ...read, first })).toBe(true);
  }
});

test("a generation's id, of which each is greater than the one before it", () => {
  let last: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const nowMs = below(4e12);
    const id = nextGeneration(nowMs, last);
    expect(isGenerationId(id)).toBe(true);
    expect(momentOf(id)).toBe(last === undefined ? nowMs : Math.max(nowMs, momentOf(last) + 1));
    if (last !== undefined) expect(id > last).toBe(true);
    last = oneOf(id, undefined);
  }
});

test("names of batches, pieces and shards", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const batch = batchName(below(4e12), utc);
    const of = shard();
    const suffix = oneOf("aa", "yz", "zaaa", "b", "zzz");
    expect(isBatchName(batch)).toBe(true);
    const ending = oneOf("", ".gz");
    expect(piecePlace(batch, `${pieceName(batch, suffix, of)}${ending}`)).toEqual({
      shard: of,
      suffix,
      isGzip: ending !== "",
    });
    if (of) expect(shardOf(shardName(of))).toEqual(of);
  }
});

test("suffixes, whose place is counted as they were given", () => {
  for (const length of [undefined, 1, 2, 3, 4]) {
    const given = suffixes(length);
    const first = given.next().value;
    const order = new SuffixOrder(first);
    const most = length === undefined ? 20_000 : Math.min(26 ** length, 20_000);
    expect(order.placeOf(first)).toBe(0);
    for (let place = 1; place < most; place++) expect(order.placeOf(given.next().value)).toBe(place);
  }
});

test("a batch's metadata, and its success mark", () => {
  for (let round = 0; round < ROUNDS / 10; round++) {
    const of = shard();
    const firstRecord = below(1e9);
    const mark = new SuccessMark(of, firstRecord);
    const pieces = 1 + below(20);
    const names = [...Array(pieces).keys()].map((place) => pieceName("access.T", `a${place}`, of));
    let [at, sum, all] = [firstRecord, 0, 0];
    const recorded = names.map((name, place) => {
      const bytes = Buffer.from(`${name}${random()}`);
      const piece = {
        ...{ records: below(1000), firstRecord: at, bytes: bytes.length, crc32: crc32(bytes), shard: of },
        isLast: place === pieces - 1,
      };
      mark.add(name, piece);
      [at, sum, all] = [at + piece.records, sum + bytes.length, crc32(bytes, all)];
      const { shard: _, ...others } = piece;
      const read = recordedOf(pieceMetadata(piece), of);
      expect(read).toEqual({ ...others, crc32: hexCrc32(piece.crc32) });
      return [name, read!] as const;
    });
    expect(markOf("the key", mark.content, of)).toEqual({
      ...{ key: "the key", pieces, records: at - firstRecord, bytes: sum, firstRecord, crc32: hexCrc32(all) },
      list: new Map(recorded),
    });
  }
});

test("numbers and sums", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, crc32 } = content();
    expect(numberOf(String(bytes))).toBe(bytes);
    expect(isCrc32(hexCrc32(crc32))).toBe(true);
    expect(Number.parseInt(hexCrc32(crc32), 16)).toBe(crc32);
  }
  for (const text of [undefined, "", "-1", "1.5", "0x1", "1e3", " 1", "12345678901234567"])
    expect(numberOf(text)).toBeNaN();
});
