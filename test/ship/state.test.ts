import { describe, expect, test } from "bun:test";
import { formatState, parseState, type SourceState } from "../../src/ship/state.ts";

const digest = { bytes: 3, sha256: "ab" };
const state: SourceState = {
  source: '/var/log/é "quoted".log',
  kind: "file",
  latest: { generation: "20170112T143656123-0a1b2c3d", end: 30 },
  lostBytes: 0,
  lastBegunMs: 1_484_231_816_123,
  acknowledgedMs: 0,
  modifiedMs: 1_484_231_816_123.25,
  done: [],
  generations: [
    {
      id: "20170112T143656123-0a1b2c3d",
      start: 0,
      previous: undefined,
      lostBytes: 0,
      path: "/var/log/x.log",
      place: { device: 1, inode: 2, offset: 3, head: digest, tail: digest },
      sizeBytes: 40,
      modifiedMs: 1,
      isGzip: false,
      isEnded: false,
      intentions: [
        {
          first: 3,
          last: 30,
          key: "k",
          isGzip: false,
          records: 2,
          crc32: "0000beef",
          begunAtMs: 1_484_231_816_123,
        },
      ],
    },
  ],
};

describe("a state file", () => {
  const text = formatState(state);

  test("reads as it was written", () => {
    expect(parseState(text)).toEqual(JSON.parse(JSON.stringify(state)));
  });

  test("that is cut at any length but its last newline is damaged", () => {
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length - 1; length++)
      expect(parseState(bytes.subarray(0, length).toString())).toBeUndefined();
  });

  test("in which any character is another one is damaged", () => {
    for (let index = 0; index < text.length - 1; index++) {
      const other = text[index] === "0" ? "1" : "0";
      const damaged = text.slice(0, index) + other + text.slice(index + 1);
      const parsed = parseState(damaged);
      if (parsed) expect(parsed).toEqual(JSON.parse(JSON.stringify(state)));
    }
  });

  test("of zeros, as a file system may leave it after a loss of power, is damaged", () => {
    expect(parseState("\0".repeat(text.length))).toBeUndefined();
  });

  const other = [
    undefined,
    null,
    "",
    "a\0b",
    -1,
    Number.NaN,
    1e300,
    [],
    {},
    [null],
    { bytes: 1e9 },
    "20179999T000000000-00000000",
  ];
  const parts = partsOf(state);

  test.each(parts)("with a right checksum and something else as %j is a state or damaged", (...path) => {
    for (const value of other) {
      const changed = structuredClone(state) as unknown as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, changed);
      parent[path.at(-1)!] = value;
      const parsed = parseState(formatState(changed as unknown as SourceState));
      const isLeftOut = value === undefined && ["latest", "previous"].includes(path.at(-1)!);
      const hasSameKind = typeof value === typeof (valueAt(state, path) ?? value) && value !== null;
      if (parsed !== undefined) expect(isLeftOut || hasSameKind).toBe(true);
    }
  });

  test.each(["../x", "a/../../x", "/x", "a//b", ".", ""])("whose piece has the key %j is damaged", (key) => {
    const [generation] = state.generations;
    const intentions = [{ ...generation!.intentions[0]!, key }];
    expect(
      parseState(formatState({ ...state, generations: [{ ...generation!, intentions }] })),
    ).toBeUndefined();
  });

  test("of a file whose size is not known is a state", () => {
    const generations = [{ ...state.generations[0]!, sizeBytes: -1 }];
    expect(parseState(formatState({ ...state, generations }))).toBeDefined();
  });

  test.each(["null", "[]", "{}", "1", '"text"'])("that holds %s is damaged", (json) => {
    expect(parseState(formatState(JSON.parse(json)))).toBeUndefined();
  });
});

/** The path of every part of a value. */
function partsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [
    [name],
    ...partsOf(part).map((path) => [name, ...path]),
  ]);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, name) => (at as Record<string, unknown>)[name], value);
}
