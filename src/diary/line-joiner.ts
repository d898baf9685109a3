const NEWLINE = 0x0a;
const LABEL_START = /^@[0-9a-f]{24} /;
/** Length of what `LABEL_START` looks at. */
const LABEL_BYTES = 26;

/**
 * The longest line that is held in memory until its newline comes. A longer one is passed on in pieces of about this
 * many bytes, as lines of their own.
 */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Takes a line without its newline. The bytes may be overwritten afterwards: what is kept has to be copied. */
export type LineSink = (line: Uint8Array) => void;

/**
 * Makes whole lines out of the bytes of consecutive files.
 *
 * multilog cuts a line that does not fit into a file, and the next file goes on with it; after a crash the rest of a
 * line is lost, and the next file begins with another one. `endFile()` has to tell which, and where lines are stamped
 * the stamp at the start of the next file tells better.
 */
export class LineJoiner {
  /** The line that has no end yet, in pieces. */
  #partial: Uint8Array[];
  #partialBytes: number;
  #isAtSeam = false;

  /** @param partial What has been read already of a line that has no newline yet. */
  constructor(partial?: Uint8Array) {
    this.#partial = partial ? [partial] : [];
    this.#partialBytes = partial?.length ?? 0;
  }

  /** Passes on each line that these bytes complete. */
  push(bytes: Uint8Array, sink: LineSink): void {
    if (bytes.length === 0) return;
    if (this.#isAtSeam) this.#joinOrEnd(bytes, sink);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      const rest = bytes.subarray(start, end);
      sink(this.#partial.length > 0 ? this.#takePartial(rest) : rest);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.slice(start), sink);
  }

  /** Says that the next bytes come from the next file. */
  endFile(wasCrash: boolean, sink: LineSink): void {
    if (wasCrash) this.end(sink);
    else this.#isAtSeam = this.#partial.length > 0;
  }

  /** Passes on what has been read of a last line that has no newline. */
  end(sink: LineSink): void {
    if (this.#partial.length > 0) sink(this.#takePartial());
    this.#isAtSeam = false;
  }

  #keep(rest: Uint8Array, sink: LineSink): void {
    this.#partial.push(rest);
    this.#partialBytes += rest.length;
    if (this.#partialBytes >= MAX_LINE_BYTES) sink(this.#takePartial());
  }

  #joinOrEnd(bytes: Uint8Array, sink: LineSink): void {
    this.#isAtSeam = false;
    const partial = this.#takePartial();
    if (beginsWithLabel(partial) && beginsWithLabel(bytes)) sink(partial);
    else this.#keep(partial, sink);
  }

  #takePartial(...rest: Uint8Array[]): Buffer {
    const line = Buffer.concat([...this.#partial, ...rest]);
    this.#partial = [];
    this.#partialBytes = 0;
    return line;
  }
}

/** True if the bytes begin with a TAI64N label and a space. */
export function beginsWithLabel(bytes: Uint8Array): boolean {
  return labelOf(bytes) !== undefined;
}

/** The 25 characters of the label that a stamped line begins with. */
export function labelOf(line: Uint8Array): string | undefined {
  if (line[0] !== 0x40 || line.length < LABEL_BYTES) return undefined;
  const start = Buffer.from(line.buffer, line.byteOffset, LABEL_BYTES).toString("latin1");
  return LABEL_START.test(start) ? start.slice(0, -1) : undefined;
}
