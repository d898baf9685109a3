import { describe, expect, test } from "bun:test";
import { LineStamper } from "../../src/lines/line-stamper.ts";
import { seededRandom } from "../support/random.ts";
import { hostileBytes, hostileLengths, pick, WIDTHS } from "./hostile-bytes.ts";

const STAMP = "@400000005877a1e30756a6e4 ";

describe.each([...WIDTHS])("with %s", (width) => {
  const random = seededRandom(`lines are stamped with ${width}`);

  test("every line gets its stamp, whatever the room for what becomes of it", () => {
    for (const length of hostileLengths()) {
      const input = hostileBytes(random, length);
      const inputBytes = pick(random, [1, 16, 1024, 4097]);
      const stamper = new LineStamper(inputBytes, pick(random, [27, 28, 42, 43, 1026, 10_000]), width);
      stamper.stamp.write(STAMP, "latin1");
      let output = "";
      for (let at = 0; at < length; ) {
        const part = input.subarray(at, at + 1 + Math.floor(random() * inputBytes));
        stamper.input.set(part);
        stamper.take(part.length, (bytes) => {
          output += Buffer.from(bytes).toString("latin1");
        });
        at += part.length;
      }
      const lines = input.toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? [];
      expect(output).toBe(lines.map((line) => STAMP + line).join(""));
    }
  });

  test("what is too much is refused, and so is room for no line", () => {
    expect(() => new LineStamper(10, 100, width).take(11, () => {})).toThrow(RangeError);
    expect(() => new LineStamper(10, 26, width)).toThrow(RangeError);
  });
});
