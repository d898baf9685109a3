/** Reads a content part by part. */
export class PartReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What has been read and belongs to the next part. */
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * Fills a buffer with the next bytes.
   *
   * @returns what is filled of it; all, unless the content is at its end
   * @throws what the content throws, also instead of its end
   */
  async fill(buffer: Buffer): Promise<Buffer> {
    let length = 0;
    while (length < buffer.length) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) break;
        this.#rest = next.value;
      }
      const taken = this.#rest.subarray(0, buffer.length - length);
      buffer.set(taken, length);
      length += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    return buffer.subarray(0, length);
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
