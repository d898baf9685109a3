/** Lends out a number of bytes of memory; who asks for more than is left waits its turn. */
export class ByteBudget {
  readonly #total: number;
  #lent = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(totalBytes: number) {
    this.#total = totalBytes;
  }

  /** Waits until the bytes are free; more than the total is lent only while nothing else is. */
  async take(bytes: number): Promise<void> {
    while (this.#lent > 0 && this.#lent + bytes > this.#total) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#lent += bytes;
  }

  /** @returns false if so many are not free, or somebody waits for them */
  tryTake(bytes: number): boolean {
    if (this.#waiting.length > 0 || this.#lent + bytes > this.#total) return false;
    this.#lent += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#lent -= bytes;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
