import { expect, test } from "bun:test";
import { sparkline, Throughput } from "../../src/supervise/throughput.ts";

const NOW = 1_700_000_000_000;

test("the rate is that of the last ten seconds", () => {
  const throughput = new Throughput();
  for (let second = 30; second >= 0; second--) throughput.add(1000, NOW - second * 1000);
  expect(throughput.rate(NOW)).toBeGreaterThanOrEqual(1000);
  expect(throughput.rate(NOW)).toBeLessThanOrEqual(1200);
  expect(throughput.rate(NOW + 60_000)).toBe(0);
});

test("the last five minutes are cut into equal parts, and what is older is forgotten", () => {
  const throughput = new Throughput();
  throughput.add(7, NOW - 400_000);
  throughput.add(1, NOW - 299_000);
  throughput.add(2, NOW - 31_000);
  throughput.add(3, NOW - 6000);
  throughput.add(4, NOW);
  expect(throughput.parts(10, NOW)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 2, 3]);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  for (const count of [6, 12, 15, 20, 30, 60]) expect(sum(throughput.parts(count, NOW))).toBe(6);
});

test("it stays small however long it is used", () => {
  const throughput = new Throughput();
  for (let second = 0; second < 100_000; second++) throughput.add(1, NOW + second * 1000);
  expect(throughput.parts(10, NOW + 100_000_000)).toEqual(Array(10).fill(30));
});

test("a sparkline is as high as the largest value, and nothing is a space", () => {
  expect(sparkline([0, 1, 50, 100], true)).toBe(" ▁▄█");
  expect(sparkline([0, 1, 50, 100], false)).toBe(" _-#");
  expect(sparkline([0, 0], true)).toBe("  ");
});
