import type { BatchPiece, RecordedPiece } from "./batch-metadata.ts";
import { combineCrc32 } from "./combine-crc32.ts";
import { hexCrc32, isCrc32 } from "./content.ts";
import { type Shard, shardName, shardText } from "./shard.ts";

/** A list of more pieces would be too large to be held in memory. */
const MOST_LISTED = 10_000;

/**
 * The name, below the batch's folder, of the mark that all of a batch is stored: `_SUCCESS`, as Hadoop's. A shard knows
 * nothing of the others and marks itself alone: `_SUCCESS.03-of-12`. Spark, Athena and Hive ignore names with `_`.
 */
export function successName(shard: Shard | undefined): string {
  return shard ? `_SUCCESS.${shardName(shard)}` : "_SUCCESS";
}

/**
 * What a success mark says, as one line of JSON with a newline:
 *
 * - `shard`: `K/N`; only with --shard.
 * - `pieces`, `records`, `bytes`: how many there are; bytes before `--gzip`.
 * - `first-record`: the index of the first record in the batch; 0 without --shard.
 * - `crc32`: of the content of all pieces, one after the other in the order of their names, before `--gzip`.
 * - `list`: for each piece, in that order, `{name, records, bytes, crc32}`, `name` being the last part of its key;
 *   left out if there are more than 10 000.
 */
export class SuccessMark {
  readonly #shard: Shard | undefined;
  readonly #firstRecord: number;
  #pieces = 0;
  #records = 0;
  #bytes = 0;
  #crc32 = 0;
  readonly #list: { name: string; records: number; bytes: number; crc32: string }[] = [];

  constructor(shard: Shard | undefined, firstRecord: number) {
    this.#shard = shard;
    this.#firstRecord = firstRecord;
  }

  /** Pieces have to come in their order. */
  add(name: string, { records, bytes, crc32 }: BatchPiece): void {
    this.#pieces++;
    this.#records += records;
    this.#bytes += bytes;
    this.#crc32 = combineCrc32(this.#crc32, crc32, bytes);
    if (this.#pieces <= MOST_LISTED) this.#list.push({ name, records, bytes, crc32: hexCrc32(crc32) });
  }

  get content(): Buffer {
    const mark = {
      ...(this.#shard ? { shard: shardText(this.#shard) } : {}),
      pieces: this.#pieces,
      records: this.#records,
      bytes: this.#bytes,
      "first-record": this.#firstRecord,
      crc32: hexCrc32(this.#crc32),
      ...(this.#pieces <= MOST_LISTED ? { list: this.#list } : {}),
    };
    return Buffer.from(`${JSON.stringify(mark)}\n`);
  }
}

/** A success mark. */
export interface RecordedBatch {
  readonly key: string;
  readonly pieces: number;
  readonly records: number;
  readonly bytes: number;
  readonly firstRecord: number;
  readonly crc32: string;
  /** By name; undefined if there are too many. */
  readonly list: ReadonlyMap<string, RecordedPiece> | undefined;
}

/** Reads a success mark; undefined if it is none of `run`'s, or contradicts itself. */
export function markOf(
  key: string,
  content: Uint8Array,
  shard: Shard | undefined,
): RecordedBatch | undefined {
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
  const totals = { key, pieces, records, bytes, firstRecord, crc32 } as Omit<RecordedBatch, "list">;
  if (list === undefined) return { ...totals, list: undefined };
  const recorded = listOf(list, totals.firstRecord);
  if (recorded === undefined || recorded.size !== pieces) return undefined;
  return { ...totals, list: recorded };
}

function listOf(list: unknown, firstRecord: number): Map<string, RecordedPiece> | undefined {
  if (!Array.isArray(list)) return undefined;
  const recorded = new Map<string, RecordedPiece>();
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
