import { expect, test } from "bun:test";
import { ContentPool } from "../../src/local-files/content-pool.ts";

test("a buffer that was given back is lent again for contents of about its size", () => {
  const pool = new ContentPool();
  const first = pool.take(100_000);
  pool.give(first);
  expect(pool.take(120_000)).toBe(first);
});

test("nobody gets a buffer that somebody else has", () => {
  const pool = new ContentPool();
  expect(pool.take(1000)).not.toBe(pool.take(1000));
});

test("a buffer is as large as the content, and not twice as large", () => {
  const pool = new ContentPool();
  for (const bytes of [0, 1, 131_072, 131_073, 8_000_000]) {
    const buffer = pool.take(bytes);
    expect(buffer.length).toBeWithin(bytes, 2 * bytes + 131_073);
    pool.give(buffer);
  }
});

test("buffers of the wrong size make room for those that are wanted now", () => {
  const pool = new ContentPool();
  const small = pool.take(1000);
  pool.give(small);
  pool.take(50_000_000);
  expect(pool.take(1000)).not.toBe(small);
});
