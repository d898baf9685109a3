import { expect, test } from "bun:test";
import { Random, WHEEL_BITS, wheel } from "../../src/access-log/random.ts";

test("Random gives the numbers of sfc32 for a seed", () => {
  // A straightforward sfc32 in arbitrary precision, started as Random starts.
  const mask = 0xffff_ffffn;
  let [a, b, c, counter] = [5n, 1n, 9n, 1n];
  const next = () => {
    const sum = (a + b + counter++) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = (((c << 21n) | (c >> 11n)) + sum) & mask;
    return Number(sum);
  };
  for (let round = 0; round < 12; round++) next();
  const random = new Random(2 ** 32 + 5, 9);
  for (let count = 0; count < 1000; count++) expect(random.next()).toBe(next());
});

test("Random gives other numbers for another seed or stream, however large", () => {
  const first = (seed: number, stream = 0) => new Random(seed, stream).next();
  const seeds = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  expect(new Set([...seeds.map((seed) => first(seed)), first(0, 1), first(0, 2)]).size).toBe(8);
});

test("Random.below() stays below its limit and reaches all of it", () => {
  const random = new Random(3);
  const seen = new Set(Array.from({ length: 1000 }, () => random.below(7)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("wheel() gives each index places in proportion to its weight", () => {
  const places = wheel([1, 0, 2, 5]);
  const count = (index: number) => places.filter((place) => place === index).length;
  expect([0, 1, 2, 3].map(count)).toEqual([1, 0, 2, 5].map((weight) => (weight << WHEEL_BITS) / 8));
});
