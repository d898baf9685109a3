import { expect, test } from "bun:test";
import { type Advance, ProgressText } from "../../src/cli/progress-text.ts";

const MB = 1_000_000;

function files(done: number, total: number | undefined, bytes: number): Advance {
  const text = total === undefined ? `${done} files` : `${done} of ${total} files`;
  return { text, sum: `${done} files`, bytes, done, total };
}

/** A line after ten seconds in which half of it was done. */
function halfDone(columns: number): string {
  const text = new ProgressText("upload", files(0, 8, 0), 0);
  return text.line(files(4, 8, 40 * MB), 10_000, columns);
}

test("a line has the share that is done, a bar, what is done, how fast and how long it will take", () => {
  expect(halfDone(79)).toBe("upload  50% [===========>            ] 4 of 8 files, 4.0 MB/s, 10s left");
});

test("a narrow terminal has first a shorter bar, then none, and then fewer words", () => {
  const lines = [60, 50, 36, 20, 8].map(halfDone);
  expect(lines).toEqual([
    "upload  50% [======>      ] 4 of 8 files, 4.0 MB/s, 10s left",
    "upload  50% 4 of 8 files, 4.0 MB/s, 10s left",
    "upload  50% 4.0 MB/s, 10s left",
    "upload  50% 10s left",
    "upload  ",
  ]);
});

test("no line is wider than the terminal", () => {
  for (let columns = 0; columns < 120; columns++)
    expect(halfDone(columns).length).toBeLessThanOrEqual(columns);
});

test("without a known end there is neither share nor time left", () => {
  const text = new ProgressText("split", files(0, undefined, 0), 0);
  expect(text.line(files(3, undefined, 9 * MB), 3000, 79)).toBe("split 3 files, 3.0 MB/s");
});

test("in the first second there is no rate yet, and nothing is done of nothing", () => {
  const text = new ProgressText("upload", files(0, 0, 0), 0);
  expect(text.line(files(0, 0, 0), 500, 40)).toBe("upload 100% [=============] 0 of 0 files");
});

test("the rate is that of the last seconds", () => {
  const text = new ProgressText("upload", files(0, 1000, 0), 0);
  for (let second = 1; second <= 60; second++) text.line(files(second, 1000, 100 * MB), second * 1000, 79);
  expect(text.line(files(61, 1000, 100 * MB), 61_000, 79)).toContain("61 of 1000 files, 0 B/s, 15m39s left");
});

test("at the end it tells what was done in all, and how fast", () => {
  const text = new ProgressText("upload", files(0, 8, 0), 0);
  expect(text.summary(files(8, 8, 80 * MB), 20_000)).toBe("upload: 8 files in 20s, 4.0 MB/s");
});
