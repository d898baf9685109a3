import { expect, test } from "bun:test";
import { copyFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { digestOf, type Place, placeOf } from "../../src/follow/place.ts";
import { resumeFiles } from "../../src/ship/resume-file.ts";
import type { GenerationState } from "../../src/ship/state.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** A place behind `content` in the file that is now at a path, whatever that holds. */
function placeAt(path: string, content: string): Place {
  const { dev: device, ino: inode } = statSync(path);
  const all = digestOf(Buffer.from(content));
  return { device, inode, offset: content.length, head: all, tail: all };
}

function generation(id: string, path: string, place: Place, isEnded: boolean): GenerationState {
  const { offset } = place;
  const rest = { start: 0, previous: undefined, lostBytes: 0, modifiedMs: 0, isGzip: false, intentions: [] };
  return { ...rest, id, path, place, sizeBytes: isEnded ? offset : offset + 4, isEnded };
}

test("the copy of an emptied log is found though it has the inode number of an older file that was deleted", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  const copy = `${path}.1`;
  writeFileSync(path, "one\ntwo\n");
  const emptied = placeAt(path, "one\n");
  copyFileSync(path, copy);
  truncateSync(path);
  const generations = [
    generation("20170112T143656000-00000000", copy, placeAt(copy, "before\n"), true),
    generation("20170112T143657000-00000000", path, emptied, false),
  ];
  const { files, gone } = await resumeFiles(path, generations);
  expect(gone).toEqual([]);
  expect(files.get("20170112T143657000-00000000")).toMatchObject({ path: copy, offset: 4 });
});

test("a log that was empty is not taken for one that has its inode number now, so that no file in between is passed over", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(`${path}.2`, "one\n");
  writeFileSync(`${path}.1`, "written while nobody looked\n");
  writeFileSync(path, "three\n");
  const generations = [
    generation("20170112T143656000-00000000", path, placeAt(`${path}.2`, "one\n"), true),
    generation("20170112T143657000-00000000", path, placeAt(path, ""), false),
  ];
  const { files } = await resumeFiles(path, generations);
  expect([...files.values()].map((file) => file.path)).toEqual([`${path}.2`]);
});

test("a log that was empty and is all that is remembered is found again", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(path, "");
  const generations = [generation("20170112T143656000-00000000", path, placeAt(path, ""), false)];
  writeFileSync(path, "one\n");
  const { files } = await resumeFiles(path, generations);
  expect([...files.values()]).toMatchObject([{ path, offset: 0 }]);
});

test("a file that was empty when it was rotated away, and has grown since, is read on", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(`${path}.1`, "");
  writeFileSync(path, "two\n");
  const generations = [
    generation("20170112T143656000-00000000", path, placeAt(`${path}.1`, ""), true),
    generation("20170112T143657000-00000000", path, placeAt(path, "two\n"), false),
  ];
  writeFileSync(`${path}.1`, "one\n");
  const { files } = await resumeFiles(path, generations);
  expect(files.get("20170112T143656000-00000000")).toMatchObject({ path: `${path}.1`, offset: 0, size: 4 });
});

test("a compressed file of which nothing was shipped yet is known again the next time", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  const packed = `${path}.1.gz`;
  writeFileSync(packed, gzipSync("one\n"));
  const known = { ...placeAt(packed, ""), head: digestOf(Buffer.from("one\n")) };
  const met = {
    ...generation("20170112T143656000-00000000", packed, known, true),
    isGzip: true,
    sizeBytes: -1,
  };
  const { files } = await resumeFiles(path, [{ ...met, isEnded: false }]);
  expect(placeOf(files.get(met.id)!).head).toEqual(known.head);
});

test.each([
  ["had more to ship", 8],
  ["was done with", 4],
])(
  "a compressed copy that was met as a file of its own is still found as the copy: of a log that %s",
  async (_, sizeBytes) => {
    const path = join(temporaryDirectory("log"), "access.log");
    writeFileSync(path, "one\ntwo\n");
    const emptied = placeAt(path, "one\n");
    writeFileSync(`${path}.1.gz`, gzipSync("one\ntwo\n"));
    truncateSync(path);
    const twin = { ...placeAt(`${path}.1.gz`, ""), head: digestOf(Buffer.from("one\ntwo\n")) };
    const generations = [
      { ...generation("20170112T143656000-00000000", path, emptied, true), sizeBytes },
      {
        ...generation("20170112T143657000-00000000", `${path}.1.gz`, twin, true),
        isGzip: true,
        sizeBytes: -1,
      },
      generation("20170112T143658000-00000000", path, placeAt(path, ""), false),
    ];
    const { files, gone } = await resumeFiles(path, generations);
    expect(gone).toEqual([]);
    expect([...files.keys()]).toEqual(["20170112T143656000-00000000"]);
    expect(files.get("20170112T143656000-00000000")).toMatchObject({
      path: `${path}.1.gz`,
      offset: 4,
      size: 8,
    });
  },
);
