const STEP_BYTES = 128 * 1024;

/**
 * Lends buffers for the contents of files and takes them back: a new one costs the processor more than reading the file
 * into it does, and the collector leaves many of them behind.
 */
export class ContentPool {
  #free: Buffer[] = [];

  /** A buffer of at least that size, and not much more; its content is arbitrary. */
  take(bytes: number): Buffer {
    const sizeBytes = Math.max(1, Math.ceil(bytes / STEP_BYTES)) * STEP_BYTES;
    const index = this.#free.findIndex(({ length }) => length >= bytes && length <= 2 * sizeBytes);
    if (index >= 0) return this.#free.splice(index, 1)[0]!;
    this.#free = []; // what lies there is of the wrong size, and memory is for what is read now
    return Buffer.allocUnsafeSlow(sizeBytes);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}
