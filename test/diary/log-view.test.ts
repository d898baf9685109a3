import { describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LogView } from "../../src/diary/log-view.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { LogWriter } from "./log-writer.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function view(directory: string): LogView {
  return new LogView({ kind: "directory", path: directory });
}

function startedWriter(): LogWriter {
  const writer = new LogWriter(temporaryDirectory("log"));
  writer.start();
  return writer;
}

describe("LogView", () => {
  test("goes back through current, previous and finished files", () => {
    const writer = startedWriter();
    writer.write("one\n");
    writer.rotate();
    writer.write("two\nthree\n");
    writer.steps()[0]!();
    writer.steps()[1]!();
    writer.write("four\n");
    const lines = [...view(writer.directory).backwards()].map(({ bytes }) => text(bytes));
    expect(lines).toEqual(["four", "three", "two", "one"]);
  });

  test("shows a file only once that is previous and has its finished name already", () => {
    const writer = startedWriter();
    writer.write("one\n");
    for (const step of writer.steps().slice(0, 4)) step();
    expect(readdirSync(writer.directory)).toContain("previous");
    expect([...view(writer.directory).backwards()].length).toBe(1);
    expect([...view(writer.directory).forwards("")].length).toBe(1);
  });

  test("marks the line that has no newline yet", () => {
    const writer = startedWriter();
    writer.write("one\ntw");
    const lines = [...view(writer.directory).backwards()];
    expect(lines.map(({ bytes, isPartial }) => [text(bytes), isPartial])).toEqual([
      ["tw", true],
      ["one", false],
    ]);
  });

  test("keeps empty lines, carriage returns, NUL and bytes that are no UTF-8", () => {
    const writer = startedWriter();
    const content = Buffer.from("\n\r\n\0\n\xff\xfe\n\n", "latin1");
    appendFileSync(join(writer.directory, "current"), content);
    const lines = [...view(writer.directory).backwards()].map(({ bytes }) => Buffer.from(bytes));
    expect(lines.reverse().map((line) => line.toString("latin1"))).toEqual(["", "\r", "\0", "\xff\xfe", ""]);
  });

  test("reads lines longer than a block backwards and forwards", () => {
    const writer = startedWriter();
    const long = "x".repeat(300_000);
    writer.write(`a\n${long}\nb\n`);
    const back = [...view(writer.directory).backwards()].map(({ bytes }) => text(bytes));
    expect(back).toEqual(["b", long, "a"]);
    const forth = [...view(writer.directory).forwards("")].map(({ bytes }) => text(bytes));
    expect(forth).toEqual(["a", long, "b"]);
  });

  test("skips files that were finished before a label without opening them", () => {
    const writer = startedWriter();
    writer.write("old\n");
    writer.rotate();
    const since = writer.label();
    writer.write("new\n");
    writer.rotate();
    const lines = [...view(writer.directory).forwards(since)].map(({ bytes }) => text(bytes));
    expect(lines).toEqual(["new"]);
  });

  test("reads the same lines backwards and forwards, and follows on without a gap", () => {
    const random = seededRandom("log view");
    for (let round = 0; round < 60; round++) {
      const writer = startedWriter();
      const expected: string[] = [];
      for (let step = 0; step < 30; step++) act(writer, random, expected);
      const forth = [...view(writer.directory).forwards("")].map(({ bytes }) => text(bytes));
      const back = [...view(writer.directory).backwards()].map(({ bytes }) => text(bytes));
      const now = view(writer.directory);
      expect(forth).toEqual(expected);
      expect(back.reverse()).toEqual(expected);
      const followed: string[] = [];
      const follower = now.follow(undefined, () => {});
      for (let step = 0; step < 20; step++) {
        act(writer, random, expected);
        if (random() < 0.3) follower.look((line) => followed.push(text(line)));
      }
      follower.look((line) => followed.push(text(line)));
      expect([...forth, ...followed]).toEqual(expected);
    }
  });

  test("hands the beginning of a line over to the follower", () => {
    const writer = startedWriter();
    writer.write("whole\nbegin");
    const now = view(writer.directory);
    const [partial] = now.backwards();
    const lines: string[] = [];
    const follower = now.follow(partial!.bytes, () => {});
    writer.write("ning\n");
    follower.look((line) => lines.push(text(line)));
    expect(lines).toEqual(["beginning"]);
  });
});

function act(writer: LogWriter, random: () => number, expected: string[]): void {
  const line = `line ${expected.length} ${"x".repeat(Math.floor(random() * 30))}`;
  const choice = random();
  if (choice < 0.7) writer.write(`${line}\n`);
  else if (choice < 0.8) {
    writer.write(line.slice(0, 4));
    writer.rotate();
    writer.write(`${line.slice(4)}\n`);
  } else if (choice < 0.85) {
    writer.write(line);
    writer.start();
  } else writer.rotate();
  if (choice < 0.85) expected.push(line);
}

test("a file that is no log directory is read as it is", () => {
  const file = join(temporaryDirectory("file"), "access.log");
  appendFileSync(file, "one\ntwo\n");
  const lines = [...new LogView({ kind: "file", path: file }).backwards()].map(({ bytes }) => text(bytes));
  expect(lines).toEqual(["two", "one"]);
  expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
});
