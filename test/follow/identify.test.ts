/** Which file is which, from what is remembered and what is there: each rule alone, on files that are listed by hand. */
import { describe, expect, test } from "bun:test";
import { appendFileSync, copyFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Candidate } from "../../src/follow/candidate.ts";
import { startAt } from "../../src/follow/content.ts";
import { UNREAD } from "../../src/follow/cursor.ts";
import { identify, type Remembered } from "../../src/follow/identify.ts";
import { type LeftFile, leave } from "../../src/follow/left-files.ts";
import { entryAt } from "../../src/follow/listing.ts";
import { close, isOpen, type LogFile, openIfThere } from "../../src/follow/log-files.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** More than is remembered of a beginning, and no two of them alike. */
const lines = (what: string, count = 100) =>
  Array.from({ length: count }, (_, index) => `${what}, line ${index}\n`).join("");

class Place {
  readonly #directory = temporaryDirectory("place");

  path(name: string): string {
    return join(this.#directory, name);
  }

  write(name: string, content: string | Buffer): void {
    writeFileSync(this.path(name), content);
  }

  /** As `write()`, with another inode number. */
  replace(name: string, content: string): void {
    this.write(`${name}.new`, content);
    renameSync(this.path(`${name}.new`), this.path(name));
  }

  /** A file as it is remembered while it is open, read up to an offset; by default up to its end. */
  open(name: string, offset = statSync(this.path(name)).size): LogFile {
    const file = openIfThere(this.path(name))!;
    startAt(file, offset);
    return file;
  }

  /** As `open()`, of a file that is closed. */
  closed(name: string, offset?: number): LogFile {
    const file = this.open(name, offset);
    close(file);
    return file;
  }

  candidate(name: string, more: { readonly isFar?: true } = {}): Candidate {
    const { isFar: _, ...entry } = entryAt(this.path(name))!;
    return new Candidate({ ...entry, ...more });
  }

  left(name: string, isOlder = false): LeftFile {
    const candidate = this.candidate(name);
    try {
      return leave(candidate, isOlder);
    } finally {
      candidate.close();
    }
  }

  /**
   * Identifies.
   *
   * @param names Of all files that are there, oldest first.
   * @param log The one of them that has the log's name.
   * @returns the names of what was found, by what is remembered, and of what is fresh and doubtful
   */
  identify(names: readonly string[], log: string | undefined, remembered: Partial<Remembered>) {
    const candidates = names.map((name) => this.candidate(name));
    return this.identifyAll(candidates, log, remembered);
  }

  identifyAll(candidates: readonly Candidate[], log: string | undefined, remembered: Partial<Remembered>) {
    const nameOf = ({ entry }: Candidate) => entry.path.slice(this.#directory.length + 1);
    const files = remembered.files ?? [];
    const found = identify(
      candidates,
      candidates.find((candidate) => nameOf(candidate) === log),
      { followed: files.at(-1), left: [], ...remembered, files },
    );
    const where = files.map((file) => {
      const candidate = found.found.get(file);
      return candidate && nameOf(candidate);
    });
    const told = { where, fresh: found.fresh.map(nameOf), doubtful: found.doubtful.map(nameOf) };
    for (const candidate of candidates) candidate.close();
    for (const file of files) if (isOpen(file)) close(file);
    return { ...told, left: found.left };
  }
}

describe("an open file", () => {
  test("is the one with its inode number, under whatever name", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const file = place.open("log", 50);
    renameSync(place.path("log"), place.path("log.1"));
    place.write("log", lines("second"));
    const { where, fresh } = place.identify(["log.1", "log"], "log", { files: [file] });
    expect([where, fresh]).toEqual([["log.1"], []]);
  });

  test("that was emptied and written anew is not what it was, but its copy is", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const file = place.open("log");
    copyFileSync(place.path("log"), place.path("log.1"));
    place.write("log", lines("second", 200));
    const { where } = place.identify(["log.1", "log"], "log", { files: [file] });
    expect(where).toEqual(["log.1"]);
  });

  test("is not the log that has its name now and begins with what was read, but holds less or something else behind that", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const where = (now: string) => {
      const file = place.open("log", 500);
      renameSync(place.path("log"), place.path("kept"));
      place.write("log", now);
      const found = place.identify(["log"], "log", { files: [file] }).where;
      renameSync(place.path("kept"), place.path("log"));
      return found;
    };
    expect([where(lines("first", 80)), where(lines("first", 110))]).toEqual([[undefined], ["log"]]);
  });

  test("of which nothing is known yet is the one with its inode number, whatever that holds now", () => {
    const place = new Place();
    place.write("log", "");
    const file = place.open("log");
    place.write("log", lines("first"));
    expect(place.identify(["log"], "log", { files: [file] }).where).toEqual(["log"]);
  });
});

describe("a closed file", () => {
  test("that has not changed is not looked into", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const file = place.closed("log");
    const candidate = place.candidate("log");
    unlinkSync(place.path("log")); // to look into it would be an error
    expect(place.identifyAll([candidate], "log", { files: [file] }).where).toEqual(["log"]);
  });

  test("that has grown is known by its inode number and by what it holds", () => {
    const place = new Place();
    place.write("log.1", "ok\n");
    const file = place.closed("log.1");
    appendFileSync(place.path("log.1"), "more\n");
    const { where, fresh } = place.identify(["log.1"], undefined, { files: [file] });
    expect([where, fresh]).toEqual([["log.1"], []]);
  });

  test("is not what has its inode number and holds something else", () => {
    const place = new Place();
    place.write("log.1", lines("first"));
    const file = place.closed("log.1");
    place.write("log.1", lines("another", 150));
    const { where, fresh } = place.identify(["log.1"], undefined, { files: [file] });
    expect([where, fresh]).toEqual([[undefined], ["log.1"]]);
  });

  test("is what holds the same under another name and inode number", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const file = place.closed("log", 500);
    place.write("restored", lines("first", 120));
    unlinkSync(place.path("log"));
    const { where, fresh } = place.identify(["restored"], undefined, { files: [file] });
    expect([where, fresh]).toEqual([["restored"], []]);
  });

  test("that was empty is the one with its inode number, but not if that is known to be another", () => {
    const place = new Place();
    place.write("log.1", "");
    const empty = place.closed("log.1");
    place.write("log.1", lines("late"));
    expect(place.identify(["log.1"], undefined, { files: [empty] }).where).toEqual(["log.1"]);
    const other = place.closed("log.1");
    expect(place.identify(["log.1"], undefined, { files: [empty, other] }).where).toEqual([
      undefined,
      "log.1",
    ]);
  });

  test("is found in the log before it is found in a copy of that", () => {
    const place = new Place();
    place.write("log", lines("first"));
    const file = place.closed("log", 500);
    for (const name of ["log.1", "new"]) copyFileSync(place.path("log"), place.path(name));
    renameSync(place.path("new"), place.path("log"));
    expect(place.identify(["log.1", "log"], "log", { files: [file] }).where).toEqual(["log"]);
  });

  test("that was the log is taken for the new log only if what both hold is nothing that two logs would begin with", () => {
    const place = new Place();
    const where = (content: string) => {
      place.write("log", content);
      const file = place.closed("log");
      place.replace("log", `${content}${lines("more", 5)}`);
      return place.identify(["log"], "log", { files: [file] }).where;
    };
    expect(where("start\n")).toEqual([undefined]);
    expect(where("----------------------------------------------------------------\n")).toEqual([undefined]);
    expect(where(lines("first", 5))).toEqual(["log"]);
  });

  test("of which more was seen than read is a log only if that holds all that was seen", () => {
    const place = new Place();
    const where = (now: string, isEndKnown = true) => {
      place.write("log", lines("first", 200));
      const file = place.closed("log", 0);
      if (isEndKnown) file.end = place.closed("log").cursor.tail;
      place.replace("log", now);
      return place.identify(["log"], "log", { files: [file] }).where;
    };
    const longer = lines("first", 210);
    const another = `${lines("first", 150)}${lines("another", 150)}`;
    expect([where(longer), where(another), where(longer, false)]).toEqual([
      ["log"],
      [undefined],
      [undefined],
    ]);
  });

  test("is remembered as an older one where it is now, unless it is the log", () => {
    const place = new Place();
    for (const name of ["log.1", "log"]) place.write(name, lines(name));
    const files = ["log.1", "log"].map((name) => place.closed(name));
    const { left } = place.identify(["log.1", "log"], "log", { files });
    expect(left).toEqual([place.left("log.1", true)]);
  });
});

describe("of files that begin alike", () => {
  test("the copy belongs to the one that was read furthest", () => {
    const place = new Place();
    place.write("a", lines("first", 50));
    place.write("b", lines("first", 100));
    const [short, long] = [place.closed("a"), place.closed("b")];
    place.write("log.1", lines("first", 110));
    for (const name of ["a", "b"]) unlinkSync(place.path(name));
    const { where } = place.identify(["log.1"], undefined, { files: [short, long], followed: undefined });
    expect(where).toEqual([undefined, "log.1"]);
  });

  test("the copy belongs to the log before it belongs to any other", () => {
    const place = new Place();
    place.write("a", lines("first", 50));
    place.write("b", lines("first", 100));
    const [log, older] = [place.closed("a"), place.closed("b")];
    place.write("log.1", lines("first", 110));
    for (const name of ["a", "b"]) unlinkSync(place.path(name));
    const { where } = place.identify(["log.1"], undefined, { files: [older, log], followed: log });
    expect(where).toEqual([undefined, "log.1"]);
  });
});

describe("what is beside a log", () => {
  test("and was left alone stays so, whether it has grown, was renamed or was copied", () => {
    const place = new Place();
    for (const name of ["same", "grown", "renamed", "copied"]) place.write(name, lines(name));
    const left = ["same", "grown", "renamed", "copied"].map((name) => place.left(name));
    appendFileSync(place.path("grown"), "more\n");
    renameSync(place.path("renamed"), place.path("renamed.1"));
    copyFileSync(place.path("copied"), place.path("copied.1"));
    const names = ["same", "grown", "renamed.1", "copied", "copied.1"];
    const result = place.identify(names, undefined, { left });
    expect([result.fresh, result.doubtful]).toEqual([[], []]);
    expect(result.left.map(({ hasGrown }) => hasGrown === true).filter(Boolean).length).toBe(1);
    expect(result.left.length).toBe(names.length);
  });

  test("and was left alone is not looked into as long as it has not changed", () => {
    const place = new Place();
    place.write("other", lines("other"));
    const left = [place.left("other")];
    const candidate = place.candidate("other");
    unlinkSync(place.path("other"));
    expect(place.identifyAll([candidate], undefined, { left }).left).toEqual(left);
  });

  test("and was left alone as another log is not taken for a file of this one, though it holds the same", () => {
    const place = new Place();
    place.write("log", lines("same"));
    const file = place.closed("log", 500);
    place.write("other", lines("same"));
    const left = [place.left("other")];
    unlinkSync(place.path("log"));
    expect(place.identify(["other"], undefined, { files: [file], left }).where).toEqual([undefined]);
    appendFileSync(place.path("other"), "more\n");
    expect(place.identify(["other"], undefined, { files: [file], left }).where).toEqual([undefined]);
  });

  test("and is older stays left alone where little tells: empty, or compressed and still written", () => {
    const place = new Place();
    place.write("empty", "");
    place.write("packed.gz", gzipSync(lines("packed", 500)).subarray(0, 1000));
    const left = ["empty", "packed.gz"].map((name) => place.left(name, true));
    place.write("packed.gz", gzipSync(lines("packed", 500)));
    const result = place.identify(["empty", "packed.gz"], undefined, { left });
    expect([result.fresh, result.left.length]).toEqual([[], 2]);
  });

  test("and was left alone is fresh when it holds something else", () => {
    const place = new Place();
    place.write("other", lines("before"));
    const left = [place.left("other")];
    place.write("other", lines("now"));
    expect(place.identify(["other"], undefined, { left }).fresh).toEqual(["other"]);
  });

  test("and was left alone is still that when it was compressed, and another one is not", () => {
    const place = new Place();
    place.write("other", lines("before"));
    const left = [place.left("other")];
    unlinkSync(place.path("other"));
    place.write("other.gz", gzipSync(lines("before")));
    place.write("longer.gz", gzipSync(lines("before", 120)));
    expect(place.identify(["other.gz", "longer.gz"], undefined, { left }).fresh).toEqual(["longer.gz"]);
  });

  test("is fresh if it is nobody's copy, in the order of the listing; an empty file too", () => {
    const place = new Place();
    place.write("log", lines("log"));
    const file = place.open("log");
    place.write("log.2", lines("two"));
    place.write("log.1", "");
    const { where, fresh } = place.identify(["log.2", "log.1", "log"], "log", { files: [file] });
    expect([where, fresh]).toEqual([["log"], ["log.2", "log.1"]]);
  });

  test("is a copy of the log if it holds the first 1024 bytes and more of it, and too short to tell if less", () => {
    const place = new Place();
    place.write("log", lines("log"));
    const file = place.open("log");
    place.write("long", lines("log").slice(0, 1024));
    place.write("short", lines("log").slice(0, 1023));
    const { fresh, doubtful } = place.identify(["long", "short", "log"], "log", { files: [file] });
    expect([fresh, doubtful]).toEqual([[], ["short"]]);
  });

  test("is a copy of a file that is open and has no name, however short", () => {
    const place = new Place();
    place.write("log", lines("log"));
    const file = place.open("log", 0);
    unlinkSync(place.path("log"));
    place.write("copy", lines("log").slice(0, 10));
    file.cursor = UNREAD; // what it held was not looked at, by which the copy would be found
    const { fresh, doubtful } = place.identify(["copy"], undefined, { files: [file] });
    expect([fresh, doubtful]).toEqual([[], []]);
  });

  test("is not fresh if only its inode number made it be looked at", () => {
    const place = new Place();
    place.write("any", lines("any"));
    const far = place.candidate("any", { isFar: true });
    expect(place.identifyAll([far], undefined, {}).fresh).toEqual([]);
  });

  test("and compressed is the copy of a file that was read to its end if it states the length of that", () => {
    const place = new Place();
    place.write("log.1", lines("first"));
    const done = place.closed("log.1");
    const inPart = place.closed("log.1", 50);
    unlinkSync(place.path("log.1"));
    place.write("log.1.gz", gzipSync(lines("first")));
    place.write("log.2.gz", gzipSync(lines("first", 101)));
    const fresh = (file: LogFile) =>
      place.identify(["log.2.gz", "log.1.gz"], undefined, { files: [file] }).fresh;
    expect(fresh(done)).toEqual(["log.2.gz"]);
    expect(fresh(inPart)).toEqual(["log.2.gz", "log.1.gz"]);
  });
});

test("whatever was done to the files, what is known is found and what is new is fresh", () => {
  const random = seededRandom("places");
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
  for (let run = 0; run < 100; run++) {
    const place = new Place();
    const is = new Map(
      ["a", "b", "c", "d", "e"].slice(0, 2 + Math.floor(random() * 4)).map((n) => [n, "seen"]),
    );
    const steps = [`run ${run}`];
    for (const name of is.keys()) place.write(name, lines(name, 1 + Math.floor(random() * 100)));
    const log = [...is.keys()].at(-1)!;
    const files: LogFile[] = [];
    const left: LeftFile[] = [];
    for (const name of is.keys()) {
      if (random() < 0.5) files.push(place.closed(name));
      else left.push(place.left(name));
    }
    for (let times = 0; times < 6; times++) {
      const name = pick([...is.keys()]);
      const change = pick(["grow", "rename", "copy", "write"]);
      steps.push(`${change} ${name} ${times}`);
      const what = is.get(name)!;
      const other = `${name}${times}`;
      if (change === "write") place.write(other, lines(`new ${times}`, 50));
      else if (change === "copy") copyFileSync(place.path(name), place.path(other));
      else if (change === "rename") renameSync(place.path(name), place.path(other));
      else if (what !== "copy") appendFileSync(place.path(name), lines("more", 3));
      if (change === "write") is.set(other, "new");
      if (change === "copy") is.set(other, what === "seen" ? "copy" : what);
      if (change === "rename") is.set(other, what).delete(name);
    }
    const named = is.has(log) ? log : undefined;
    const { where, fresh } = place.identify([...is.keys()], named, { files, left });
    const news = [...is.keys()].filter((name) => is.get(name) === "new");
    expect([steps, fresh]).toEqual([steps, news]);
    expect([steps, where]).not.toEqual([steps, expect.arrayContaining([undefined])]);
  }
});
