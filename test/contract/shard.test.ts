import { expect, test } from "bun:test";
import { pieceMetadata } from "../../src/contract/batch-metadata.ts";
import { pieceName } from "../../src/contract/batch-names.ts";
import { shardName, stretchOf } from "../../src/contract/shard.ts";

test("the shards of a log follow each other without gap or overlap, and differ by one record at most", () => {
  for (const records of [0, 1, 6, 7, 1000, 2 ** 53 - 1]) {
    for (const of of [1, 2, 3, 7, 64, 1000]) {
      const stretches = Array.from({ length: of }, (_, index) =>
        stretchOf({ number: index + 1, of }, records),
      );
      let next = 0;
      for (const stretch of stretches) {
        expect(stretch.first).toBe(next);
        next += stretch.records;
      }
      expect(next).toBe(records);
      const counts = stretches.map((stretch) => stretch.records);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  }
});

test("names of pieces sort in the order of shards, also where their numbers become wider", () => {
  for (const of of [1, 9, 10, 100, 1234]) {
    const names = Array.from({ length: of }, (_, index) =>
      ["aa", "zaaa"].map((suffix) => pieceName("access.T", suffix, { number: index + 1, of })),
    ).flat();
    expect(names.toSorted()).toEqual(names);
  }
  expect(shardName({ number: 3, of: 12 })).toBe("03-of-12");
  expect(pieceName("access.T", "aa", { number: 3, of: 12 })).toBe("access.T.log.03-of-12.aa");
});

test("only the last piece is marked as such, and only a shard has its number", () => {
  const facts = {
    records: 10,
    firstRecord: 7,
    bytes: 99,
    crc32: 0xabc,
    isLast: false,
    shard: undefined,
  } as const;
  expect(pieceMetadata(facts)).toEqual({
    records: "10",
    "first-record": "7",
    bytes: "99",
    crc32: "00000abc",
  });
  expect(pieceMetadata({ ...facts, isLast: true, shard: { number: 3, of: 12 } })).toMatchObject({
    last: "true",
    shard: "3/12",
  });
});
