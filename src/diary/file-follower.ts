import { LineJoiner, type LineSink } from "./line-joiner.ts";
import { close, isNamed, type OpenFile, openIfThere, READ_BYTES, readRest } from "./log-files.ts";

/** Follows one file by its name: when the name leads to another file, that is read from its start. */
export class FileFollower {
  readonly #path: string;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #joiner = new LineJoiner();
  #reading: OpenFile | undefined;

  /**
   * @param start The file up to what has been shown already. Without it all that comes is new.
   * @param partial The bytes before that offset which belong to a line without newline.
   */
  constructor(path: string, start: OpenFile | undefined, partial: Uint8Array | undefined) {
    this.#joiner = new LineJoiner(partial);
    this.#path = path;
    this.#reading = start;
  }

  /** Passes on all lines that have been completed since the last look. */
  look(sink: LineSink): void {
    for (;;) {
      const left = this.#reading;
      const isThere = left === undefined || isNamed(this.#path, left);
      if (left) readRest(left, this.#buffer, (bytes) => this.#joiner.push(bytes, sink));
      if (left && isThere) return;
      const next = openIfThere(this.#path);
      if (!next) return;
      if (left) this.#joiner.end(sink);
      close(left);
      this.#reading = next;
    }
  }
}
