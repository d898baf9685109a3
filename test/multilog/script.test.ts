import { expect, test } from "bun:test";
import { copyLinesTo } from "../../src/multilog/copied-line.ts";
import { warnAlways, warnRarely } from "../../src/multilog/pauses.ts";
import { parseScript } from "../../src/multilog/script.ts";
import { findSplits } from "../../src/multilog/split.ts";
import { FatalError } from "../../src/system/errors.ts";

const parse = (args: string[], isStrict = false) =>
  parseScript(
    args.map((arg) => Buffer.from(arg)),
    isStrict,
  );
const settingsOf = (args: string[], isStrict = false) =>
  parse(args, isStrict).actions.filter((action) => action.kind === "log");

test("parseScript() gives a directory the settings before it", () => {
  expect(settingsOf(["./a", "s5000", "n3", "!gzip", "./b", "s6000", "/c"])).toMatchObject([
    { name: "./a", sizeBytes: 99_999, files: 10, processor: undefined },
    { name: "./b", sizeBytes: 5000, files: 3, processor: "gzip" },
    { name: "/c", sizeBytes: 6000, files: 3, processor: "gzip" },
  ]);
});

test.each([
  ["s", 4096],
  ["s4095", 4096],
  ["s16777216", 16_777_215],
  ["s5000k", 5000],
  ["s18446744073709561616", 10_000],
])("parseScript() takes %s for %i bytes", (text, sizeBytes) => {
  expect(settingsOf([text, "./a"])).toMatchObject([{ sizeBytes }]);
});

test("parseScript() when strict takes any large size and refuses what means nothing", () => {
  expect(settingsOf(["s20000000000", "./a"], true)).toMatchObject([{ sizeBytes: 20_000_000_000 }]);
  expect(() => parse(["x"], true)).toThrow('unable to parse script at "x": unknown action');
  expect(() => parse(["e", "t"], true)).toThrow('unable to parse script at "t": t must be the first action');
  expect(() => parse(["nosuch"], true)).toThrow("n takes a number of files");
  expect(() => parse(["s5000k"], true)).toThrow("s takes a number of bytes");
  expect(parse(["x", "e", "t"])).toMatchObject({ isStamped: false, actions: [{ kind: "copy-to-stderr" }] });
});

test("findSplits() splits a full file before its first byte, and any file at the line end near its size", () => {
  const bytes = Buffer.from("x\n".repeat(3000));
  const batch = { bytes, readEndCount: 0, readEnd: () => 0 };
  const file = { sizeBytes: 4096, currentBytes: 4096, isInLine: false };
  expect(findSplits(batch, 10, file)).toEqual([0]);
  expect(findSplits(batch, 6000, { ...file, currentBytes: 0 })).toEqual([2560, 5120]);
  expect(findSplits(batch, 2000, { ...file, currentBytes: 0 })).toEqual([]);
});

test("copyLinesTo() writes each line by itself, and goes on when standard error fails", () => {
  const written: string[] = [];
  const copy = copyLinesTo((data) => {
    written.push(Buffer.from(data).toString());
    throw new Error("closed");
  });
  copy(Buffer.from("b\n\nc...\n"));
  expect(written).toEqual(["b\n", "\n", "c...\n"]);
});

function failTimes(times: number, message = "unable to write") {
  let left = times;
  return () => {
    if (left-- > 0) throw new FatalError(message);
    return "done";
  };
}

test("warnAlways() warns before every pause", () => {
  const warnings: string[] = [];
  const slept: number[] = [];
  const obstacles = warnAlways({ warn: (text) => warnings.push(text), sleep: (ms) => slept.push(ms) });
  expect(obstacles.overcome(failTimes(3))).toBe("done");
  expect(warnings).toEqual(["unable to write", "unable to write", "unable to write"]);
  expect(slept).toEqual([5000, 5000, 5000]);
});

test("warnRarely() warns at once, then once a minute with a count, and anew after it went well", () => {
  const warnings: string[] = [];
  const obstacles = warnRarely({ warn: (text) => warnings.push(text), sleep: () => {} });
  obstacles.overcome(failTimes(26));
  obstacles.overcome(failTimes(1));
  obstacles.overcome(failTimes(1, "unable to rename"));
  expect(warnings).toEqual([
    "unable to write",
    "unable to write (tried 13 times)",
    "unable to write (tried 25 times)",
    "unable to write",
    "unable to rename",
  ]);
});

test("overcome() does not wait for what is a mistake in the program", () => {
  const obstacles = warnRarely({ warn: () => {}, sleep: () => {} });
  expect(() =>
    obstacles.overcome(() => {
      throw new TypeError("x");
    }),
  ).toThrow(TypeError);
});
