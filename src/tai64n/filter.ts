/** A filter from standard input to standard output. */
export interface Filter {
  /** Where the next input belongs: `input` from `inputAt` to its end. */
  readonly input: Buffer;
  readonly inputAt: number;
  /** Takes `count` bytes of input and writes what can be written of them before it returns. */
  take(count: number): void;
  /** Writes what was held back. */
  end(): void;
}

/** Puts input through a filter until it ends; everything that has been read is written before the next read. */
export function runFilter(filter: Filter, read: (target: Buffer, from: number) => number): void {
  for (
    let count = read(filter.input, filter.inputAt);
    count > 0;
    count = read(filter.input, filter.inputAt)
  ) {
    filter.take(count);
  }
  filter.end();
}
