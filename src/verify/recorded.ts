import type { Shard } from "../pieces/shard.ts";
import { shardText } from "../pieces/shard.ts";

/** What was written down of a piece when it was stored, as `pieces/metadata.ts` has it. */
export interface Recorded {
  readonly records: number;
  readonly firstRecord: number;
  readonly bytes: number;
  readonly crc32: string;
  readonly isLast: boolean;
}

type Metadata = Readonly<Record<string, string>>;

/** Reads a piece's metadata; undefined if they are not those that `run` writes for it. */
export function recordedOf(metadata: Metadata, shard: Shard | undefined): Recorded | undefined {
  const [records, firstRecord, bytes] = [metadata.records, metadata["first-record"], metadata.bytes].map(
    wholeNumber,
  ) as [number, number, number];
  const { crc32 = "", last, shard: ofShard } = metadata;
  const isWhole = records >= 0 && firstRecord >= 0 && bytes >= 0 && isCrc32(crc32);
  const isOfShard = ofShard === (shard && shardText(shard));
  if (!isWhole || !isOfShard || (last !== undefined && last !== "true")) return undefined;
  return { records, firstRecord, bytes, crc32, isLast: last === "true" };
}

/** A success mark, as `pieces/success.ts` has it. */
export interface Mark {
  readonly key: string;
  readonly pieces: number;
  readonly records: number;
  readonly bytes: number;
  readonly firstRecord: number;
  readonly crc32: string;
  /** By name; undefined if there are too many. */
  readonly list: ReadonlyMap<string, Recorded> | undefined;
}

/** Reads a success mark; undefined if it is none of `run`'s, or contradicts itself. */
export function markOf(key: string, content: Uint8Array, shard: Shard | undefined): Mark | undefined {
  let mark: Record<string, unknown>;
  try {
    mark = JSON.parse(Buffer.from(content).toString());
  } catch {
    return undefined;
  }
  if (typeof mark !== "object" || mark === null) return undefined;
  const { pieces, records, bytes, crc32, "first-record": firstRecord, list } = mark;
  const isWhole = [pieces, records, bytes, firstRecord].every(isCount) && isCrc32(crc32);
  if (!isWhole || mark.shard !== (shard && shardText(shard))) return undefined;
  const totals = { key, pieces, records, bytes, firstRecord, crc32 } as Omit<Mark, "list">;
  if (list === undefined) return { ...totals, list: undefined };
  const recorded = listOf(list, totals.firstRecord);
  if (recorded === undefined || recorded.size !== pieces) return undefined;
  return { ...totals, list: recorded };
}

function listOf(list: unknown, firstRecord: number): Map<string, Recorded> | undefined {
  if (!Array.isArray(list)) return undefined;
  const recorded = new Map<string, Recorded>();
  let at = firstRecord;
  for (const [index, entry] of list.entries()) {
    const { name, records, bytes, crc32 } = (entry ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || !isCount(records) || !isCount(bytes) || !isCrc32(crc32)) return undefined;
    recorded.set(name, { records, firstRecord: at, bytes, crc32, isLast: index === list.length - 1 });
    at += records;
  }
  return recorded;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The CRC-32 as it is written: eight hexadecimal digits. */
export function isCrc32(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}$/.test(value);
}

/** NaN for what is no whole number. */
export function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
}
