import { describe, expect, test } from "bun:test";
import { LineMemory } from "../../src/lines/line-memory.ts";
import { seededRandom } from "../support/random.ts";
import { hostileBytes, hostileLengths, pick, WIDTHS } from "./hostile-bytes.ts";

const NEWLINE = 0x0a;
const ROUNDS = Number(process.env.LOGSHIP_TEST_RUNS ?? 4);

/** Behind each line end. */
function lineEnds(bytes: Uint8Array): number[] {
  return [...bytes.entries()].filter(([, byte]) => byte === NEWLINE).map(([at]) => at + 1);
}

describe.each([...WIDTHS])("with %s", (width) => {
  const memory = new LineMemory(300_000, width);
  const random = seededRandom(`lines are found with ${width}`);
  const end = memory.bytes.length - 16;

  test("line ends are counted and found in any bytes, at any place", () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const length of hostileLengths()) {
        const from = pick(random, [192, 193 + Math.floor(random() * 64), end - length]);
        const bytes = hostileBytes(random, length);
        const around = pick(random, [NEWLINE, 0x61]);
        memory.bytes.fill(around, Math.max(from - 64, 192), from + length + 16);
        memory.bytes.set(bytes, from);
        const ends = lineEnds(bytes).map((at) => from + at);
        expect(memory.countLines(from, from + length)).toBe(ends.length);
        expect(memory.lastLineEnd(from, from + length)).toBe(ends.at(-1) ?? from);
        for (const number of [1, 2, ends.length, ends.length + 1, 1 + Math.floor(random() * length)])
          if (number > 0) expect(memory.lineEnd(from, from + length, number)).toBe(ends[number - 1]!);
        expect(memory.bytes.subarray(from, from + length).equals(bytes)).toBe(true);
      }
    }
  });

  test("more line ends are counted than fit into the bytes in which they are counted", () => {
    memory.bytes.fill(NEWLINE, 192, end);
    for (const length of [254, 255, 256, 4079, 4080, 4081, 4096, 8160, 65_536, end - 192])
      expect(memory.countLines(192, 192 + length)).toBe(length);
  });

  test("what is not in the memory is refused", () => {
    const wrong = [
      [-1, 0],
      [1, 0],
      [0, end + 1],
      [0.5, 1],
      [0, Number.NaN],
      [0, 2 ** 32],
      [2 ** 32, 2 ** 32 + 1],
    ] as const;
    for (const [from, to] of wrong) {
      for (const call of [memory.countLines, memory.lastLineEnd, memory.lineEnd])
        expect(() => call.call(memory, from, to, 1)).toThrow(RangeError);
    }
    for (const number of [0, -1, Number.NaN, 2 ** 32])
      expect(() => memory.lineEnd(0, 1, number)).toThrow(RangeError);
    expect(() => memory.allot(memory.bytes.length)).toThrow(RangeError);
  });
});
