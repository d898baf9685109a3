/** The suffixes of pieces, as GNU split gives them: `aa`, `ab`, … */
import { unableTo } from "../system/errors.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

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

/**
 * Counts where the pieces of a batch, or of a shard, stand by their suffixes, from 0. They are made with one length or
 * without: the first one tells.
 */
export class SuffixOrder {
  /** Of suffixes that all have as many letters; undefined if they widen. */
  readonly #length: number | undefined;

  constructor(firstSuffix: string) {
    this.#length = isWidening(firstSuffix) ? undefined : firstSuffix.length;
  }

  /** NaN for a suffix that no such batch has. */
  placeOf(suffix: string): number {
    if (this.#length === undefined && isWidening(suffix)) return wideningPlace(suffix);
    // Two letters are the beginning of both kinds.
    return suffix.length === (this.#length ?? 2) ? wordPlace(suffix) : Number.NaN;
  }
}

/** `aa` to `yz`, `zaaa` to `zyzz`, …: as many letters `z` as the rest has more than two letters. */
function isWidening(suffix: string): boolean {
  const width = leadingZs(suffix);
  return suffix.length === 2 * width + 2;
}

function wideningPlace(suffix: string): number {
  const width = leadingZs(suffix);
  let place = wordPlace(suffix.slice(width));
  for (let narrower = 0; narrower < width; narrower++)
    place += (LETTERS.length - 1) * LETTERS.length ** (narrower + 1);
  return place;
}

function leadingZs(suffix: string): number {
  return /^z*/.exec(suffix)![0].length;
}

function wordPlace(word: string): number {
  let place = 0;
  for (const letter of word) place = place * LETTERS.length + letter.charCodeAt(0) - 97;
  return place;
}
