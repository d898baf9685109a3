import { describe, expect, test } from "bun:test";
import {
  oneOf,
  parseDuration,
  parsePositiveDuration,
  parseRate,
  parseSize,
  wholeNumber,
} from "../../src/system/quantity.ts";

describe("parseSize()", () => {
  test.each([
    ["1", 1],
    ["4096", 4096],
    ["64k", 65536],
    ["64K", 65536],
    ["2M", 2097152],
    ["2MiB", 2097152],
    ["2MB", 2000000],
    ["2 MB", 2000000],
    ["1.5G", 1610612736],
    ["1TB", 1e12],
  ])("reads %p as %p bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(["", "0", "-1", "k", "1x", "1 2", "1 ", "1\n", "1 M ", "1e3", "9999999T", "0x10"])(
    "refuses %p",
    (text) => {
      expect(() => parseSize(text)).toThrow("must be a size");
    },
  );
});

describe("parseDuration()", () => {
  test.each([
    ["0", 0],
    ["60", 60_000],
    ["0.5", 500],
    ["250ms", 250],
    ["60s", 60_000],
    ["5m", 300_000],
    ["5min", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
  ])("reads %p as %p ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "s", "1x", "-1s", "1s 2m", "1h30", "99999999999999d"])("refuses %p", (text) => {
    expect(() => parseDuration(text)).toThrow("must be a duration");
  });

  test("parsePositiveDuration() refuses nothing at all", () => {
    expect(() => parsePositiveDuration("0s")).toThrow("must be longer than 0");
  });
});

describe("parseRate()", () => {
  test.each([
    ["100", 100],
    ["100/s", 100],
    ["6000/m", 100],
    ["1/h", 1 / 3600],
    ["0.5/s", 0.5],
  ])("reads %p as %p a second", (text, rate) => expect(parseRate(text)).toBeCloseTo(rate, 12));

  test.each(["", "0", "0/s", "-1", "5/x", "5/", "1e9999"])("refuses %p", (text) => {
    expect(() => parseRate(text)).toThrow("must be a rate");
  });
});

test("wholeNumber() names its bounds", () => {
  expect(wholeNumber(1)("5")).toBe(5);
  expect(() => wholeNumber(1)("0")).toThrow("must be a whole number, 1 or more");
  expect(() => wholeNumber(1, 256)("257")).toThrow("must be a whole number from 1 to 256");
  expect(() => wholeNumber(0)("1.5")).toThrow("must be a whole number");
});

test("oneOf() names the words", () => {
  expect(oneOf(["a", "b"])("b")).toBe("b");
  expect(() => oneOf(["a", "b"])("B")).toThrow("must be one of a, b");
});
