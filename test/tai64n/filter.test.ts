import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Filter, runFilter } from "../../src/tai64n/filter.ts";
import { formatLabel } from "../../src/tai64n/label.ts";
import { LocalTimeFilter } from "../../src/tai64n/local-filter.ts";
import { LocalTime } from "../../src/tai64n/local-time.ts";
import { StampFilter } from "../../src/tai64n/stamp-filter.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";

/** Puts chunks through a filter and returns what it wrote for each of them. */
function outputsOf(make: (write: (data: Uint8Array) => void) => Filter, chunks: string[]): string[] {
  const outputs: string[] = [];
  const filter = make((data) => {
    outputs[outputs.length - 1] += Buffer.from(data).toString("latin1");
  });
  const waiting = chunks.map((chunk) => Buffer.from(chunk, "latin1"));
  runFilter(filter, (target, from) => {
    outputs.push("");
    return waiting.shift()?.copy(target, from) ?? 0;
  });
  return outputs.slice(0, chunks.length);
}

const local = (write: (data: Uint8Array) => void) =>
  new LocalTimeFilter(new LocalTime(openTimeZone("UTC", readFileSync)), write);
const LABEL = "@400000003b4a39c23294b13c";
const TIME = "2001-07-09 23:09:44.848605500";

test("tai64nlocal holds back a label that is not complete, and nothing else", () => {
  expect(outputsOf(local, ["a", "b\n@4000", LABEL.slice(5), " x", "y\n"])).toEqual([
    "a",
    "b\n",
    "",
    `${TIME} x`,
    "y\n",
  ]);
});

test("tai64nlocal passes a line whose digits do not end", () => {
  const long = `@${"0".repeat(5000)}`;
  expect(outputsOf(local, [long, " x\n", `${LABEL} y\n`]).join("")).toBe(`${long} x\n${TIME} y\n`);
});

test("tai64nlocal shows lines of different seconds one after the other", () => {
  const labels = [0, 1, 59, 60, 86_399, 86_400, 1e9].map((unixSeconds) => ({ unixSeconds, nanoseconds: 5 }));
  const input = labels.map((moment) => `${formatLabel(moment)}\n`).join("");
  expect(outputsOf(local, [input]).join("")).toBe(
    labels
      .map(({ unixSeconds }) => {
        const time = new Date(unixSeconds * 1000).toISOString().replace("T", " ").slice(0, 19);
        return `${time}.000000005\n`;
      })
      .join(""),
  );
});

test("tai64n stamps each line once, at its first byte", () => {
  let unixSeconds = 0;
  const clock = () => ({ unixSeconds: unixSeconds++, nanoseconds: 500 });
  const stamp = (second: number) => `${formatLabel({ unixSeconds: second, nanoseconds: 500 })} `;
  const make = (write: (data: Uint8Array) => void) => new StampFilter(clock, write);
  expect(outputsOf(make, ["a\nb", "c\n\n", "d"])).toEqual([
    `${stamp(0)}a\n${stamp(0)}b`,
    `c\n${stamp(1)}\n`,
    `${stamp(2)}d`,
  ]);
});

test("tai64n stamps 60000 empty lines", () => {
  const clock = () => ({ unixSeconds: 0, nanoseconds: 500 });
  const make = (write: (data: Uint8Array) => void) => new StampFilter(clock, write);
  const line = `${formatLabel(clock())} \n`;
  expect(outputsOf(make, ["\n".repeat(60_000)]).join("")).toBe(line.repeat(60_000));
});
