/** fetch makes a copy of a body that it is given whole, and leaves it to the garbage collector; no larger one is. */
export const LARGEST_COPIED_BYTES = 256 * 1024;

/**
 * The body of one request as fetch takes it: a small one whole, a large one in pieces. After `end()` nothing of it is read
 * any more, so that its buffer may be used again, whatever has become of the connection.
 */
export class RequestBody {
  readonly #bytes: Uint8Array<ArrayBuffer> | string;
  #isSent = false;
  #isOver = false;

  constructor(bytes: Uint8Array<ArrayBuffer> | string) {
    this.#bytes = bytes;
  }

  /** The part of fetch's options that is about the body. */
  init(headers: Record<string, string>): BunFetchRequestInit {
    const bytes = this.#bytes;
    if (typeof bytes === "string" || bytes.length <= LARGEST_COPIED_BYTES) {
      this.#isSent = true;
      return { headers, body: bytes };
    }
    // A sum that is not told would make a chunked body, which S3 refuses.
    const sum = { "content-length": String(bytes.length) };
    return { headers: { ...headers, ...sum }, body: this.#inPieces(bytes) };
  }

  /** False if fetch has not even asked for the end of it. */
  get isSent(): boolean {
    return this.#isSent;
  }

  end(): void {
    this.#isOver = true;
  }

  async *#inPieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < bytes.length && !this.#isOver; at += LARGEST_COPIED_BYTES) {
      const end = at + LARGEST_COPIED_BYTES;
      this.#isSent = end >= bytes.length;
      yield bytes.subarray(at, end);
    }
  }
}
