import { expect, test } from "bun:test";
import { LogWatch } from "../../src/diary/log-watch.ts";
import { formatLabel } from "../../src/tai64n/label.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { LogWriter } from "./log-writer.ts";

const NOW = 1_700_000_000_000;

function watched(processor?: (content: string) => string) {
  const writer = new LogWriter(temporaryDirectory("log"));
  writer.processor = processor;
  writer.start();
  let written = 0;
  const watch = new LogWatch(writer.directory, (bytes) => {
    written += bytes;
  });
  const look = () => {
    const before = written;
    watch.look(NOW, NOW - 300_000);
    return written - before;
  };
  return { writer, watch, look };
}

const line = (secondsAgo: number, text: string) =>
  `${formatLabel({ unixSeconds: NOW / 1000 - secondsAgo, nanoseconds: 0 })} ${text}\n`;

test("what is written is counted once, across rotations", () => {
  const { writer, look } = watched();
  expect(look()).toBe(0);
  writer.write("a".repeat(100));
  expect(look()).toBe(100);
  writer.write("b".repeat(10));
  for (let rotation = 0; rotation < 3; rotation++) {
    writer.rotate();
    writer.write("c".repeat(5));
  }
  expect(look()).toBe(25);
  expect(look()).toBe(0);
});

test("what a processor makes of it is not written again", () => {
  const { writer, look } = watched((content) => `${content}${content}`);
  writer.write("a".repeat(100));
  look();
  writer.rotate();
  writer.write("b".repeat(7));
  expect(look()).toBe(7);
});

test("files that were written and deleted between two looks do not hide those that are there", () => {
  const { writer, look } = watched();
  writer.keep = 3;
  look();
  for (let rotation = 0; rotation < 9; rotation++) {
    writer.write("a".repeat(100));
    writer.rotate();
  }
  expect(look()).toBe(200);
});

test("the first look takes the past from the labels of lines, and finds the last trouble before that", () => {
  const { writer, watch, look } = watched();
  const lines = [line(400, "x: warning: old"), line(200, "one"), line(1, "two")];
  writer.write(lines.join(""));
  expect(look()).toBe(lines[1]!.length + lines[2]!.length);
  expect(watch.trouble?.text).toBe("x: warning: old");
  writer.write(line(0, "logship: fatal: new") + line(0, "and more"));
  look();
  expect(watch.trouble?.text).toBe("logship: fatal: new");
});

test("a log that is not there yet is waited for", () => {
  const directory = temporaryDirectory("log");
  const watch = new LogWatch(`${directory}/log`, () => {});
  expect(watch.look(NOW, 0)).toBe(false);
});
