import { expect, test } from "bun:test";
import { suffixes } from "../../src/contract/suffixes.ts";
import type { SplitLimits } from "../../src/pieces/boundaries.ts";
import { type PieceStore, splitIntoFiles } from "../../src/pieces/piece-files.ts";
import { seededRandom } from "../support/random.ts";

/** Pieces in memory; the call with the given number fails. */
class MemoryStore implements PieceStore {
  readonly complete = new Map<string, string>();
  readonly temporary = new Map<string, string>();
  largestWrite = 0;
  #callsLeft: number;

  constructor(failingCall = Number.POSITIVE_INFINITY) {
    this.#callsLeft = failingCall;
  }

  create(name: string) {
    this.#call();
    this.temporary.set(name, "");
    return {
      write: (bytes: Uint8Array) => {
        this.#call();
        this.largestWrite = Math.max(this.largestWrite, bytes.length);
        this.temporary.set(name, this.temporary.get(name) + Buffer.from(bytes).toString("latin1"));
      },
      complete: () => {
        this.#call();
        this.complete.set(name, this.temporary.get(name)!);
        this.temporary.delete(name);
      },
      discard: () => void this.temporary.delete(name),
    };
  }

  #call(): void {
    if (--this.#callsLeft === 0) throw new Error("failing call");
  }
}

/** Chunks of a text in one buffer that is overwritten. */
async function* chunksOf(text: string, sizes: () => number) {
  const shared = Buffer.alloc(8192);
  for (let at = 0; at < text.length; ) {
    const part = text.slice(at, at + sizes());
    shared.fill("X").write(part, "latin1");
    yield shared.subarray(0, part.length);
    at += part.length;
  }
}

test("splitIntoFiles() writes a stream to files one after the other, whatever the chunks", async () => {
  const random = seededRandom("splitIntoFiles");
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: below(80) }, () => `${"x".repeat(below(40))}\n`);
    const text = lines.join("") + (below(2) ? "no end" : "");
    const limits: SplitLimits = { bytes: 1 + below(90), records: 1 + below(9), recordEnd: "line" };
    const store = new MemoryStore();
    await splitIntoFiles(
      chunksOf(text, () => 1 + below(60)),
      limits,
      suffixes(),
      store,
    );
    const pieces = [...store.complete.values()];
    expect(pieces.join("")).toBe(text);
    expect([...store.complete.keys()]).toEqual([...suffixes().take(pieces.length)]);
    for (const piece of pieces) {
      const records = piece.split("\n").length - (piece.endsWith("\n") ? 1 : 0);
      expect(records).toBeLessThanOrEqual(limits.records!);
      expect(piece.length <= limits.bytes! || records === 1).toBe(true);
    }
    for (const piece of pieces.slice(0, -1)) expect(piece).toEndWith("\n");
  }
});

test("splitIntoFiles() writes a piece as it comes: no write is larger than a chunk", async () => {
  const store = new MemoryStore();
  await splitIntoFiles(
    chunksOf("12345\n".repeat(5000), () => 100),
    { bytes: 29_000, recordEnd: "line" },
    suffixes(),
    store,
  );
  expect(store.complete.size).toBe(2);
  expect(store.largestWrite).toBeLessThanOrEqual(100);
});

test("splitIntoFiles() leaves only complete pieces when file call n fails", async () => {
  const text = "12345\n".repeat(10);
  for (let call = 1; ; call++) {
    const store = new MemoryStore(call);
    const result = await splitIntoFiles(
      chunksOf(text, () => 4),
      { records: 3, recordEnd: "line" },
      suffixes(),
      store,
    ).then(
      () => "done",
      (error: Error) => error.message,
    );
    expect(store.temporary.size).toBe(0);
    const pieces = [...store.complete.values()];
    expect(text.startsWith(pieces.join(""))).toBe(true);
    if (result === "done") {
      expect(pieces).toHaveLength(4);
      break;
    }
    expect(result).toBe("failing call");
    for (const piece of pieces) expect(piece).toBe("12345\n".repeat(3));
  }
});

test("splitIntoFiles() discards the piece in the making when its source fails", async () => {
  const store = new MemoryStore();
  async function* source() {
    yield Buffer.from("a\nb\nc\n");
    throw new Error("read error");
  }
  const splitting = splitIntoFiles(source(), { records: 2, recordEnd: "line" }, suffixes(), store);
  expect(splitting).rejects.toThrow("read error");
  await splitting.catch(() => {});
  expect([...store.complete]).toEqual([["aa", "a\nb\n"]]);
  expect(store.temporary.size).toBe(0);
});
