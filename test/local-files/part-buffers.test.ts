import { expect, test } from "bun:test";
import { ByteBudget } from "../../src/local-files/byte-budget.ts";
import { ContentPool } from "../../src/local-files/content-pool.ts";
import { PartBuffers, partBytes } from "../../src/local-files/part-buffers.ts";

const MIB = 1024 * 1024;

test.each([0, 1, 65 * MIB, 77 * 1024 * MIB, 78 * 1024 * MIB, 5 * 1024 * 1024 * MIB])(
  "a file of %i bytes has less than 10 000 parts, of 8 MiB if they suffice",
  (bytes) => {
    const size = partBytes(bytes);
    expect(Math.ceil(bytes / size)).toBeLessThan(10_000);
    expect(size === 8 * MIB || (size - MIB) * 9900 < bytes).toBe(true);
  },
);

test("the memory of one part is there from the beginning, and more as long as nobody else wants it", async () => {
  const budget = new ByteBudget(40);
  const pool = new ContentPool();
  await budget.take(10);
  const parts = new PartBuffers(10, budget, pool);
  const [first, second, third] = [parts.take()!, parts.take()!, parts.take()!];
  expect([first.length, second.length, third.length]).toEqual([10, 10, 10]);
  const other = budget.take(20);
  expect(parts.take()).toBeUndefined();
  parts.give(first);
  await other;
  expect(parts.take()).toBeUndefined();
  parts.give(second);
  parts.give(third);
  expect(parts.take()).toBeDefined();
  expect(budget.tryTake(10)).toBe(true);
  expect(budget.tryTake(1)).toBe(false);
});
