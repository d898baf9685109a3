import { expect, test } from "bun:test";
import { type SplitLimits, splitRecords } from "../../src/pieces/splitter.ts";
import { testSeed } from "../support/random.ts";

/** Splits a text that arrives in chunks of the given sizes, all in one buffer that the source overwrites. */
async function split(text: string, limits: SplitLimits, chunkBytes: (n: number) => number = () => 7) {
  const input = Buffer.from(text, "latin1");
  const shared = new Uint8Array(4096);
  function* source() {
    for (let at = 0, n = 0; at < input.length; n++) {
      const part = input.subarray(at, at + chunkBytes(n));
      shared.fill(0x58).set(part);
      yield shared.subarray(0, part.length);
      at += part.length;
    }
  }
  const allocated: number[] = [];
  const pieces: [string, number][] = [];
  const allocate = (sizeBytes: number) => {
    allocated.push(sizeBytes);
    return new Uint8Array(sizeBytes).fill(0x59);
  };
  for await (const piece of splitRecords(source(), limits, allocate))
    pieces.push([Buffer.from(piece.bytes).toString("latin1"), piece.records]);
  return { pieces, allocated };
}

/** What should come out, one record at a time. */
function expected(records: string[], limits: SplitLimits): [string, number][] {
  const pieces: [string, number][] = [];
  let [text, count] = ["", 0];
  for (const record of records) {
    if (count > 0 && (count === limits.records || text.length + record.length > (limits.bytes ?? Infinity))) {
      pieces.push([text, count]);
      [text, count] = ["", 0];
    }
    text += record;
    count++;
  }
  return count > 0 ? [...pieces, [text, count]] : pieces;
}

test("splitRecords() fills pieces with whole lines up to the limit in bytes", async () => {
  const { pieces } = await split("aa\nbb\ncc\ndddd\ne\n", { bytes: 6, recordEnd: "line" });
  expect(pieces).toEqual([
    ["aa\nbb\n", 2],
    ["cc\n", 1],
    ["dddd\n", 1],
    ["e\n", 1],
  ]);
});

test("splitRecords() leaves a record larger than the limit whole and alone", async () => {
  const { pieces } = await split(`a\n${"x".repeat(100)}\nb\n`, { bytes: 10, recordEnd: "line" });
  expect(pieces.map(([text, records]) => [text.length, records])).toEqual([
    [2, 1],
    [101, 1],
    [2, 1],
  ]);
});

test("splitRecords() keeps a last record without newline, NUL, CR and bytes beyond ASCII", async () => {
  const { pieces } = await split("a\0\r\n\xff\xfe\n\n\u0085", { records: 2, recordEnd: "line" });
  expect(pieces).toEqual([
    ["a\0\r\n\xff\xfe\n", 2],
    ["\n\u0085", 2],
  ]);
});

test("splitRecords() yields nothing for nothing", async () => {
  expect((await split("", { bytes: 5, recordEnd: "line" })).pieces).toEqual([]);
});

test("splitRecords() ends a record of the script format at a line that is only a brace", async () => {
  const records = ['{ \n \t"a": "}"\n}x\n }\n}}\n}\n', "{ \n}\n", "}\n", "rest\n}"];
  for (let size = 1; size < 40; size++) {
    const { pieces } = await split(records.join(""), { records: 1, recordEnd: "script" }, () => size);
    expect(pieces.map(([text]) => text)).toEqual(records);
  }
});

test("splitRecords() asks for one buffer of the limit for each piece when no record is larger", async () => {
  const { pieces, allocated } = await split("12345678\n".repeat(50), { bytes: 100, recordEnd: "line" });
  expect(allocated).toEqual(pieces.map(() => 100));
});

test("splitRecords() agrees with a splitter of single records on random input", async () => {
  const seed = testSeed();
  process.stdout.write(`seed ${seed}\n`);
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 400; round++) {
    const records = Array.from({ length: random(60) }, () => `${"x".repeat(random(30))}\n`);
    if (random(2)) records.push("unfinished");
    const limits: SplitLimits = {
      ...(random(3) ? { bytes: 1 + random(80) } : {}),
      ...(random(3) ? { records: 1 + random(8) } : {}),
      recordEnd: "line",
    };
    const { pieces } = await split(records.join(""), limits, () => 1 + random(50));
    expect(pieces).toEqual(expected(records, limits));
  }
});
