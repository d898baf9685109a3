import { expect, test } from "bun:test";
import { writeNumber, writeSeconds } from "../../src/access-log/digits.ts";

const bytes = Buffer.alloc(32, "#");
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test("writeNumber() writes what String() does, up to 2^32 - 1", () => {
  const values = [0, 2 ** 32 - 1];
  for (let power = 1; power <= 1e9; power *= 10) values.push(power - 1, power, power + 1, 7 * power);
  for (const value of values.filter((value) => value < 2 ** 32))
    expect(bytes.toString("latin1", 1, writeNumber(view, 1, value))).toBe(String(value));
});

test("writeSeconds() writes milliseconds as seconds with three decimals", () => {
  for (const ms of [0, 1, 42, 999, 1000, 60_004, 59_999, 12_345_678])
    expect(bytes.toString("latin1", 1, writeSeconds(view, 1, ms))).toBe((ms / 1000).toFixed(3));
});
