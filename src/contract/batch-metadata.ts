import { hexCrc32, isCrc32, type Metadata, numberOf, type RecordedContent } from "./content.ts";
import { type Shard, shardText } from "./shard.ts";

/** A piece's place in its batch, and its uncompressed content. */
export interface BatchPiece {
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
export function pieceMetadata(facts: BatchPiece): Record<string, string> {
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

/** What was written down of a piece when it was stored. */
export interface RecordedPiece extends RecordedContent {
  readonly firstRecord: number;
  readonly isLast: boolean;
}

/** Reads a piece's metadata; undefined if they are not those that `run` writes for it. */
export function recordedOf(metadata: Metadata, shard: Shard | undefined): RecordedPiece | undefined {
  const [records, firstRecord, bytes] = [metadata.records, metadata["first-record"], metadata.bytes].map(
    numberOf,
  ) as [number, number, number];
  const { crc32 = "", last, shard: ofShard } = metadata;
  const isWhole = records >= 0 && firstRecord >= 0 && bytes >= 0 && isCrc32(crc32);
  const isOfShard = ofShard === (shard && shardText(shard));
  if (!isWhole || !isOfShard || (last !== undefined && last !== "true")) return undefined;
  return { records, firstRecord, bytes, crc32, isLast: last === "true" };
}
