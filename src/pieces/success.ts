import { crc32 } from "node:zlib";
import { hexCrc32, type PieceFacts } from "./metadata.ts";
import { type Shard, shardLabel, shardText } from "./shard.ts";

/** A list of more pieces would be too large to be held in memory. */
const MOST_LISTED = 10_000;

/**
 * The name, below the batch's folder, of the mark that all of a batch is stored: `_SUCCESS`, as Hadoop's. A shard knows
 * nothing of the others and marks itself alone: `_SUCCESS.03-of-12`. Spark, Athena and Hive ignore names with `_`.
 */
export function successName(shard: Shard | undefined): string {
  return shard ? `_SUCCESS.${shardLabel(shard)}` : "_SUCCESS";
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
  add(name: string, content: Uint8Array, { records, bytes, crc32: ofPiece }: PieceFacts): void {
    this.#pieces++;
    this.#records += records;
    this.#bytes += bytes;
    this.#crc32 = crc32(content, this.#crc32);
    if (this.#pieces <= MOST_LISTED) this.#list.push({ name, records, bytes, crc32: hexCrc32(ofPiece) });
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
