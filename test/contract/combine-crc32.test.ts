import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import { combineCrc32 } from "../../src/contract/combine-crc32.ts";
import { seededRandom } from "../support/random.ts";

test("the CRC-32 of two contents one after the other follows from those of each", () => {
  const random = seededRandom("combineCrc32");
  const content = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  for (const one of [0, 1, 2, 255, 256, 1000])
    for (const other of [0, 1, 7, 8, 9, 65_535, 65_536]) {
      const [first, second] = [content(one), content(other)];
      const whole = crc32(Buffer.concat([first, second]));
      expect(combineCrc32(crc32(first), crc32(second), other)).toBe(whole);
    }
});

test("a second content may be larger than what 32 bits count", () => {
  // So many zeros, by halves: each half is appended to the other.
  let zeros = crc32(Buffer.alloc(1024));
  let bytes = 1024;
  const sums = new Map([[bytes, zeros]]);
  while (bytes < 2 ** 34) {
    zeros = combineCrc32(zeros, zeros, bytes);
    bytes *= 2;
    sums.set(bytes, zeros);
  }
  expect(sums.get(2 ** 20)).toBe(crc32(Buffer.alloc(2 ** 20)));
  // 3 x 2^33 zeros, with the cut in one place and in another.
  const [half, all] = [sums.get(2 ** 33)!, sums.get(2 ** 34)!];
  expect(combineCrc32(half, all, 2 ** 34)).toBe(combineCrc32(all, half, 2 ** 33));
});
