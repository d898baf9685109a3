import { afterAll, expect, test } from "bun:test";
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyRange } from "../../src/system/copy-range.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const directory = temporaryDirectory("copy-range");
const content = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7) & 0xff));
const path = join(directory, "source");
writeFileSync(path, content);
const fd = openSync(path, "r");
let reads = 0;
const source = {
  fd,
  readAt(target: Uint8Array, position: number) {
    reads++;
    return readSync(fd, target, 0, target.length, position);
  },
};
afterAll(() => closeSync(fd));

/** What a copy makes of a file that is opened in this way. */
function copied(flags: number, start: number, byteCount: number) {
  const target = join(directory, "target");
  writeFileSync(target, "");
  const to = openSync(target, flags);
  reads = 0;
  try {
    const count = copyRange(source, start, to, byteCount);
    return { count, content: readFileSync(target) };
  } finally {
    closeSync(to);
  }
}

test.each([
  [0, 700_000],
  [1, 1],
  [12_345, 600_000],
  [700_000, 10],
])("copies from %i on %i bytes without reading them", (start, byteCount) => {
  const { count, content: found } = copied(constants.O_RDWR, start, byteCount);
  expect(found.equals(content.subarray(start, start + byteCount))).toBe(true);
  expect(count).toBe(found.length);
  expect(reads).toBe(0);
});

test("copies up to the end of what is shorter", () => {
  const { count, content: found } = copied(constants.O_RDWR, 650_000, 700_000);
  expect(count).toBe(50_000);
  expect(found.equals(content.subarray(650_000))).toBe(true);
});

test("reads and writes where the kernel does not copy: into a file that is only appended to", () => {
  const { count, content: found } = copied(constants.O_WRONLY | constants.O_APPEND, 100, 699_000);
  expect(count).toBe(699_000);
  expect(found.equals(content.subarray(100, 699_100))).toBe(true);
  expect(reads).toBeGreaterThan(0);
});

test("what cannot be written fails with the error of the write", () => {
  const to = openSync("/dev/full", "w");
  try {
    expect(() => copyRange(source, 0, to, 1000)).toThrow(expect.objectContaining({ code: "ENOSPC" }));
  } finally {
    closeSync(to);
  }
});

test("what cannot be read fails with the error of the read", () => {
  const folder = openSync(directory, "r");
  const to = openSync(join(directory, "target"), "w");
  const broken = {
    fd: folder,
    readAt: (target: Uint8Array, position: number) => readSync(folder, target, 0, target.length, position),
  };
  try {
    expect(() => copyRange(broken, 0, to, 1000)).toThrow(expect.objectContaining({ code: "EISDIR" }));
  } finally {
    closeSync(folder);
    closeSync(to);
  }
});
