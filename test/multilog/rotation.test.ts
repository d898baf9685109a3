import { afterAll, expect, test } from "bun:test";
import { openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { rotate } from "../../src/multilog/rotation.ts";
import { hostFiles } from "../../src/system/files.ts";
import { modeOf, storedBytes } from "../support/stored-lines.ts";
import { appendText, failingFiles, openLog, surroundingsWith } from "./directory.ts";

const start = openSync(".", "r");
afterAll(() => hostFiles.enter(start));

const LINES = "one\ntwo\n";

test("rotate() makes an old file and an empty current", () => {
  const { surroundings } = surroundingsWith(hostFiles);
  const { log, path } = openLog(surroundings);
  appendText(log, LINES, surroundings);
  rotate(log, surroundings);
  expect(log).toMatchObject({ currentBytes: 0, step: 0 });
  const [old = ""] = readdirSync(path).filter((name) => name.startsWith("@"));
  expect(old).toMatch(/^@400000006553f1[0-9a-f]{2}000001f4\.s$/);
  expect([modeOf(join(path, old)), modeOf(join(path, "current"))]).toEqual(["744", "644"]);
  expect(storedBytes(path).toString()).toBe(LINES);
});

test("rotate() keeps every line when any of its file calls fails once, and goes on at the step that failed", () => {
  const counting = failingFiles(0);
  const before = openAndFill(counting.files);
  const firstCall = counting.calls() + 1;
  rotate(before.log, before.surroundings);
  const lastCall = counting.calls();
  expect(lastCall - firstCall).toBeGreaterThan(8);
  for (let failing = firstCall; failing <= lastCall; failing++) {
    const { log, path, surroundings } = openAndFill(failingFiles(failing).files);
    expect(() => rotate(log, surroundings)).toThrow(/^unable to .*, pausing: out of disk space$/);
    rotate(log, surroundings);
    expect(log.step).toBe(0);
    expect(storedBytes(path).toString()).toBe(LINES);
    expect(readdirSync(path).filter((name) => name.startsWith("@"))).toHaveLength(1);
    expect(readdirSync(path)).not.toContain("previous");
  }
});

test("append() keeps every line when any file call fails once, and warns once", () => {
  const text = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join("");
  for (let failing = 1; ; failing++) {
    const { files, calls } = failingFiles(0);
    const counted = surroundingsWith(files);
    const opened = openLog(counted.surroundings);
    const opening = calls();
    const limited = failingFiles(opening + failing);
    const { surroundings, warnings } = surroundingsWith(limited.files);
    const { log, path } = openLog(surroundings);
    appendText(log, text.repeat(4), surroundings);
    expect(storedBytes(path).toString()).toBe(text.repeat(4));
    if (limited.calls() < opening + failing) break;
    expect(warnings).toHaveLength(1);
    hostFiles.close(opened.log.current);
  }
});

function openAndFill(files: typeof hostFiles) {
  const { surroundings } = surroundingsWith(files);
  const opened = openLog(surroundings);
  appendText(opened.log, LINES, surroundings);
  return { ...opened, surroundings };
}
