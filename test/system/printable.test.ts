import { expect, test } from "bun:test";
import { jsonText, PrintableStream, printable, printableLine } from "../../src/system/printable.ts";
import { seededRandom } from "../support/random.ts";

const shownLine = (line: Uint8Array) => Buffer.from(printableLine(line)).toString();

/** Written by their numbers, so that nothing unseen stands in this file. */
const of = (...codes: number[]) => String.fromCodePoint(...codes);
const UNSEEN = [
  0, 7, 0x1b, 0x7f, 0x80, 0x9b, 0x9d, 0xad, 0x200b, 0x200e, 0x2028, 0x202e, 0x2066, 0xfeff, 0xe0001,
];
const SEEN = ["a", "~", "é", "漢", "🦀", "\\", of(0xa0), of(0xfffd)];

function written(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16)}` : `\\u{${code.toString(16)}}`;
}

test("printable() writes out controls and what turns or hides letters, and leaves the rest", () => {
  for (const code of UNSEEN) expect(printable(`a${of(code)}b`)).toBe(`a${written(code)}b`);
  for (const text of SEEN) expect(printable(text)).toBe(text);
  expect(printable("a\tb\nc")).toBe("a\\x09b\\x0ac");
});

test("printableLine() leaves tabs, and writes out bytes that are not UTF-8", () => {
  for (const code of UNSEEN) expect(shownLine(Buffer.from(`a${of(code)}b`))).toBe(`a${written(code)}b`);
  for (const text of SEEN) expect(shownLine(Buffer.from(text))).toBe(text);
  expect(shownLine(Buffer.from("a\tb\rc\nd"))).toBe("a\tb\\x0dc\\x0ad");
  const damaged = {
    "9b": "\\x9b",
    c0af: "\\xc0\\xaf",
    eda080: "\\xed\\xa0\\x80",
    e282: "\\xe2\\x82",
    f5808080: "\\xf5\\x80\\x80\\x80",
  };
  for (const [bytes, text] of Object.entries(damaged))
    expect(shownLine(Buffer.from(`61${bytes}62`, "hex"))).toBe(`a${text}b`);
});

test("PrintableStream makes the same of a text whatever its chunks are, with its lines", () => {
  const random = seededRandom("PrintableStream");
  const below = (limit: number) => Math.floor(random() * limit);
  const parts = [...SEEN, ...UNSEEN.map((code) => of(code)), "\n", "\t"].map((text) => Buffer.from(text));
  for (let round = 0; round < 500; round++) {
    const random8 = () => Buffer.from([below(256), below(256)]);
    const text = Buffer.concat(
      Array.from({ length: 40 }, () => (below(5) ? parts[below(parts.length)]! : random8())),
    );
    const stream = new PrintableStream();
    let shown = "";
    for (let at = 0, count = 0; at < text.length; at += count) {
      count = 1 + below(6);
      shown += stream.take(text.subarray(at, at + count));
    }
    shown += stream.end();
    const lines = text.toString("latin1").split("\n");
    expect(shown).toBe(lines.map((line) => shownLine(Buffer.from(line, "latin1"))).join("\n"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Cs}]/u);
  }
});

test("jsonText() is JSON of the same value with nothing unseen in it", () => {
  const value = {
    text: UNSEEN.map((code) => of(code)).join("") + SEEN.join(""),
    list: [of(0x202e)],
    half: "\ud800",
  };
  for (const indent of [undefined, 2]) {
    const json = jsonText(value, indent);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Cs}]/u);
  }
});

test("a long line is shown as its characters are one by one, wherever it is cut in memory", () => {
  for (const character of ["\x1b]0;title\x07", "é\t", "日本\u202e", "😀\u009b"]) {
    const count = Math.ceil(100_000 / Buffer.byteLength(character));
    const one = shownLine(Buffer.from(character));
    for (const before of ["", "a", "ab", "abc"])
      expect(shownLine(Buffer.from(before + character.repeat(count)))).toBe(before + one.repeat(count));
  }
});
