import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseSince } from "../../src/diary/since.ts";
import { parseLabel } from "../../src/tai64n/label.ts";
import { knownTimeZone } from "../../src/time/time-zone.ts";
import { utc } from "../../src/time/zone.ts";

const now = Date.UTC(2017, 0, 12, 14, 36, 56, 500);
const lisbon = knownTimeZone("Europe/Lisbon", readFileSync);
const saoPaulo = knownTimeZone("America/Sao_Paulo", readFileSync);

function momentOf(text: string, zone = utc): string {
  const moment = parseLabel(parseSince(text, zone, now))!;
  return `${new Date(moment.unixSeconds * 1000).toISOString().replace(".000Z", "")}.${moment.nanoseconds}`;
}

test.each([
  ["10m", utc, "2017-01-12T14:26:56.500000000"],
  ["1h30m", utc, "2017-01-12T13:06:56.500000000"],
  ["now", utc, "2017-01-12T14:36:56.500000000"],
  ["1w", utc, "2017-01-05T14:36:56.500000000"],
  ["1w2d", utc, "2017-01-03T14:36:56.500000000"],
  ["today", saoPaulo, "2017-01-12T02:00:00.0"],
  ["yesterday", saoPaulo, "2017-01-11T02:00:00.0"],
  ["2017-01-12", utc, "2017-01-12T00:00:00.0"],
  ["2017-01-12 14:36", utc, "2017-01-12T14:36:00.0"],
  ["2017-01-12T14:36:56.25", utc, "2017-01-12T14:36:56.250000000"],
  ["2017-01-12T14:36:56Z", saoPaulo, "2017-01-12T14:36:56.0"],
  ["2017-01-12T14:36:56-03:00", utc, "2017-01-12T17:36:56.0"],
  ["2017-07-01T12:00:00", lisbon, "2017-07-01T11:00:00.0"],
  ["2017-10-15 01:30", saoPaulo, "2017-10-15T03:30:00.0"],
  ["9:05", saoPaulo, "2017-01-12T11:05:00.0"],
  ["@4000000058779c4a00000005", utc, "2017-01-12T15:09:52.5"],
] as const)("parseSince() takes %s for that moment", (text, zone, expected) => {
  expect(momentOf(text, zone)).toBe(expected);
});

test.each(["", "T", "tomorrow", "1w ", "25:00", "2017-13-01", "10", "@400", "12:60"])(
  "parseSince() refuses %p",
  (text) => {
    expect(() => parseSince(text, utc, now)).toThrow("must be a time such as 10m (ago)");
  },
);
