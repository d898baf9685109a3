import { type Shard, shardText } from "./shard.ts";

/** A piece's place in its batch, and its uncompressed content. */
export interface PieceFacts {
  readonly records: number;
  /** The index of its first record in the batch, over all shards, counted from 0. */
  readonly firstRecord: number;
  readonly bytes: number;
  readonly crc32: number;
  /** Nothing of the batch, or of the shard, follows; false if it was stopped before its end. */
  readonly isLast: boolean;
  readonly shard: Shard | undefined;
}

/**
 * The metadata of a piece that `run` stores (`x-amz-meta-…` in S3; a directory keeps none). All values are text:
 *
 * - `records`: how many records the piece has.
 * - `first-record`: the index of its first record in the batch, from 0. It counts over all shards, and anew in each batch.
 * - `bytes`: the length of the content before `--gzip`.
 * - `crc32`: its CRC-32 as of zlib and gzip, also before `--gzip`, in 8 lower-case hexadecimal digits.
 * - `last`: `true` on the last piece of a batch, or of each shard; no other has it. A batch or shard that was stopped by
 *   a signal before its end has none, and neither has a shard without records, which has no pieces.
 * - `shard`: `K/N`, K from 1; only with --shard.
 */
export function pieceMetadata(facts: PieceFacts): Record<string, string> {
  const { records, firstRecord, bytes, crc32, isLast, shard } = facts;
  return {
    records: String(records),
    "first-record": String(firstRecord),
    bytes: String(bytes),
    crc32: hexCrc32(crc32),
    ...(isLast ? { last: "true" } : {}),
    ...(shard ? { shard: shardText(shard) } : {}),
  };
}

export function hexCrc32(value: number): string {
  return value.toString(16).padStart(8, "0");
}
