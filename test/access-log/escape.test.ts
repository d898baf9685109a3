import { expect, test } from "bun:test";
import { escapeDefault, escapeJson } from "../../src/access-log/escape.ts";

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

test("escapeDefault() writes a quote, a backslash and all beyond printable ASCII as \\xXX", () => {
  for (const [byte, character] of ALL_BYTES.entries()) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && character !== '"' && character !== "\\";
    const hex = byte.toString(16).toUpperCase().padStart(2, "0");
    expect(escapeDefault(character)).toBe(isPlain ? character : `\\x${hex}`);
  }
  expect(escapeDefault('a"b\\c\xc3\xa9')).toBe("a\\x22b\\x5Cc\\xC3\\xA9");
});

test("escapeJson() gives what a JSON parser reads as the same text", () => {
  for (const character of ALL_BYTES) expect(JSON.parse(`"${escapeJson(character)}"`)).toBe(character);
});

test("escapeJson() has short escapes where nginx has them and leaves the rest alone", () => {
  expect(escapeJson('"\\\n\r\t\b\f')).toBe('\\"\\\\\\n\\r\\t\\b\\f');
  expect(escapeJson("\x00\x1b\x1f")).toBe("\\u0000\\u001B\\u001F");
  expect(escapeJson("/é\x7f\xff")).toBe("/é\x7f\xff");
});
