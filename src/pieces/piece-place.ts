import type { Shard } from "./shard.ts";
import { shardLabel } from "./shard.ts";

/** Where a piece stands in its batch, as its name says. */
export interface PiecePlace {
  readonly shard: Shard | undefined;
  readonly suffix: string;
  readonly isGzip: boolean;
}

/** The folder of a batch, as `BatchNames` makes them. */
const BATCH = /^access\.-?\d{4,}-\d\d-\d\d-\d\d:\d\d:\d\d(?:[+-]\d{4})?(?:\.\d{6,})?$/;
const SHARD = /^(\d+)-of-(\d+)$/;

/** Whether a folder of this name, without those above it, is one of a batch. */
export function isBatchName(name: string): boolean {
  return BATCH.test(name);
}

/** Reads the name of a piece, the last part of its key; undefined if no piece of the batch is called so. */
export function piecePlace(batch: string, name: string): PiecePlace | undefined {
  const beginning = `${batch}.log.`;
  if (!name.startsWith(beginning)) return undefined;
  const match = /^(?:(\d+-of-\d+)\.)?([a-z]+)(\.gz)?$/.exec(name.slice(beginning.length));
  if (!match) return undefined;
  const [, label, suffix = "", gzip] = match;
  const shard = label === undefined ? undefined : shardOf(label);
  if (label !== undefined && shard === undefined) return undefined;
  return { shard, suffix, isGzip: gzip !== undefined };
}

/** Reads `03-of-12`; undefined if it is not written so. */
export function shardOf(label: string): Shard | undefined {
  const match = SHARD.exec(label);
  if (!match) return undefined;
  const shard = { number: Number(match[1]), of: Number(match[2]) };
  const isShard = shard.number >= 1 && shard.number <= shard.of && shardLabel(shard) === label;
  return isShard ? shard : undefined;
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

const LETTERS = 26;

/** `aa` to `yz`, `zaaa` to `zyzz`, …: as many letters `z` as the rest has more than two letters. */
function isWidening(suffix: string): boolean {
  const width = leadingZs(suffix);
  return suffix.length === 2 * width + 2;
}

function wideningPlace(suffix: string): number {
  const width = leadingZs(suffix);
  let place = wordPlace(suffix.slice(width));
  for (let narrower = 0; narrower < width; narrower++) place += (LETTERS - 1) * LETTERS ** (narrower + 1);
  return place;
}

function leadingZs(suffix: string): number {
  return /^z*/.exec(suffix)![0].length;
}

function wordPlace(word: string): number {
  let place = 0;
  for (const letter of word) place = place * LETTERS + letter.charCodeAt(0) - 97;
  return place;
}
