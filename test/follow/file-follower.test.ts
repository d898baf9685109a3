import { expect, test } from "bun:test";
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FileFollower } from "../../src/follow/file-follower.ts";
import { type OpenFile, sizeOf, startAt } from "../../src/follow/log-files.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

test("files that were the log between two looks are handed over with their beginning, by which they are known again", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(path, "one\n");
  const follower = new FileFollower(path, undefined);
  const seen = new Set<string>();
  const reader = {
    readsGzip: true,
    read: (file: OpenFile) => void seen.add(file.head.toString()),
    end: () => {},
  };
  follower.look({ ...reader, read: (file) => startAt(file, 4) });
  renameSync(path, `${path}.3`);
  writeFileSync(`${path}.2.gz`, gzipSync("two\n"));
  writeFileSync(`${path}.1`, "three\n");
  writeFileSync(path, "four\n");
  follower.look(reader);
  expect([...seen]).toEqual(["one\n", "two\n", "three\n", "four\n"]);
});

test("of a log that is being copied to be emptied for a second time, nothing is handed over twice", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(path, "one\n");
  const follower = new FileFollower(path, undefined);
  const seen = new Map<OpenFile, string>();
  const reader = {
    read: (file: OpenFile) => {
      seen.set(file, readFileSync(file.fd, "utf8") || seen.get(file) || "");
      startAt(file, sizeOf(file));
    },
    end: () => {},
  };
  follower.look(reader);
  copyFileSync(path, `${path}.2`);
  writeFileSync(path, "two\n");
  copyFileSync(path, `${path}.1`);
  follower.look(reader);
  writeFileSync(path, "three\n");
  follower.look(reader);
  expect([...seen.values()]).toEqual(["one\n", "two\n", "three\n"]);
});
