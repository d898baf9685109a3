import { expect, test } from "bun:test";
import { suffixes } from "../../src/contract/suffixes.ts";
import { PieceBoundaries } from "../../src/pieces/boundaries.ts";
import { type CopiedPieceStore, copyIntoFiles, type PieceSource } from "../../src/pieces/copied-pieces.ts";
import { seededRandom } from "../support/random.ts";

/** A file in memory. */
function sourceOf(content: () => Buffer): PieceSource {
  return {
    fd: 0,
    sizeBytes: content().length,
    readAt: (target, position) => content().copy(target, 0, position),
    failChanged() {
      throw new Error("it changed");
    },
  };
}

/** Pieces in memory; the call with the given number fails. */
class MemoryStore implements CopiedPieceStore {
  readonly complete = new Map<string, Buffer>();
  readonly begun = new Set<string>();
  #callsLeft: number;

  constructor(failingCall = Number.POSITIVE_INFINITY) {
    this.#callsLeft = failingCall;
  }

  create(name: string) {
    this.#call();
    this.begun.add(name);
    let content = Buffer.alloc(0);
    return {
      copy: (
        source: { readAt(target: Uint8Array, at: number): number },
        start: number,
        byteCount: number,
      ) => {
        this.#call();
        const part = Buffer.alloc(byteCount);
        const count = source.readAt(part, start);
        content = Buffer.concat([content, part.subarray(0, count)]);
        return count;
      },
      lastByte: (sizeBytes: number) => content[sizeBytes - 1]!,
      complete: () => {
        this.#call();
        this.complete.set(name, content);
        this.begun.delete(name);
      },
      discard: () => void this.begun.delete(name),
    };
  }

  #call(): void {
    if (--this.#callsLeft === 0) throw new Error("failing call");
  }
}

const nothing = () => {};

test("copyIntoFiles() ends pieces where those of a stream end, with long lines, empty ones, and none at the end", async () => {
  const random = seededRandom("copyIntoFiles");
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 300; round++) {
    const longest = [30, 3000, 400_000][below(3)]!;
    const lines = Array.from({ length: below(40) }, () => `${"x".repeat(below(4) ? below(longest) : 0)}\n`);
    const content = Buffer.from(lines.join("") + (below(2) ? "x".repeat(below(longest)) : ""));
    const bytes = 1 + below([10, 5000, 900_000][below(3)]!);
    const boundaries = new PieceBoundaries({ bytes, recordEnd: "line" });
    const ends = boundaries.add(content).map(({ end }) => end);
    const last = boundaries.finish();
    if (last) ends.push(last.end);
    const store = new MemoryStore();
    let copied = 0;
    await copyIntoFiles(
      sourceOf(() => content),
      bytes,
      suffixes(),
      store,
      (count) => {
        copied += count;
      },
    );
    const pieces = [...store.complete.values()];
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    let at = 0;
    expect(pieces.map(({ length }) => (at += length))).toEqual(ends);
    expect(copied).toBe(content.length);
  }
});

test("copyIntoFiles() leaves only complete pieces when file call n fails", async () => {
  const content = Buffer.from("12345\n".repeat(10));
  for (let call = 1; ; call++) {
    const store = new MemoryStore(call);
    const result = await copyIntoFiles(
      sourceOf(() => content),
      20,
      suffixes(),
      store,
      nothing,
    ).then(
      () => "done",
      (error: Error) => error.message,
    );
    expect(store.begun.size).toBe(0);
    expect(content.toString()).toStartWith(Buffer.concat([...store.complete.values()]).toString());
    if (result === "done") {
      expect(store.complete.size).toBe(4);
      break;
    }
    expect(result).toBe("failing call");
  }
});

test.each([
  ["cut short", () => Buffer.from("12345\n".repeat(5))],
  ["written anew with other line ends", () => Buffer.from("1234567\n".repeat(10))],
])(
  "a file that is %s while a piece is copied fails the split, with the pieces before it there",
  async (_, later) => {
    let content = Buffer.from("12345\n".repeat(10));
    const store = new MemoryStore();
    const changing: CopiedPieceStore = {
      create(name) {
        if (name === "ab") content = later();
        return store.create(name);
      },
    };
    const splitting = copyIntoFiles(
      sourceOf(() => content),
      20,
      suffixes(),
      changing,
      nothing,
    );
    await expect(splitting).rejects.toThrow("it changed");
    expect(store.begun.size).toBe(0);
    expect(store.complete.get("aa")!.toString()).toBe("12345\n".repeat(3));
  },
);
