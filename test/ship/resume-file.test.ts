import { expect, test } from "bun:test";
import { copyFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, type Place } from "../../src/follow/place.ts";
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
