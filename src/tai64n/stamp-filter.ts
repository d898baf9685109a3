import type { Filter } from "./filter.ts";
import { type Clock, LABEL_LENGTH, writeLabel } from "./label.ts";

const INPUT_BYTES = 65_536;
const OUTPUT_BYTES = 2 * INPUT_BYTES;
const STAMP_BYTES = LABEL_LENGTH + 1;
const NEWLINE = 0x0a;

/** Puts the label of the moment and a space before every line, as tai64n does: also before one that is not complete. */
export class StampFilter implements Filter {
  readonly input = Buffer.allocUnsafeSlow(INPUT_BYTES);
  readonly inputAt = 0;
  readonly #output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  readonly #stamp = new Uint8Array(STAMP_BYTES).fill(0x20);
  readonly #clock: Clock;
  readonly #write: (data: Uint8Array) => void;
  #isLineBegun = false;

  constructor(clock: Clock, write: (data: Uint8Array) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  take(count: number): void {
    const { input } = this;
    const output = this.#output;
    const stamp = this.#stamp;
    writeLabel(this.#clock(), stamp, 0);
    let length = 0;
    for (let at = 0; at < count; ) {
      const newline = input.indexOf(NEWLINE, at);
      const end = newline === -1 || newline >= count ? count : newline + 1;
      if (length + STAMP_BYTES + end - at > output.length) {
        this.#write(output.subarray(0, length));
        length = 0;
      }
      if (!this.#isLineBegun) {
        for (let index = 0; index < STAMP_BYTES; index++) output[length++] = stamp[index]!;
      }
      length += input.copy(output, length, at, end);
      this.#isLineBegun = newline !== end - 1;
      at = end;
    }
    this.#write(output.subarray(0, length));
  }

  end(): void {}
}
