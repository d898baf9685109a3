import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { LocalTime, localTimeOfLabel } from "../../src/tai64n/local-time.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";

function localTime(zone: string): LocalTime {
  return new LocalTime(openTimeZone(zone, readFileSync));
}

test("localTimeOfLabel() writes a label as date, time and nanoseconds", () => {
  expect(localTimeOfLabel("@400000003b4a39c23294b13c", localTime("UTC"))).toBe(
    "2001-07-09 23:09:44.848605500",
  );
  expect(localTimeOfLabel("@400000003b4a39c2ffffffff.s", localTime("UTC"))).toBe(
    "2001-07-09 23:09:44.4294967295",
  );
  expect(localTimeOfLabel("no label", localTime("UTC"))).toBeUndefined();
});

test("format() follows the zone, also half an hour off", () => {
  expect(localTime("America/New_York").format(994720184n)).toBe("2001-07-09 19:09:44");
  expect(localTime("XXX-5:30").format(994720184n)).toBe("2001-07-10 04:39:44");
});

test("format() shows the hour before and after the clocks go back", () => {
  const newYork = localTime("America/New_York");
  expect(newYork.format(1730611799n)).toBe("2024-11-03 01:29:59");
  expect(newYork.format(1730615399n)).toBe("2024-11-03 01:29:59");
  expect(newYork.format(1730611799n)).toBe("2024-11-03 01:29:59");
});

test("format() shows a leap second of a zone that counts them", () => {
  expect(localTime("right/UTC").format(1483228826n)).toBe("2016-12-31 23:59:60");
  expect(localTime("right/UTC").format(1483228827n)).toBe("2017-01-01 00:00:00");
});

test("format() keeps the zone's rules in the far future", () => {
  const cycle = 146_097n * 86_400n;
  const winter = 1735689600n + 5000n * cycle;
  const summer = 1751328000n + 5000n * cycle;
  expect(localTime("America/New_York").format(winter)).toBe("2002024-12-31 19:00:00");
  expect(localTime("America/New_York").format(summer)).toBe("2002025-06-30 20:00:00");
});

test("format() prints years as the C program does, and none beyond a 32-bit number", () => {
  const utc = localTime("UTC");
  expect(utc.format(-62167219201n)).toBe("18446744073709551615-12-31 23:59:59");
  expect(utc.format(67767976233532799n)).toBe("2147483647-12-31 23:59:59");
  expect(utc.format(67768036191676799n)).toBe("18446744071562069867-12-31 23:59:59");
  expect(utc.format(67768036191676800n)).toBeUndefined();
  expect(utc.format(-67768040609740800n)).toBe("18446744071562069868-01-01 00:00:00");
  expect(utc.format(-67768040609740801n)).toBeUndefined();
});
