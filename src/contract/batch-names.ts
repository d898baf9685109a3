import { civilDate, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { TimeZone } from "../time/zone.ts";
import { type Shard, shardName, shardOf } from "./shard.ts";

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
  return shard ? `${batch}.log.${shardName(shard)}.${suffix}` : `${batch}.log.${suffix}`;
}

/** Where a piece stands in its batch, as its name says. */
export interface PiecePlace {
  readonly shard: Shard | undefined;
  readonly suffix: string;
  readonly isGzip: boolean;
}

/** The folder of a batch, as `BatchNames` makes them. */
const BATCH = /^access\.-?\d{4,}-\d\d-\d\d-\d\d:\d\d:\d\d(?:[+-]\d{4})?(?:\.\d{6,})?$/;

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

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
