import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseMoment, unixMsOf } from "../../src/time/moment.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";
import { utc } from "../../src/time/zone.ts";

test.each([
  ["1484229416", 1_484_229_416_000],
  ["1484229416.25", 1_484_229_416_250],
  ["0", 0],
  ["2017-01-12T13:56:56Z", 1_484_229_416_000],
  ["2017-01-12 13:56:56Z", 1_484_229_416_000],
  ["2017-01-12T13:56:56.5z", 1_484_229_416_500],
  ["2017-01-12T10:56:56-03:00", 1_484_229_416_000],
  ["2017-01-12T10:56:56-0300", 1_484_229_416_000],
  ["2017-01-12T14:56:56+01", 1_484_229_416_000],
  ["2017-01-12T13:56", 1_484_229_360_000],
  ["2017-01-12", 1_484_179_200_000],
  ["2016-02-29T00:00:00", 1_456_704_000_000],
  ["1969-12-31T23:59:59Z", -1000],
  ["9999-12-31T23:59:59Z", 253_402_300_799_000],
])("parseMoment(%p) is that moment", (text, unixMs) => {
  expect(unixMsOf(parseMoment(text), utc)).toBe(unixMs);
});

test.each([
  "",
  "now",
  "2017-13-01",
  "2017-02-29",
  "2017-01-12T24:00",
  "2017-01-12T13",
  "12.01.2017",
  "-5",
  "1e9",
  "2017-01-12T13:56:56+25:00",
])("parseMoment(%p) is refused", (text) => {
  expect(() => parseMoment(text)).toThrow("must be a time such as 2017-01-12T14:36:56Z, or Unix seconds");
});

test.each([
  ["2017-07-01T12:00", "2017-07-01T10:00:00Z"],
  ["2017-01-01T00:00", "2016-12-31T23:00:00Z"],
  ["2017-10-29T02:30", "2017-10-29T00:30:00Z"], // comes twice: the first time
  ["2017-10-29T03:00", "2017-10-29T02:00:00Z"],
  ["2017-03-26T02:30", "2017-03-26T01:30:00Z"], // does not come at all
  ["2017-03-26T03:00", "2017-03-26T01:00:00Z"],
])("unixMsOf() takes %s as the local time of Berlin", (text, instant) => {
  const zone = openTimeZone("Europe/Berlin", readFileSync);
  expect(new Date(unixMsOf(parseMoment(text), zone)).toISOString()).toBe(instant.replace("Z", ".000Z"));
});
