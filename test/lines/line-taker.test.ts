import { describe, expect, test } from "bun:test";
import { LineTaker } from "../../src/lines/line-taker.ts";
import type { Step } from "../../src/lines/steps.ts";
import { seededRandom } from "../support/random.ts";
import { hostileBytes, pick, WIDTHS } from "./hostile-bytes.ts";
import { type Taken, takenOf } from "./reference.ts";

const RUNS = Number(process.env.LOGSHIP_TEST_RUNS ?? 300);
const INPUT_BYTES = 4096;
const READ_BYTES = 1024;
const PATTERNS = [
  "",
  "*",
  "**",
  "***",
  "-*",
  "* *",
  "*a",
  "a*",
  "*a*b*",
  "*\n",
  "@* a*",
  "*x",
  " ",
  "*\xff",
  "*a*a",
];

describe.each([...WIDTHS])("with %s", (width) => {
  const random = seededRandom(`lines are taken with ${width}`);
  const below = (limit: number) => Math.floor(random() * limit);

  function randomSteps(): Step[] {
    return Array.from({ length: below(7) }, () => {
      const kind = pick(random, [
        "select",
        "deselect",
        "select",
        "deselect",
        "give",
        "give",
        "show",
        "keep",
      ] as const);
      return kind === "select" || kind === "deselect"
        ? { kind, pattern: Buffer.from(pick(random, PATTERNS), "latin1") }
        : { kind };
    });
  }

  test("lines are cut, stamped, selected, shown and kept as by the reference, however they come", () => {
    for (let run = 0; run < RUNS; run++) {
      const steps = randomSteps();
      const isStamped = random() < 0.7;
      const taker = new LineTaker({ isStamped, steps, inputBytes: INPUT_BYTES, width });
      const input = hostileBytes(random, pick(random, [0, 1, 27, 999, 1000, 1001, 4096, 9000]) + below(20));
      const taken: Taken[] = [];
      const outputs = taker.groups.map(() => Buffer.alloc(0));
      let shown = Buffer.alloc(0);
      const keepCount = steps.filter(({ kind }) => kind === "keep").length;
      const kept: (string | undefined)[] = new Array(keepCount).fill(undefined);
      for (let at = 0, stamps = 0; at < input.length; ) {
        const part = input.subarray(at, at + 1 + below(pick(random, [20, 1100, INPUT_BYTES])));
        const firstReadEnd = 1 + below(READ_BYTES);
        const hasFirstStamp = random() < 0.3;
        const [stamp, firstStamp] = [stampOf(stamps++), stampOf(stamps++)];
        taker.stamp.write(stamp, "latin1");
        taker.firstStamp.write(firstStamp, "latin1");
        taker.give(part, firstReadEnd, hasFirstStamp);
        taken.push({ part, stamp, firstStamp: hasFirstStamp ? firstStamp : stamp });
        let isTaken = false;
        const readEnds: number[][] = taker.groups.map(() => []);
        while (!isTaken) {
          isTaken = taker.take();
          for (const [index, group] of taker.groups.entries()) {
            for (let end = 0; end < group.readEndCount; end++)
              readEnds[index]!.push(outputs[index]!.length + group.readEnd(end));
            outputs[index] = Buffer.concat([outputs[index]!, group.bytes.subarray(0, group.byteCount)]);
          }
          shown = Buffer.concat([shown, taker.shown]);
          for (let index = 0; index < keepCount; index++)
            kept[index] = taker.takeKept(index)?.toString("latin1") ?? kept[index];
          taker.empty();
        }
        at += part.length;
        const expected = takenOf(steps, isStamped, taken);
        expect(outputs.map((output) => output.toString("latin1"))).toEqual(expected.groups);
        expect(shown.toString("latin1")).toBe(expected.shown);
        expect(kept).toEqual(expected.kept);
        const ends: number[] = [];
        for (let end = firstReadEnd; end < part.length; end += READ_BYTES) ends.push(end);
        for (const [index, noted] of readEnds.entries()) {
          const lengths = ends.map((end) => {
            const until = [...taken.slice(0, -1), { ...taken.at(-1)!, part: part.subarray(0, end) }];
            return takenOf(steps, isStamped, until).groups[index]!.length;
          });
          expect(noted).toEqual(lengths);
        }
      }
    }
  });

  test("what is too much is refused", () => {
    const taker = new LineTaker({ isStamped: true, steps: [], inputBytes: 1024, width });
    expect(() => taker.give(Buffer.alloc(1025), 1024, false)).toThrow(RangeError);
    expect(() => taker.give(Buffer.alloc(1), 0, false)).toThrow(RangeError);
  });
});

function stampOf(number: number): string {
  return `@${String(number).padStart(24, "0")} `;
}
