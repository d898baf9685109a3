const BYTES_BETWEEN_COLLECTIONS = 16 * 1024 * 1024;

/**
 * Returns memory to the system while bytes are sent. Each request leaves a copy of its body behind that belongs to the
 * HTTP client, and the collector, which sees only the small objects that hold these copies, would let tens of
 * megabytes of them pile up. A collection takes a few milliseconds.
 */
export class SentMemory {
  #bytes = 0;

  add(sentBytes: number): void {
    this.#bytes += sentBytes;
    if (this.#bytes < BYTES_BETWEEN_COLLECTIONS) return;
    this.#bytes = 0;
    Bun.gc(true);
  }
}
