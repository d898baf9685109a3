import { closest, distance } from "fastest-levenshtein";
import { NotParsed } from "./errors.ts";

const SIZE_UNITS: Record<string, number> = {
  "": 1,
  K: 1024,
  KB: 1000,
  KIB: 1024,
  M: 1024 ** 2,
  MB: 1000 ** 2,
  MIB: 1024 ** 2,
  G: 1024 ** 3,
  GB: 1000 ** 3,
  GIB: 1024 ** 3,
  T: 1024 ** 4,
  TB: 1000 ** 4,
  TIB: 1024 ** 4,
};

const DURATION_UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Parses a size in bytes: `4096`, `64k`, `2M`, `2MiB` (powers of 1024) or `2MB` (powers of 1000), as GNU split reads them.
 *
 * @throws NotParsed `must be a size such as 500k or 2M, at least 1`
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?: ?([a-z]+))?$/i.exec(text);
  const unit = SIZE_UNITS[(match?.[2] ?? "").toUpperCase()];
  const bytes = match && unit ? Math.round(Number(match[1]) * unit) : 0;
  if (bytes < 1 || !Number.isSafeInteger(bytes))
    throw new NotParsed("must be a size such as 500k or 2M, at least 1");
  return bytes;
}

/**
 * Parses a duration into milliseconds: `250ms`, `60s`, `5m`, `1h`, `2d`, `1w`, `1h30m`; a bare number is seconds.
 *
 * @throws NotParsed `must be a duration such as 250ms, 60s or 1h30m`
 */
export function parseDuration(text: string): number {
  let totalMs = 0;
  let rest = /^\d+(\.\d+)?$/.test(text) ? `${text}s` : text;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d+)?)(ms|min|[smhdw])/.exec(rest);
    if (!match) throw new NotParsed("must be a duration such as 250ms, 60s or 1h30m");
    totalMs += Number(match[1]) * DURATION_UNITS_MS[match[2]!]!;
    rest = rest.slice(match[0].length);
  }
  if (text === "" || totalMs > 1e15) throw new NotParsed("must be a duration such as 250ms, 60s or 1h30m");
  return Math.round(totalMs);
}

/**
 * As `parsePositiveDuration()`, but to a thousandth of a millisecond: also `100us` and `0.25ms`.
 *
 * @throws NotParsed `must be a duration such as 100us, 1ms or 2s, at least 1us`
 */
export function parseDurationToMicrosecond(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms)$/.exec(text);
  const ms = match
    ? Math.round(Number(match[1]) * (match[2] === "us" ? 1 : 1000)) / 1000
    : durationOrNone(text);
  if (ms > 0) return ms;
  throw new NotParsed("must be a duration such as 100us, 1ms or 2s, at least 1us");
}

function durationOrNone(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    return 0;
  }
}

/** As `parseDuration()`, for durations of which nothing is not one. */
export function parsePositiveDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms < 1) throw new NotParsed("must be longer than 0");
  return ms;
}

/**
 * Makes a parser of whole numbers within bounds.
 *
 * @throws NotParsed `must be a whole number, <min> or more` or `must be a whole number from <min> to <max>`
 */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `, ${min} or more` : ` from ${min} to ${max}`;
    throw new NotParsed(`must be a whole number${range}`);
  };
}

/**
 * Parses a rate into records per second: `100`, `100/s`, `6000/m`, `1/h`.
 *
 * @throws NotParsed `must be a rate such as 100/s`
 */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text);
  const perSecond = match ? (Number(match[1]) * 1000) / DURATION_UNITS_MS[match[2] ?? "s"]! : 0;
  if (!(perSecond > 0) || perSecond > 1e9) throw new NotParsed("must be a rate such as 100/s");
  return perSecond;
}

/**
 * Makes a parser of one word out of a closed set.
 *
 * @throws NotParsed `must be one of a, b, c`, and which of them may be meant
 */
export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return offering(words, (text) => {
    const word = words.find((w) => w === text);
    if (word === undefined)
      throw new NotParsed(`must be one of ${words.join(", ")}${suggestion(text, words)}`);
    return word;
  });
}

/** A parser of values, of which some are such that a shell offers them. */
export interface Parser<T> {
  (text: string): T;
  readonly words?: readonly string[];
}

/** The same parser, with words to offer. */
export function offering<T>(words: readonly string[], parse: (text: string) => T): Parser<T> {
  return Object.assign((text: string) => parse(text), { words });
}

/** As commander has it for options and commands: ` (Did you mean json?)`, or nothing if no word is near. */
function suggestion(text: string, words: readonly string[]): string {
  const nearest = nearestWord(text.toLowerCase(), words);
  return nearest === undefined ? "" : ` (Did you mean ${nearest}?)`;
}

/** The word that may be meant by one that is not known. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const nearest = closest(text, words);
  return distance(text, nearest) <= text.length * 0.4 ? nearest : undefined;
}
