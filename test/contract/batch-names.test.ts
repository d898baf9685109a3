import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { batchName, pieceName } from "../../src/contract/batch-names.ts";
import { suffixes } from "../../src/contract/suffixes.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";
import { utc } from "../../src/time/zone.ts";

/** The suffixes with the given numbers, counted from 1. */
function numbered(wanted: number[], length?: number): string[] {
  const found: string[] = [];
  let number = 0;
  for (const suffix of suffixes(length)) {
    if (wanted.includes(++number)) found.push(suffix);
    if (found.length === wanted.length) break;
  }
  return found;
}

test("suffixes() widen before they run out", () => {
  const wanted = [1, 2, 26, 27, 650, 651, 652, 650 + 16_900, 650 + 16_901];
  expect(numbered(wanted)).toEqual(["aa", "ab", "az", "ba", "yz", "zaaa", "zaab", "zyzz", "zzaaaa"]);
});

test("suffixes() always sort", () => {
  let previous = "";
  let count = 0;
  for (const suffix of suffixes()) {
    expect(suffix > previous).toBe(true);
    previous = suffix;
    if (++count === 20_000) break;
  }
});

test("suffixes() of a fixed length use every word and then fail", () => {
  expect(numbered([1, 26 ** 3], 3)).toEqual(["aaa", "zzz"]);
  expect(() => [...suffixes(1)]).toThrow("unable to name piece 27: output file suffixes exhausted");
});

test("batchName() is the second in which the batch begins, in the zone", () => {
  const start = Date.UTC(2017, 0, 12, 14, 36, 56, 999);
  expect(batchName(start, utc)).toBe("access.2017-01-12-14:36:56");
  const zone = openTimeZone("America/Sao_Paulo", readFileSync);
  expect(batchName(start, zone)).toBe("access.2017-01-12-12:36:56");
  expect(batchName(Date.UTC(2024, 1, 29, 0, 0, 0), utc)).toBe("access.2024-02-29-00:00:00");
});

test("pieceName() follows the batch", () => {
  expect(pieceName("access.2017-01-12-14:36:56", "aa")).toBe("access.2017-01-12-14:36:56.log.aa");
});
