import { READ_BYTES, readRest } from "../follow/content.ts";
import type { Follower } from "../follow/follower.ts";
import { LineJoiner, type LineSink } from "./line-joiner.ts";

/** Makes whole lines of what is added to a log. */
export class LineFollower {
  readonly #files: Follower;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #joiner: LineJoiner;

  /** @param partial The bytes before the start which belong to a line without newline. */
  constructor(files: Follower, partial: Uint8Array | undefined) {
    this.#files = files;
    this.#joiner = new LineJoiner(partial);
  }

  /** Passes on all lines that have been completed since the last look. */
  look(sink: LineSink): void {
    const joiner = this.#joiner;
    this.#files.look({
      read: (file) => readRest(file, this.#buffer, (bytes) => joiner.push(bytes, sink)),
      end: (_, isCut) => joiner.endFile(isCut, sink),
    });
  }
}
