import type { Source } from "./source.ts";

/** How far sources have been shipped since they were behind. */
export interface Caught {
  readonly shippedBytes: number;
  readonly lagBytes: number;
}

/**
 * Tells how shipping what has piled up goes on. A log that grows is always a little behind: there is nothing to tell of less than
 * what a piece holds.
 */
export class CatchingUp {
  readonly #pieceBytes: number;
  readonly #isOnce: boolean;
  /** What had been shipped when it began; undefined while nothing has piled up. */
  #shippedBefore: number | undefined;

  /** @param isOnce What is there is shipped to its last line. */
  constructor(pieceBytes: number, isOnce: boolean) {
    this.#pieceBytes = pieceBytes;
    this.#isOnce = isOnce;
  }

  /** @returns undefined while nothing has piled up */
  look(sources: readonly Pick<Source, "shippedBytes" | "lag">[]): Caught | undefined {
    const shippedBytes = sources.reduce((sum, source) => sum + source.shippedBytes, 0);
    const lagBytes = sources.reduce((sum, { lag }) => sum + lag.bytes, 0);
    if (!this.#isOnce && lagBytes < this.#pieceBytes) {
      this.#shippedBefore = undefined;
      return undefined;
    }
    this.#shippedBefore ??= shippedBytes;
    return { shippedBytes: shippedBytes - this.#shippedBefore, lagBytes };
  }
}
