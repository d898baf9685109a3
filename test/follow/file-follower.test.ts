import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { FileFollower } from "../../src/follow/file-follower.ts";
import { bytesAt, type OpenFile, sizeOf, startAt } from "../../src/follow/log-files.ts";
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

describe("a log that was empty at the last look", () => {
  const follow = () => {
    const path = join(temporaryDirectory("log"), "access.log");
    writeFileSync(path, "");
    utimesSync(path, 1000, 1000);
    const follower = new FileFollower(path, undefined);
    let text = "";
    const look = () => {
      const read = (file: OpenFile) => {
        text += file.isGzip ? gunzipSync(readFileSync(file.path)) : bytesAt(file, file.offset, 1000);
        startAt(file, sizeOf(file));
      };
      follower.look({ readsGzip: true, read, end: () => {} });
      return text;
    };
    look();
    return { path, look };
  };

  test.each(["", "two\n"])(
    "has what it held until it was copied and emptied handed over: then it held %j",
    (now) => {
      const { path, look } = follow();
      writeFileSync(path, "one\n");
      copyFileSync(path, `${path}.1`);
      writeFileSync(path, now);
      expect(look()).toBe(`one\n${now}`);
      appendFileSync(path, "more\n");
      expect(look()).toBe(`one\n${now}more\n`);
    },
  );

  test("has both that it held handed over when it was emptied twice", () => {
    const { path, look } = follow();
    writeFileSync(path, "one\n");
    copyFileSync(path, `${path}.2`);
    writeFileSync(path, "two\n");
    writeFileSync(`${path}.1.gz`, gzipSync("two\n"));
    truncateSync(path);
    expect(look()).toBe("one\ntwo\n");
  });

  test("is read once when a copy of it was made beside it", () => {
    const { path, look } = follow();
    writeFileSync(path, "one\n");
    copyFileSync(path, `${path}.1`);
    expect(look()).toBe("one\n");
    appendFileSync(path, "two\n");
    expect(look()).toBe("one\ntwo\n");
  });

  test("does not have the file before it handed over again when that was compressed meanwhile", () => {
    const { path, look } = follow();
    writeFileSync(path, "one\n");
    look();
    renameSync(path, `${path}.1`);
    writeFileSync(path, "");
    utimesSync(path, 1000, 1000);
    expect(look()).toBe("one\n");
    renameSync(`${path}.1`, `${path}.0`);
    writeFileSync(`${path}.1.gz`, gzipSync("one\n"));
    renameSync(`${path}.0`, `${path}.away`);
    writeFileSync(path, "two\n");
    expect(look()).toBe("one\ntwo\n");
  });
});
