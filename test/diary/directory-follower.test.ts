import { describe, expect, test } from "bun:test";
import { LineFollower } from "../../src/diary/line-follower.ts";
import { DirectoryFollower } from "../../src/follow/directory-follower.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { LogWriter } from "./log-writer.ts";

function follow(directory: string) {
  const lines: string[] = [];
  let losses = 0;
  const files = new DirectoryFollower(directory, undefined, () => losses++);
  const follower = new LineFollower(files, undefined);
  return {
    lines,
    look: () => follower.look((line) => lines.push(Buffer.from(line).toString())),
    losses: () => losses,
  };
}

function startedWriter() {
  const writer = new LogWriter(temporaryDirectory("log"));
  writer.start();
  writer.write("from before\n");
  writer.rotate();
  return { writer, tail: follow(writer.directory) };
}

describe("DirectoryFollower", () => {
  test("shows a line when its newline has come", () => {
    const { writer, tail } = startedWriter();
    writer.write("one\ntw");
    tail.look();
    expect(tail.lines).toEqual(["one"]);
    writer.write("o\n");
    tail.look();
    expect(tail.lines).toEqual(["one", "two"]);
  });

  test("keeps every line when three rotations lie between two looks", () => {
    const { writer, tail } = startedWriter();
    for (const line of ["one", "two", "three", "four"]) {
      writer.write(`${line}\n`);
      if (line === "one") tail.look();
      if (line !== "four") writer.rotate();
    }
    tail.look();
    expect(tail.lines).toEqual(["one", "two", "three", "four"]);
    expect(tail.losses()).toBe(0);
  });

  test("reads what was added between its last look and the rotation", () => {
    const { writer, tail } = startedWriter();
    tail.look();
    writer.write("late\n");
    writer.rotate();
    tail.look();
    expect(tail.lines).toEqual(["late"]);
  });

  test("joins a line that a rotation has cut", () => {
    const { writer, tail } = startedWriter();
    writer.write("first ha");
    tail.look();
    writer.rotate();
    tail.look();
    writer.write("lf\n");
    tail.look();
    expect(tail.lines).toEqual(["first half"]);
  });

  test("ends a line that a crash has cut", () => {
    const { writer, tail } = startedWriter();
    writer.write("lost ha");
    tail.look();
    writer.start();
    writer.write("next\n");
    tail.look();
    expect(tail.lines).toEqual(["lost ha", "next"]);
  });

  test("ends a cut line where the next file begins with a label", () => {
    const { writer, tail } = startedWriter();
    const labels = [writer.label(), writer.label()];
    writer.write(`${labels[0]} cut`);
    tail.look();
    writer.rotate();
    writer.write(`${labels[1]} whole\n`);
    tail.look();
    expect(tail.lines).toEqual([`${labels[0]} cut`, `${labels[1]} whole`]);
  });

  test("says so when files were deleted before they were read", () => {
    const { writer, tail } = startedWriter();
    writer.keep = 2;
    for (const line of ["one", "two", "three", "four"]) {
      writer.write(`${line}\n`);
      if (line === "one") tail.look();
      if (line !== "four") writer.rotate();
    }
    tail.look();
    expect(tail.lines).toEqual(["one", "three", "four"]);
    expect(tail.losses()).toBe(1);
  });

  test("goes on in a directory that was deleted and made again", () => {
    const { writer, tail } = startedWriter();
    writer.write("old\n");
    tail.look();
    Bun.spawnSync(["rm", "-rf", writer.directory]);
    tail.look();
    Bun.spawnSync(["mkdir", writer.directory]);
    writer.start();
    writer.write("new\n");
    tail.look();
    expect(tail.lines).toEqual(["old", "new"]);
  });

  for (const processor of [undefined, (content: string) => content]) {
    const kind = processor ? "with a processor" : "without a processor";
    test(`keeps every line once and in order ${kind}, whenever it looks`, () => {
      const random = seededRandom(`follower ${kind}`);
      for (let round = 0; round < 60; round++) randomHistory(random, processor);
    });
  }
});

/** Writes, rotates and crashes at random, looking between any two file calls, and compares at the end. */
function randomHistory(random: () => number, processor: LogWriter["processor"]): void {
  const { writer, tail } = startedWriter();
  writer.processor = processor;
  const expected: string[] = [];
  const history: string[] = [];
  const lookRarely = random() < 0.5;
  const maybeLook = () => {
    if (random() < (lookRarely ? 0.05 : 0.6)) {
      history.push("look");
      tail.look();
    }
  };
  /** Runs the calls of a rotation up to one at which it crashes, if it does. */
  const rotate = (crashes: boolean) => {
    const steps = writer.steps();
    const count = crashes ? 1 + Math.floor(random() * (steps.length - 1)) : steps.length;
    history.push(`rotate ${count}/${steps.length}`);
    for (const step of steps.slice(0, count)) {
      step();
      maybeLook();
    }
    if (crashes) writer.start();
  };
  for (let step = 0; step < 40; step++) {
    const line = `line ${expected.length}`;
    const choice = random();
    history.push(choice.toFixed(2));
    if (choice < 0.5) {
      writer.write(`${line}\n`);
      expected.push(line);
    } else if (choice < 0.6) {
      writer.write(line.slice(0, 3));
      maybeLook();
      rotate(false);
      writer.write(`${line.slice(3)}\n`);
      expected.push(line);
    } else if (choice < 0.66) {
      writer.write(line);
      maybeLook();
      writer.start();
      expected.push(line);
    } else if (choice < 0.72) rotate(true);
    else rotate(false);
    maybeLook();
  }
  tail.look();
  tail.look();
  expect({ lines: tail.lines, history }).toEqual({ lines: expected, history });
  expect(tail.losses()).toBe(0);
}
