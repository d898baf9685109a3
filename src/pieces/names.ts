import { unableTo } from "../system/errors.ts";
import { civilDate, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { TimeZone } from "../time/zone.ts";
import { type Shard, shardLabel } from "./shard.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A batch is named for the second it begins in: `access.2017-01-12-14:36:56`. */
export function batchName(unixMs: number, zone: TimeZone): string {
  const unixSeconds = Math.floor(unixMs / 1000);
  const local = unixSeconds + zone.period(unixSeconds).offsetSeconds;
  const days = Math.floor(local / SECONDS_PER_DAY);
  const { year, month, day } = civilDate(days);
  const rest = local - days * SECONDS_PER_DAY;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(twoDigits).join(":");
  return `access.${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}-${clock}`;
}

/**
 * The name of a piece of a batch: `access.2017-01-12-14:36:56.log.aa`; of a shard of it
 * `access.2017-01-12-14:36:56.log.03-of-12.aa`. Sorted by name, pieces are in the order of their records.
 */
export function pieceName(batch: string, suffix: string, shard?: Shard): string {
  return shard ? `${batch}.log.${shardLabel(shard)}.${suffix}` : `${batch}.log.${suffix}`;
}

/**
 * Yields the suffixes of pieces in the order GNU split gives them.
 *
 * Without a length they widen before they run out, and still sort: `aa` … `yz`, `zaaa` … `zyzz`, `zzaaaa` …
 *
 * @param length Every suffix has as many letters; undefined or 0 means widening.
 * @throws FatalError `unable to name piece 677: output file suffixes exhausted`, only with a length
 */
export function* suffixes(length = 0): Generator<string, never> {
  if (length > 0) {
    let count = 0;
    for (const suffix of words(length, LETTERS)) {
      yield suffix;
      count++;
    }
    throw unableTo("name", `piece ${count + 1}`, "output file suffixes exhausted");
  }
  for (let width = 0; ; width++)
    for (const word of words(width + 2, LETTERS.slice(0, -1))) yield "z".repeat(width) + word;
}

/** All words of some letters in order; the first letter is one of `first`. */
function* words(length: number, first: string): Generator<string> {
  for (const letter of first) {
    if (length === 1) yield letter;
    else for (const rest of words(length - 1, LETTERS)) yield letter + rest;
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
