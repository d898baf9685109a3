import { expect, test } from "bun:test";
import { LineMemory } from "../../src/lines/line-memory.ts";
import { PieceBoundaries, type SplitLimits } from "../../src/pieces/boundaries.ts";
import { vectorSearch } from "../../src/pieces/line-search.ts";
import { seededRandom } from "../support/random.ts";

test("what is not settled of a stream is bounded, and pieces end at line ends whatever that bound is", () => {
  const random = seededRandom("PieceBoundaries");
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 500; round++) {
    const lines = Array.from(
      { length: 1 + below(30) },
      () => `${"x".repeat(below(9) ? below(20) : below(300))}\n`,
    );
    const text = Buffer.from(lines.join(""));
    const openBytes = 1 + below(40);
    const limits: SplitLimits = {
      ...(below(4) ? { bytes: 1 + below(400) } : {}),
      ...(below(2) ? { records: 1 + below(9) } : {}),
      recordEnd: "line",
      isUncounted: true,
      openBytes,
    };
    const boundaries = new PieceBoundaries(limits);
    const ends: number[] = [];
    let settled = 0;
    for (let at = 0, count = 0; at < text.length; at += count) {
      count = 1 + below(50);
      for (const { end } of boundaries.add(text.subarray(at, at + count))) {
        expect(end).toBeGreaterThanOrEqual(settled);
        ends.push(end);
      }
      settled = boundaries.settled;
      expect(boundaries.seen - settled).toBeLessThanOrEqual(Math.min(openBytes, limits.bytes ?? 0));
    }
    const last = boundaries.finish();
    if (last) ends.push(last.end);
    expect(ends.at(-1)).toBe(text.length);
    for (const end of ends) expect(text[end - 1]).toBe(0x0a);
    for (const [index, end] of ends.entries()) {
      const piece = text.subarray(ends[index - 1] ?? 0, end);
      const records = piece.filter((byte) => byte === 0x0a).length;
      expect(records).toBeLessThanOrEqual(limits.records ?? Number.POSITIVE_INFINITY);
      if (records > 1) expect(piece.length).toBeLessThanOrEqual(limits.bytes ?? Number.POSITIVE_INFINITY);
    }
  }
});

test("ends are the same whether records are counted or not, and whatever the chunks and the memory they are in", () => {
  const random = seededRandom("leaps");
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 500; round++) {
    const longest = below(5) ? 20 : 300;
    const text = Buffer.from(
      Array.from({ length: below(60) }, () => `${"x".repeat(below(longest))}\n`).join("") +
        "x".repeat(below(9)),
    );
    const bounds = below(2) ? { bytes: 1 + below(200) } : { records: 1 + below(12) };
    const ends = (limits: SplitLimits, chunk: (from: number, to: number) => Uint8Array) => {
      const boundaries = new PieceBoundaries(limits);
      const found: number[] = [];
      for (let at = 0, count = 0; at < text.length; at += count) {
        count = 1 + below(90);
        found.push(...boundaries.add(chunk(at, Math.min(text.length, at + count))).map(({ end }) => end));
      }
      const last = boundaries.finish();
      return last ? [...found, last.end] : found;
    };
    const memory = new LineMemory(4096);
    const at = memory.allot(2048);
    const inMemory = (from: number, to: number) => {
      memory.bytes.set(text.subarray(from, to), at);
      return memory.bytes.subarray(at, at + to - from);
    };
    const limits: SplitLimits = { ...bounds, recordEnd: "line" };
    const counted = ends(limits, (from, to) => text.subarray(from, to));
    expect(ends({ ...limits, isUncounted: true }, (from, to) => text.subarray(from, to))).toEqual(counted);
    expect(ends({ ...limits, isUncounted: true, lineSearch: vectorSearch(memory) }, inMemory)).toEqual(
      counted,
    );
  }
});
