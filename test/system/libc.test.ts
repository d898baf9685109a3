import { afterAll, expect, test } from "bun:test";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { enterDirectory, lockFile, pollOf, timeOfDay } from "../../src/system/libc.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const directory = temporaryDirectory();
const start = openSync(".", "r");
afterAll(() => enterDirectory(start));

test("timeOfDay() is the time of day, also in code that was compiled meanwhile", () => {
  let previous = 0;
  const wrong: number[][] = [];
  const check = () => {
    const before = Date.now();
    const { seconds, microseconds } = timeOfDay();
    const now = seconds * 1000 + microseconds / 1000;
    const after = Date.now();
    // However long the machine was busy with others in between.
    if (now < previous || now < before - 1 || now > after + 2) wrong.push([before, now, after]);
    previous = now;
  };
  for (let round = 0; round < 1_000_000; round++) check();
  expect(wrong).toEqual([]);
});

test("pollOf() tells which descriptors are ready, also in code that was compiled meanwhile", () => {
  const path = join(directory, "fifo");
  Bun.spawnSync(["mkfifo", path]);
  const fifo = openSync(path, "r+");
  const zero = openSync("/dev/zero", "r");
  const poll = pollOf([zero, fifo]);
  const byte = Buffer.alloc(1);
  const wrong: number[] = [];
  for (let round = 0; round < 300_000; round++) {
    if (round % 10_000 === 0) Bun.gc(true);
    const isWritten = round % 100 === 99;
    if (isWritten) writeSync(fifo, "x");
    if (poll(-1) !== (isWritten ? 3 : 1)) wrong.push(round);
    if (isWritten) readSync(fifo, byte);
  }
  expect(wrong).toEqual([]);
  expect(pollOf([fifo])(1)).toBe(0);
  closeSync(fifo);
  closeSync(zero);
});

test("lockFile() lets only one open file have the lock, and says why not", () => {
  const path = join(directory, "lock");
  const first = openSync(path, "a");
  const second = openSync(path, "a");
  lockFile(first);
  expect(() => lockFile(second)).toThrow(expect.objectContaining({ code: "EAGAIN" }));
  closeSync(first);
  lockFile(second);
  closeSync(second);
});

test("enterDirectory() follows a directory, and refuses what is none", () => {
  const fd = openSync(directory, "r");
  enterDirectory(fd);
  expect(process.cwd()).toBe(directory);
  const file = openSync("file", "a");
  expect(() => enterDirectory(file)).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  enterDirectory(start);
  closeSync(fd);
  closeSync(file);
});
