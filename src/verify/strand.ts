import type { PiecePlace } from "../contract/batch-names.ts";
import { combineCrc32 } from "../contract/combine-crc32.ts";
import type { Shard } from "../contract/shard.ts";
import type { RecordedBatch } from "../contract/success-mark.ts";
import { SuffixOrder } from "../contract/suffixes.ts";
import type { Content } from "./content.ts";

/** How a name lies to those before: the next one, after some left out, the same again, or none of their order. */
export type NameOrder = "next" | "gap" | "again" | "unknown";

/** The pieces that one process made of a batch: all of them, or those of a shard. */
export class Strand {
  readonly shard: Shard | undefined;
  mark: RecordedBatch | undefined;
  pieces = 0;
  records = 0;
  bytes = 0;
  /** Of all pieces, one after the other. */
  crc32 = 0;
  /** Where the next piece begins if it follows the latest one; undefined while nothing tells. */
  nextRecord: number | undefined;
  /** The key of the piece that says that it is the last one, and where it ends. */
  last: { readonly key: string; readonly end: number } | undefined;
  lastKey: string | undefined;
  #order: SuffixOrder | undefined;
  #nextPlace = 0;

  constructor(shard: Shard | undefined) {
    this.shard = shard;
  }

  /** Takes the content of a piece. */
  add({ records, bytes, crc32 }: Content): void {
    this.pieces++;
    this.records += records;
    this.bytes += bytes;
    this.crc32 = combineCrc32(this.crc32, Number.parseInt(crc32, 16), bytes);
  }

  /** Takes the next name in the order of names. */
  takeName({ suffix }: PiecePlace): NameOrder {
    this.#order ??= new SuffixOrder(suffix);
    const place = this.#order.placeOf(suffix);
    if (Number.isNaN(place)) return "unknown";
    const expected = this.#nextPlace;
    this.#nextPlace = Math.max(expected, place + 1);
    if (place === expected) return "next";
    return place > expected ? "gap" : "again";
  }
}
