/** What the program opens at run time is there on the oldest host that is promised, and on today's. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { OPENED_SYMBOLS } from "../../src/build/opened-symbols.ts";
import { isOldEnough } from "../../src/build/portability.ts";
import { root } from "../../src/build/project.ts";
import { needs } from "../support/needs.ts";
import { defaultVersions, readOpenedSymbols, readSources } from "../support/opened-symbols.ts";

const isKnown = (library: string, symbol: string) =>
  OPENED_SYMBOLS.some((row) => row.library === library && row.symbol === symbol);

test("src/ opens no symbol that is not in the table, and the table has none that is not opened", () => {
  const { opened, unreadable } = readSources(root);
  expect(unreadable).toEqual([]);
  expect(opened.filter((one) => !isKnown(one.library, one.symbol))).toEqual([]);
  const isOpened = ({ library, symbol }: (typeof OPENED_SYMBOLS)[number]) =>
    opened.some((one) => one.library === library && one.symbol === symbol);
  expect(OPENED_SYMBOLS.filter((row) => !isOpened(row))).toEqual([]);
});

test("every symbol that is opened has been in its library since glibc 2.17 or before", () => {
  const newer = OPENED_SYMBOLS.filter(({ since }) =>
    Object.values(since).some((version) => !isOldEnough(`GLIBC_${version}`)),
  );
  expect(newer).toEqual([]);
});

/** Where Debian puts the C library of this host, and that of libc6-arm64-cross. */
const LIBRARIES = {
  "x86-64": "/lib/x86_64-linux-gnu/libc.so.6",
  aarch64: "/usr/aarch64-linux-gnu/lib/libc.so.6",
} as const;

for (const machine of ["x86-64", "aarch64"] as const)
  test.skipIf(!needs("readelf") || !existsSync(LIBRARIES[machine]))(
    `today's libc.so.6 for ${machine} has every symbol with the version of the table`,
    () => {
      const versions = defaultVersions(LIBRARIES[machine]);
      const found = OPENED_SYMBOLS.map(({ symbol }) => `${symbol} ${versions.get(symbol)}`);
      expect(found).toEqual(OPENED_SYMBOLS.map(({ symbol, since }) => `${symbol} GLIBC_${since[machine]}`));
      // The one that once slipped in: it is there today, but not by default since 2.17.
      expect(isOldEnough(versions.get("pthread_sigmask")!)).toBe(false);
    },
  );

test("a symbol that slips in is found with its line", () => {
  const source = `import { dlopen } from "bun:ffi";

const { symbols } = dlopen("libc.so.6", {
  poll: { args: [], returns: "i32" },
  pthread_sigmask: { args: [], returns: "i32" },
});
`;
  const { opened, unreadable } = readOpenedSymbols("src/a.ts", source);
  expect(unreadable).toEqual([]);
  expect(opened.filter((one) => !isKnown(one.library, one.symbol))).toEqual([
    { library: "libc.so.6", symbol: "pthread_sigmask", at: "src/a.ts:5" },
  ]);
});

test.each([
  'import * as ffi from "bun:ffi";',
  'import ffi from "bun:ffi";',
  'import { dlopen as open } from "bun:ffi";',
  'import { CFunction } from "bun:ffi";',
  '} from "bun:ffi";',
  'export { dlopen } from "bun:ffi";',
  'await import("bun:ffi");',
  "require(`bun:ffi`);",
  "const open = dlopen;",
  "Bun.FFI;",
  'process.dlopen(module, "x.node");',
  "dlopen(name, {",
  'dlopen("libc.so.6", table);',
  'dlopen("libc.so.6", {\n  ...table,',
  'dlopen("libc.so.6", {\n  [name]: { args: [], returns: "i32" },',
])("what cannot be read is refused: %s", (source) => {
  const { unreadable } = readOpenedSymbols("src/a.ts", `first();\n${source}\n`);
  const lines = source.split("\n");
  expect(unreadable[0]).toBe(`src/a.ts:${lines.length + 1}: ${lines.at(-1)!.trim()}`);
});
