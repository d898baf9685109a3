/** Hands out buffers of one size and takes them back, so that pieces do not leave garbage of 2 MiB each behind. */
export class BufferPool {
  readonly #sizeBytes: number;
  readonly #free: Uint8Array[] = [];

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** A buffer of at least the wanted size that nobody else uses; its content is arbitrary. */
  allocate(wantedBytes: number): Uint8Array {
    if (wantedBytes > this.#sizeBytes) return new Uint8Array(wantedBytes);
    return this.#free.pop() ?? new Uint8Array(this.#sizeBytes);
  }

  /** Takes back the buffer that a view is on; one of another size is left to the garbage collector. */
  release(view: Uint8Array): void {
    if (view.buffer.byteLength === this.#sizeBytes) this.#free.push(new Uint8Array(view.buffer));
  }
}
