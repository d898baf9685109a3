import { expect, test } from "bun:test";
import { countText, durationText, sizeText, thingsText } from "../../src/system/quantity-text.ts";

test("sizes have two or three digits and a unit of 1000", () => {
  const texts = [0, 1, 999, 1000, 12_345, 450_000_000, 2.5e12].map(sizeText);
  expect(texts).toEqual(["0 B", "1 B", "999 B", "1.0 kB", "12.3 kB", "450 MB", "2.5 TB"]);
});

test("spans of time have their two largest units", () => {
  const texts = [-5, 0, 45, 60, 725, 3600, 11_100, 90_000, 187_200].map((s) => durationText(s * 1000));
  expect(texts).toEqual(["0s", "0s", "45s", "1m", "12m5s", "1h", "3h5m", "1d1h", "2d4h"]);
});

test("counts have commas between thousands", () => {
  expect([0, 999, 1000, 1_234_567].map(countText)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([0, 1, 1000].map((n) => thingsText(n, "file"))).toEqual(["0 files", "1 file", "1,000 files"]);
});
