import type { PartMemory } from "../destination/destination.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { ContentPool } from "./content-pool.ts";

const MIB = 1024 * 1024;
const LEAST_PART_BYTES = 8 * MIB;
/** S3 takes 10 000 ("Amazon S3 multipart upload limits"); gzip may make a little more of what it cannot compress. */
const MOST_PARTS = 9900;

/** How large the parts of a file are. */
export function partBytes(fileBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(fileBytes / MOST_PARTS / MIB) * MIB);
}

/** Buffers for the parts of one file. The memory of the first one is lent beforehand, that of the others with them. */
export class PartBuffers implements PartMemory {
  readonly #partBytes: number;
  readonly #budget: ByteBudget;
  readonly #pool: ContentPool;
  #taken = 0;

  constructor(bytes: number, budget: ByteBudget, pool: ContentPool) {
    this.#partBytes = bytes;
    this.#budget = budget;
    this.#pool = pool;
  }

  take(): Buffer | undefined {
    if (this.#taken > 0 && !this.#budget.tryTake(this.#partBytes)) return undefined;
    this.#taken++;
    return this.#pool.take(this.#partBytes).subarray(0, this.#partBytes);
  }

  give(buffer: Buffer): void {
    this.#pool.give(buffer);
    this.#taken--;
    if (this.#taken > 0) this.#budget.give(this.#partBytes);
  }
}
