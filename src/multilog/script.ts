import { unableToParse } from "../system/errors.ts";

/** What one argument of multilog asks for each line or, for a directory, at the start. */
export type Action =
  | { readonly kind: "select" | "deselect"; readonly pattern: Uint8Array }
  | { readonly kind: "copy-to-stderr" }
  | { readonly kind: "keep-status"; readonly file: string }
  | ({ readonly kind: "log" } & DirectorySettings);

/** A log directory and what the script says about it before its name. */
export interface DirectorySettings {
  readonly name: string;
  readonly sizeBytes: number;
  /** How many files to keep, `current` included. */
  readonly files: number;
  /** The command that old files go through; undefined without one, empty for the empty command. */
  readonly processor: string | undefined;
}

export interface Script {
  readonly isStamped: boolean;
  readonly actions: readonly Action[];
}

const DEFAULT_SIZE_BYTES = 99_999;
const MIN_SIZE_BYTES = 4096;
/** What daemontools cuts larger sizes to. */
export const MAX_SIZE_BYTES = 16_777_215;
const DEFAULT_FILES = 10;
const MIN_FILES = 2;
/** Actions without one of which every line is thrown away. */
const KEEPING: ReadonlySet<Action["kind"]> = new Set(["log", "copy-to-stderr", "keep-status"]);

/**
 * Reads the arguments of multilog; only the first byte of each decides what it is.
 *
 * @param isStrict Refuse what daemontools ignores in silence, and do not cut large sizes.
 * @throws UsageError when strict: `unable to parse script at "zzz": unknown action; …`, or `unable to parse script: it
 *   keeps no line; …`
 */
export function parseScript(args: readonly Uint8Array[], isStrict: boolean): Script {
  const actions: Action[] = [];
  let isStamped = false;
  let sizeBytes = DEFAULT_SIZE_BYTES;
  let files = DEFAULT_FILES;
  let processor: string | undefined;
  for (const [index, arg] of args.entries()) {
    const text = textOf(arg);
    const rest = text.slice(1);
    switch (text[0]) {
      case "t":
        if (index === 0) isStamped = true;
        else if (isStrict) throw unableToParse(placeOf(text), "t must be the first action");
        break;
      case "+":
        actions.push({ kind: "select", pattern: arg.subarray(1) });
        break;
      case "-":
        actions.push({ kind: "deselect", pattern: arg.subarray(1) });
        break;
      case "e":
        actions.push({ kind: "copy-to-stderr" });
        break;
      case "=":
        actions.push({ kind: "keep-status", file: rest });
        break;
      case "s":
        if (isStrict) requireNumber(text, "s takes a number of bytes, such as s999999");
        sizeBytes = parseCount(rest, MIN_SIZE_BYTES, isStrict ? Number.MAX_SAFE_INTEGER : MAX_SIZE_BYTES);
        break;
      case "n":
        if (isStrict) requireNumber(text, "n takes a number of files, such as n10");
        files = parseCount(rest, MIN_FILES, Number.MAX_SAFE_INTEGER);
        break;
      case "!":
        processor = rest;
        break;
      case ".":
      case "/":
        actions.push({ kind: "log", name: text, sizeBytes, files, processor });
        break;
      default:
        if (isStrict) throw unableToParse(placeOf(text), "unknown action; a directory begins with ./ or /");
    }
  }
  if (isStrict && !actions.some(({ kind }) => KEEPING.has(kind)))
    throw unableToParse("script", "it keeps no line; name a directory, such as ./main");
  return { isStamped, actions };
}

function requireNumber(text: string, reason: string): void {
  if (!/^.\d+$/.test(text)) throw unableToParse(placeOf(text), reason);
}

/** Leading digits as a number modulo 2^64, none counting as 0, moved between the bounds. */
function parseCount(text: string, min: number, max: number): number {
  const digits = /^\d*/.exec(text)![0];
  const count = BigInt.asUintN(64, BigInt(digits));
  return Math.min(Math.max(Number(count), min), max);
}

function placeOf(text: string): string {
  return `script at "${text}"`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
