import { expect, test } from "bun:test";
import { TAI64 } from "tai64";
import { formatLabel, labelAfter, parseLabel, secondsOf } from "../../src/tai64n/label.ts";

test("formatLabel() adds 2^62 and ten seconds, whatever the leap seconds are", () => {
  expect(formatLabel({ unixSeconds: 0, nanoseconds: 0 })).toBe("@400000000000000a00000000");
  expect(formatLabel({ unixSeconds: 994720184, nanoseconds: 848605500 })).toBe("@400000003b4a39c23294b13c");
});

test("formatLabel() reaches before 1970 and beyond 32 bits", () => {
  expect(formatLabel({ unixSeconds: -11, nanoseconds: 999999999 })).toBe("@3fffffffffffffff3b9ac9ff");
  expect(formatLabel({ unixSeconds: 4294967286, nanoseconds: 1 })).toBe("@400000010000000000000001");
});

test("parseLabel() reads what formatLabel() wrote", () => {
  for (const unixSeconds of [-1e12, -11, -10, 0, 1484231816, 4294967285, 4294967286, 1e12]) {
    const moment = { unixSeconds, nanoseconds: 123456500 };
    expect(parseLabel(formatLabel(moment))).toEqual(moment);
  }
});

test("parseLabel() takes the label at the start of a line or of a file name", () => {
  const moment = { unixSeconds: 994720184, nanoseconds: 848605500 };
  expect(parseLabel("@400000003b4a39c23294b13c.s")).toEqual(moment);
  expect(parseLabel("@400000003b4a39c23294b13c fatal: out of memory")).toEqual(moment);
});

test("parseLabel() finds no label in upper case, in fewer digits or behind a space", () => {
  for (const text of [
    "",
    "@",
    "@400000003B4A39C23294B13C",
    "@400000003b4a39c23294b13",
    " @400000003b4a39c23294b13c",
  ])
    expect(parseLabel(text)).toBeUndefined();
});

test("parseLabel() refuses seconds that a number cannot hold", () => {
  expect(parseLabel("@000000000000000000000000")).toBeUndefined();
  expect(parseLabel("@ffffffffffffffff00000000")).toBeUndefined();
});

test("secondsOf() counts modulo 2^64 and signed", () => {
  expect(secondsOf("400000000000000a")).toBe(0n);
  expect(secondsOf("0000000000000000")).toBe(-(2n ** 62n) - 10n);
  expect(secondsOf("ffffffffffffffff")).toBe(-(2n ** 62n) - 11n);
});

test("formatLabel() agrees with an independent implementation as long as there was no leap second", () => {
  for (let unixSeconds = 63_072_000; unixSeconds < 78_796_800; unixSeconds += 999_983) {
    const [label] = formatLabel({ unixSeconds, nanoseconds: 0 }).match(/[0-9a-f]{16}/)!;
    expect(label).toBe(TAI64.fromUnix(unixSeconds).toHexString());
  }
});

test("labelAfter() is the label of the next microsecond, and of the next second behind a full one", () => {
  expect(labelAfter("@400000003b4a39c2000001f4")).toBe("@400000003b4a39c2000005dc");
  expect(labelAfter("@400000003b4a39c23b9ac9ff")).toBe("@400000003b4a39c3000001f4");
  expect(labelAfter("@3fffffffffffffffffffffff")).toBe("@4000000000000000000001f4");
  expect(labelAfter("@ffffffffffffffff3b9ac9ff")).toBeUndefined();
});
