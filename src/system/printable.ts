/**
 * What strangers wrote, as it may be shown: no byte of it moves the cursor, colours, sets a title, fills the clipboard or
 * turns the order of letters round.
 */

/** Controls (C0, DEL, C1), signs that have no form of their own but change what is around them, and halves of pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** In bytes as Latin-1: nothing that has to be looked at closer. */
const PLAIN = /^[\t\x20-\x7e]*$/;
/** In bytes as Latin-1: whole characters of UTF-8 (RFC 3629, section 4), or a byte that is no part of one. */
const UTF8_OR_BYTE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are in UTF-8 as well
  /((?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[\x80-\xff]/g;

/** In the same, the beginning of a character that the end cuts off. */
const BEGUN = /(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})$/;

const SLICE_BYTES = 16 * 1024;

/** The text with what is not to be seen written as `\x1b`, `\u202e` or `\u{e0001}`; it is one line. */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** As `printable()`, for the bytes of a line, whose tabs stay; what is not UTF-8 is written as `\x9b`. */
export function printableLine(line: Uint8Array): Uint8Array {
  if (line.length > SLICE_BYTES) return printableSlices(line);
  const latin1 = Buffer.from(line.buffer, line.byteOffset, line.length).toString("latin1");
  return PLAIN.test(latin1) ? line : Buffer.from(printableLatin1(latin1, "\t"));
}

/** What is made of a long line at once is many times as large as the line. */
function printableSlices(line: Uint8Array): Uint8Array {
  const stream = new PrintableStream("\t");
  const shown: Buffer[] = [];
  for (let at = 0; at < line.length; at += SLICE_BYTES)
    shown.push(Buffer.from(stream.take(line.subarray(at, at + SLICE_BYTES))));
  return Buffer.concat([...shown, Buffer.from(stream.end())]);
}

/** Makes the bytes of a stream printable as `printableLine()` does, but for the ends of its lines. */
export class PrintableStream {
  readonly #kept: string;
  /** The beginning of a character. */
  #begun = "";

  /** @param kept Control characters that stay. */
  constructor(kept = "\t\n") {
    this.#kept = kept;
  }

  take(chunk: Uint8Array): string {
    const text = this.#begun + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    this.#begun = BEGUN.exec(text)?.[0] ?? "";
    return printableLatin1(text.slice(0, text.length - this.#begun.length), this.#kept);
  }

  end(): string {
    return printableLatin1(this.#begun, "");
  }
}

function printableLatin1(latin1: string, kept: string): string {
  return latin1.replace(UTF8_OR_BYTE, (part, characters?: string) =>
    characters === undefined
      ? escaped(part)
      : Buffer.from(characters, "latin1")
          .toString()
          .replace(UNSEEN, (c) => (kept.includes(c) ? c : escaped(c))),
  );
}

/** JSON in which nothing is unseen: such characters stand in it as `\u009b`. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (c) =>
    c === "\n" ? c : Array.from({ length: c.length }, (_, at) => `\\u${hex(c.charCodeAt(at), 4)}`).join(""),
  );
}

/** Those of one byte, as far as they were needed: a file with a hole has millions of them. */
const ESCAPED_BYTES: string[] = [];

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) {
    ESCAPED_BYTES[code] ??= `\\x${hex(code, 2)}`;
    return ESCAPED_BYTES[code];
  }
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
