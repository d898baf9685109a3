import { LineStamper } from "../lines/line-stamper.ts";
import type { Filter } from "./filter.ts";
import { type Clock, writeLabel } from "./label.ts";

const INPUT_BYTES = 262_144;
const OUTPUT_BYTES = 2 * INPUT_BYTES;

/** Puts the label of the moment and a space before every line, as tai64n does: also before one that is not complete. */
export class StampFilter implements Filter {
  readonly input: Buffer;
  readonly inputAt = 0;
  readonly #stamper = new LineStamper(INPUT_BYTES, OUTPUT_BYTES);
  readonly #clock: Clock;
  readonly #write: (data: Uint8Array) => void;

  constructor(clock: Clock, write: (data: Uint8Array) => void) {
    this.input = this.#stamper.input;
    this.#clock = clock;
    this.#write = write;
    this.#stamper.stamp.fill(" ");
  }

  take(count: number): void {
    writeLabel(this.#clock(), this.#stamper.stamp, 0);
    this.#stamper.take(count, this.#write);
  }

  end(): void {}
}
