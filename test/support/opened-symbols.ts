import { readFileSync } from "node:fs";

/** One that a call of `dlopen` opens. */
export interface Opened {
  readonly library: string;
  readonly symbol: string;
  /** `src/system/libc.ts:8`. */
  readonly at: string;
}

/** What a source opens at run time, and the lines where it may do so and that cannot be read, as `src/a.ts:3: <line>`. */
export interface Reading {
  readonly opened: readonly Opened[];
  readonly unreadable: readonly string[];
}

const SUSPICIOUS = /bun:ffi|dlopen|linkSymbols|CFunction|\bFFI\b/;
/** Of bun:ffi, `dlopen` under its own name, and what opens nothing. */
const IMPORT =
  /^import (type )?\{ (((dlopen|(type )?Pointer|ptr|read|toArrayBuffer)(, )?)+) \} from "bun:ffi";$/;
const CALL = /(?<!\.)\bdlopen\("([^"]+)", \{$/;
const ROW = /^ +(\w+): \{ args: \[[^\]]*\], returns: "\w+" \},$/;
const END = /^ *\}\)/;

/**
 * Reads the calls of `dlopen` in a formatted file of TypeScript; each symbol has a line of its own there.
 *
 * @param name What the file is called in what is found.
 */
export function readOpenedSymbols(name: string, text: string): Reading {
  const opened: Opened[] = [];
  const unreadable: string[] = [];
  let library: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const at = `${name}:${index + 1}`;
    if (library !== undefined) {
      const symbol = ROW.exec(line)?.[1];
      if (symbol !== undefined) opened.push({ library, symbol, at });
      else if (END.test(line)) library = undefined;
      else unreadable.push(`${at}: ${line.trim()}`);
    } else if (SUSPICIOUS.test(line) && !IMPORT.test(line)) {
      library = CALL.exec(line)?.[1];
      if (library === undefined) unreadable.push(`${at}: ${line.trim()}`);
    }
  }
  return { opened, unreadable };
}

/** All of src/. */
export function readSources(root: string): Reading {
  const paths = [...new Bun.Glob("src/**/*.ts").scanSync(root)].sort();
  const readings = paths.map((path) => readOpenedSymbols(path, readFileSync(`${root}/${path}`, "utf8")));
  return {
    opened: readings.flatMap(({ opened }) => opened),
    unreadable: readings.flatMap(({ unreadable }) => unreadable),
  };
}

/** The default versions of the symbols that a library offers, such as `GLIBC_2.2.5`, by symbol. */
export function defaultVersions(library: string): Map<string, string> {
  const { stdout, success } = Bun.spawnSync(["readelf", "-W", "--dyn-syms", library]);
  if (!success) throw new Error(`unable to read ${library}`);
  return new Map(
    [...stdout.toString().matchAll(/ (\w+)@@(\S+)$/gm)].map(([, name, version]) => [name!, version!]),
  );
}
