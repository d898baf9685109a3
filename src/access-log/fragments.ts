/** Places texts one after the other at the beginning of a buffer; they hold one byte in each character. */
export class FragmentStore {
  #bytes = Buffer.alloc(256 * 1024);
  #used = 0;

  /** What has been placed so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Returns where each text begins and, in one more entry, where the last one ends. */
  add(texts: readonly string[]): Uint32Array {
    const starts = Uint32Array.from(texts, (text) => {
      const start = this.reserve(text.length);
      this.#bytes.write(text, start, "latin1");
      return start;
    });
    return Uint32Array.of(...starts, this.#used);
  }

  /** Keeps room for a text that changes; returns where it begins. */
  reserve(sizeBytes: number): number {
    const start = this.#used;
    if (start + sizeBytes > this.#bytes.length) {
      const larger = Buffer.alloc(2 * (start + sizeBytes));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#used += sizeBytes;
    return start;
  }
}

/** A text as its UTF-8 bytes, one in each character. */
export function utf8Bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
