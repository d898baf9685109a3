const BYTES_BETWEEN_COLLECTIONS = 16 * 1024 * 1024;
const SHARE_LEFT_BEHIND = 1 / 8;
/** What the smallest object leaves behind in the end. */
const LEAST_BYTES = 64 * 1024;

/**
 * Returns memory to the system while bytes are sent. A request that is given its body whole leaves a copy of it behind that
 * belongs to the HTTP client, and the collector, which sees only the small objects that hold these copies, would let tens
 * of megabytes of them pile up. Of a body that is sent in pieces far less stays. A collection takes a few milliseconds.
 */
export class SentMemory {
  #bytes = 0;

  add(sentBytes: number, isCopied: boolean): void {
    this.#bytes += Math.max(LEAST_BYTES, isCopied ? sentBytes : sentBytes * SHARE_LEFT_BEHIND);
    if (this.#bytes < BYTES_BETWEEN_COLLECTIONS) return;
    this.#bytes = 0;
    Bun.gc(true);
  }
}
