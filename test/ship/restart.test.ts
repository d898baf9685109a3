import { expect, test } from "bun:test";
import { copyFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { placeOf } from "../../src/follow/content.ts";
import { digestOf, type Place } from "../../src/follow/cursor.ts";
import { FileFollower } from "../../src/follow/file-follower.ts";
import type { LeftFile } from "../../src/follow/left-files.ts";
import type { LogFile } from "../../src/follow/log-files.ts";
import { rememberedFile } from "../../src/ship/generation.ts";
import { findRest, prove } from "../../src/ship/packed-copies.ts";
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

/** What a start finds of remembered files, and of files that are new. */
function restart(path: string, generations: readonly GenerationState[], left?: readonly LeftFile[]) {
  const files = generations.map(rememberedFile);
  const isWanted = (_: LogFile, index: number) => {
    const { isEnded, sizeBytes, place } = generations[index]!;
    return !isEnded || sizeBytes < 0 || sizeBytes > place.offset;
  };
  const followed = files[generations.findLastIndex(({ isEnded }) => !isEnded)];
  const follower = new FileFollower(path, { files, followed, wanted: files.filter(isWanted), left });
  const read: LogFile[] = [];
  const lost: LogFile[] = [];
  follower.look({
    readsPacked: true,
    read: (file) => {
      if (!read.includes(file)) read.push(file);
      file.holders++;
    },
    end: () => {},
    lose: (file) => lost.push(file),
  });
  return { files, follower, read, lost, paths: read.map((file) => file.path) };
}

test("the copy of an emptied log is found though it has the inode number of an older file that was deleted", () => {
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
  const { files, lost } = restart(path, generations);
  expect(lost).toEqual([]);
  expect(files[1]).toMatchObject({ path: copy, cursor: { offset: 4 } });
});

test("a log that was empty is not taken for one that has its inode number now, so that no file in between is passed over", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(`${path}.2`, "one\n");
  writeFileSync(`${path}.1`, "written while nobody looked\n");
  writeFileSync(path, "three\n");
  const generations = [
    generation("20170112T143656000-00000000", path, placeAt(`${path}.2`, "one\n"), true),
    generation("20170112T143657000-00000000", path, placeAt(path, ""), false),
  ];
  expect(restart(path, generations).paths).toEqual([`${path}.1`, path]);
  expect(restart(path, generations, []).paths).toEqual([`${path}.1`, path]);
});

test("a log that was empty and is all that is remembered is found again", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(path, "");
  const generations = [generation("20170112T143656000-00000000", path, placeAt(path, ""), false)];
  writeFileSync(path, "one\n");
  const { read } = restart(path, generations);
  expect(read).toMatchObject([{ path, cursor: { offset: 0 } }]);
});

test("a file that was empty when it was rotated away, and has grown since, is read on", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(`${path}.1`, "");
  writeFileSync(path, "two\n");
  const generations = [
    generation("20170112T143656000-00000000", path, placeAt(`${path}.1`, ""), true),
    generation("20170112T143657000-00000000", path, placeAt(path, "two\n"), false),
  ];
  writeFileSync(`${path}.1`, "one\n");
  expect(restart(path, generations).files[0]).toMatchObject({
    path: `${path}.1`,
    cursor: { offset: 0 },
    size: 4,
  });
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
  const { files, follower, lost } = restart(path, [{ ...met, isEnded: false }]);
  expect(lost).toEqual(files);
  expect(await findRest(files[0]!, follower)).toMatchObject({ size: 4 });
  expect(placeOf(files[0]!).head).toEqual(known.head);
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
      { ...generation("20170112T143656000-00000000", path, emptied, false), sizeBytes },
      {
        ...generation("20170112T143657000-00000000", `${path}.1.gz`, twin, true),
        isGzip: true,
        sizeBytes: -1,
      },
    ];
    const { files, follower, lost } = restart(path, generations);
    expect(lost).toContain(files[0]!);
    await findRest(files[0]!, follower);
    expect(files[0]).toMatchObject({ path: `${path}.1.gz`, cursor: { offset: 4 }, size: 8 });
  },
);

test("a compressed file is proven to be the copy of a file that it holds, by all of what was seen of that", async () => {
  const path = join(temporaryDirectory("log"), "access.log");
  const header = "#Fields: date time cs-method cs-uri-stem sc-status\n".repeat(40);
  writeFileSync(path, `${header}one\n`);
  const place = placeOfAll(placeAt(path, `${header}one\n`), `${header}one\n`);
  const known = generation("20170112T143656000-00000000", path, place, true);
  const packed = (content: string) => {
    writeFileSync(`${path}.1.gz`, gzipSync(content));
    return restart(path, [], []).follower.openPacked(rememberedFile(known))[0]!;
  };
  const files = [rememberedFile(known)];
  expect((await prove(packed(`${header}one\n`), files)).original).toBe(files[0]);
  expect((await prove(packed(`${header}two\n`), files)).original).toBeUndefined();
});

function placeOfAll(place: Place, content: string): Place {
  const bytes = Buffer.from(content);
  return { ...place, head: digestOf(bytes.subarray(0, 1024)), tail: digestOf(bytes.subarray(-1024)) };
}
