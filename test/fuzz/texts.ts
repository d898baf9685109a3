/** What strangers write: plain words between what terminals, shells, paths, XML, JSON and numbers take for more than text. */
import fc from "fast-check";

/** In front of what an unquoted word of a command would run. */
export const HARM = "harm";
/** In everything that nobody may be shown. */
export const SECRET = "hushhush";

const TERMINAL = [
  "\x1b]0;title\x07",
  "\x1b]52;c;aGk=\x07",
  "\x1b[3J",
  "\x1bc",
  "\x9b31m",
  "\x90q\x9c",
  "\x7f",
  "\b",
];
const UNSEEN = ["\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\ufeff", "\u{e0001}", "\u00ad", "\ufff9"];
const SHELL = [
  "$(touch harm)",
  "`touch harm`",
  "; touch harm #",
  "' ; touch harm '",
  '"',
  "\\",
  "$HOME",
  "*",
  "-rf",
  "--",
];
const PATHS = [
  "../",
  "../precious/a.log",
  "../../precious/file",
  "..",
  "/",
  "//",
  "%2e%2e%2f",
  "~",
  "a/../../b",
  ".",
];
const MARKUP = [
  "<",
  ">",
  "&amp;",
  "&#x1b;",
  "]]>",
  "</Key>",
  '":',
  "{",
  "}",
  "__proto__",
  "constructor",
  "toString",
];
const BLANKS = [" ", "\t", "\n", "\r", "\r\n", "\0", "\u0085", "\u00a0"];
const LETTERS = ["a", "b", "record", "é", "日本", "😀", "%", "%s", "0", "=", ":", "T", "Z", "@"];

/** Numbers as text, at the borders of what is counted. */
export const number = fc.oneof(
  fc.constantFrom(
    "0",
    "1",
    "-1",
    "",
    "NaN",
    "1e400",
    "0x10",
    "9007199254740993",
    "1".repeat(400),
    " 1",
    "1.5",
    "٣",
  ),
  fc.nat().map(String),
);

const word = fc.oneof(
  { arbitrary: fc.constantFrom(...LETTERS), weight: 6 },
  { arbitrary: fc.constantFrom(...TERMINAL, ...UNSEEN, ...SHELL, ...PATHS, ...MARKUP, ...BLANKS), weight: 6 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 4 }), weight: 1 },
  { arbitrary: number, weight: 1 },
);

/** Any text, a few words as a rule and at times thousands. */
export const text = fc.oneof(
  { arbitrary: fc.array(word, { maxLength: 8 }).map((words) => words.join("")), weight: 12 },
  {
    arbitrary: fc.tuple(word, fc.constantFrom(300, 5000, 70_000)).map(([one, count]) => one.repeat(count)),
    weight: 1,
  },
);

/** Text that an argument or a variable of a program can be: without NUL, and not too long for the kernel. */
export const argument = text.map((one) => one.replaceAll("\0", "").toWellFormed().slice(0, 2000));

/** Bytes that are text as a rule. */
export const bytes = fc.oneof(
  { arbitrary: text.map((one) => Buffer.from(one)), weight: 4 },
  { arbitrary: fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)), weight: 1 },
);

/** A name that a file can have. */
export const fileName = bytes
  .map((some) => Buffer.from(some.filter((byte) => byte !== 0 && byte !== 0x2f)).subarray(0, 200))
  .filter((some) => some.length > 0 && ![".", ".."].includes(some.toString()));

/** The same for a program that is told of it by an argument, which is UTF-8 here. */
export const argumentName = argument
  .map((one) => cut(one.replaceAll("/", ""), 200))
  .filter((one) => !["", ".", ".."].includes(one));

function cut(one: string, mostBytes: number): string {
  let kept = one.slice(0, mostBytes);
  while (Buffer.byteLength(kept) > mostBytes) kept = [...kept].slice(0, -1).join("");
  return kept.toWellFormed();
}

/** Lines of a log, with or without the end of the last. */
export const lines = fc
  .tuple(fc.array(bytes, { maxLength: 6 }), fc.boolean())
  .map(([all, isWhole]) =>
    Buffer.concat(all.flatMap((line, i) => (i < all.length - 1 || isWhole ? [line, Buffer.of(10)] : [line]))),
  );

const MOST_BYTES = 1_000_000;

/** The same again and again, as far as it stays a matter of a moment. */
export function repeated(some: Buffer, times: number): Buffer {
  const count = Math.min(times, Math.ceil(MOST_BYTES / (some.length + 1)));
  return Buffer.concat(Array<Buffer>(count).fill(some));
}

/** A value of JSON in place of any other. */
export const json: fc.Arbitrary<unknown> = fc.oneof(
  text,
  number.map(Number),
  fc.constantFrom(null, true, false, [], {}, "", -1, 1e300, Number.MAX_SAFE_INTEGER, [[[[]]]], { length: 3 }),
  fc.array(text, { maxLength: 3 }),
);

/** Puts something else in the place of some parts of a value of JSON, or leaves them out. */
export function spoilt<T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc
    .tuple(value, fc.array(fc.tuple(fc.nat(60), fc.option(json, { nil: undefined })), { maxLength: 3 }))
    .map(([whole, changes]) => {
      const root = { whole: structuredClone(whole) as unknown };
      for (const [index, replacement] of changes) {
        const places = placesIn(root);
        if (places.length === 0) break;
        const [parent, key] = places[index % places.length]!;
        if (replacement === undefined) delete parent[key];
        else parent[key] = structuredClone(replacement); // else it could become a part of itself
      }
      return root.whole;
    });
}

/** Every part of a value with what it is a part of. */
function placesIn(parent: object): [parent: Record<string, unknown>, key: string][] {
  const entries = parent as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => {
    const value = entries[key];
    return [
      [entries, key] as [Record<string, unknown>, string],
      ...(typeof value === "object" && value ? placesIn(value) : []),
    ];
  });
}
