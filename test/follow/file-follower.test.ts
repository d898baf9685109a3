import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { bytesAt, readRest, startAt } from "../../src/follow/content.ts";
import { FileFollower } from "../../src/follow/file-follower.ts";
import { type LogFile, sizeOf } from "../../src/follow/log-files.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

test("files that were the log between two looks are handed over with their beginning, by which they are known again", () => {
  const path = join(temporaryDirectory("log"), "access.log");
  writeFileSync(path, "one\n");
  const follower = new FileFollower(path);
  const seen = new Set<string>();
  const reader = {
    readsPacked: true,
    read: (file: LogFile) => void seen.add(file.cursor.head.content!.toString()),
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
  const follower = new FileFollower(path);
  const seen = new Map<LogFile, string>();
  const reader = {
    read: (file: LogFile) => {
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
  /** @param before What older files hold, by what their names have behind the log's. */
  const follow = (before: Record<string, string> = {}) => {
    const path = join(temporaryDirectory("log"), "access.log");
    for (const [suffix, content] of Object.entries(before)) writeFileSync(path + suffix, content);
    writeFileSync(path, "");
    utimesSync(path, 1000, 1000);
    const follower = new FileFollower(path);
    let text = "";
    const look = () => {
      const read = (file: LogFile) => {
        text += file.packing ? gunzipSync(readFileSync(file.path)) : bytesAt(file, file.cursor.offset, 1000);
        startAt(file, sizeOf(file));
      };
      follower.look({ readsPacked: true, read, end: () => {} });
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

  test("has what it held handed over whatever else is beside it", () => {
    const { path, look } = follow({ ".old": "of long ago\n" });
    writeFileSync(path.replace(".log", "-8080.log"), "another log\n");
    look();
    writeFileSync(path, "one\n");
    copyFileSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, ""); // rotated once more, though it was empty
    appendFileSync(path.replace(".log", "-8080.log"), "goes on\n");
    writeFileSync(path, "two\n");
    expect(look()).toBe("one\ntwo\n");
  });

  test("has only that handed over that was not there before", () => {
    const { path, look } = follow({ ".1": "before\n" });
    renameSync(`${path}.1`, `${path}.gone`);
    writeFileSync(`${path}.2.gz`, gzipSync("before\n"));
    writeFileSync(path, "one\n");
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, "two\n");
    expect(look()).toBe("one\ntwo\n");
  });

  test.each<[how: string, change: (older: string) => void]>([
    ["is written to", (older) => appendFileSync(older, "late\n")],
    ["is compressed", (older) => [writeFileSync(`${older}.gz`, gzipSync("old\n")), unlinkSync(older)]],
    ["is copied", (older) => copyFileSync(older, older.replace(/1$/, "2"))],
  ])("has no older file handed over that %s meanwhile", (_, change) => {
    const { path, look } = follow({ ".1": "old\n" });
    change(`${path}.1`);
    writeFileSync(path, "new\n");
    expect(look()).toBe("new\n");
  });

  test("has the file handed over once that was empty too, was written to late and then compressed", () => {
    const { path, look } = follow();
    renameSync(path, `${path}.1`);
    writeFileSync(path, "");
    look();
    writeFileSync(`${path}.1`, "late\n");
    look();
    writeFileSync(`${path}.1.gz`, gzipSync("late\n"));
    unlinkSync(`${path}.1`);
    writeFileSync(path, "new\n");
    expect(look()).toBe("late\nnew\n");
  });
});

/** A follower whose reader keeps all that it is handed, and has something happen after some of its calls. */
function reading(path: string, happens: Record<number, () => void> = {}) {
  const follower = new FileFollower(path);
  let calls = 0;
  let text = "";
  const reader = {
    read: (file: LogFile) => {
      readRest(file, Buffer.alloc(1000), (bytes) => {
        text += bytes;
      });
      happens[++calls]?.();
    },
    end: () => {},
  };
  return {
    look: () => {
      follower.look(reader);
      return text;
    },
  };
}

describe("a log that is copied and emptied while it is looked at, and the copy has the time of the log,", () => {
  const copyTruncate = (path: string, number: number, next: string) => {
    const { atimeMs, mtimeMs } = statSync(path);
    copyFileSync(path, `${path}.${number}`);
    utimesSync(`${path}.${number}`, atimeMs / 1000, mtimeMs / 1000);
    truncateSync(path);
    appendFileSync(path, next);
  };

  /** What two looks hand over, sorted, with so many rotations after some call of the reader and between the looks. */
  const rotatedAt = (call: number, times: number) => {
    const path = join(temporaryDirectory("log"), "access.log");
    writeFileSync(path, "one\n");
    const written = ["one"];
    let number = 9;
    const rotate = () => {
      for (let time = 0; time < times; time++) {
        written.push(`${number}, a line`);
        copyTruncate(path, number--, `${written.at(-1)}\n`);
      }
    };
    const { look } = reading(path, { [call]: rotate });
    look();
    rotate();
    for (let later = 0; later < 5; later++) look();
    const text = look().trimEnd().split("\n").sort();
    return { written: written.sort(), text };
  };

  test.each([1, 2, 3])("has all of it handed over once: %d times", (times) => {
    const wrong = [1, 2, 3, 4, 5, 6].filter((call) => {
      const { written, text } = rotatedAt(call, times);
      return text.join() !== written.join();
    });
    expect(wrong).toEqual([]);
  });
});
