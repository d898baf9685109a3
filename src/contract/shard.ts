/** One of `of` equal stretches of a log; `number` counts from 1. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

/** Where a shard of a log of so many records begins, counted from 0, and how many records it has: none if `of` is larger. */
export function stretchOf({ number, of }: Shard, records: number): { first: number; records: number } {
  const begin = (index: number) => Number((BigInt(records) * BigInt(index)) / BigInt(of));
  const first = begin(number - 1);
  return { first, records: begin(number) - first };
}

/** As people write it: `3/12`. */
export function shardText({ number, of }: Shard): string {
  return `${number}/${of}`;
}

/** As names hold it, so that they sort: `03-of-12`. */
export function shardName({ number, of }: Shard): string {
  return `${String(number).padStart(String(of).length, "0")}-of-${of}`;
}

/** Reads `03-of-12`; undefined if it is not written so. */
export function shardOf(label: string): Shard | undefined {
  const match = /^(\d+)-of-(\d+)$/.exec(label);
  if (!match) return undefined;
  const shard = { number: Number(match[1]), of: Number(match[2]) };
  const isShard = shard.number >= 1 && shard.number <= shard.of && shardName(shard) === label;
  return isShard ? shard : undefined;
}
