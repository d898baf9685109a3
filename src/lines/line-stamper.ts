import * as layout from "./layout.ts";
import { LineMemory, type Width } from "./line-memory.ts";

const STAMP_BYTES = 26;

/** Puts a stamp before each line, however long, also before one that is not complete. */
export class LineStamper {
  /** The 26 bytes of the stamp. */
  readonly stamp: Buffer;
  /** Where input belongs. */
  readonly input: Buffer;
  readonly #memory: LineMemory;
  readonly #inputAt: number;
  readonly #outputAt: number;
  readonly #outputEnd: number;

  constructor(inputBytes: number, outputBytes: number, width?: Width) {
    if (!(outputBytes > STAMP_BYTES)) throw new RangeError("no room for a stamp");
    const memory = new LineMemory(LineMemory.sizeOf(inputBytes) + LineMemory.sizeOf(outputBytes), width);
    this.#memory = memory;
    this.#inputAt = memory.allot(inputBytes);
    this.#outputAt = memory.allot(outputBytes);
    this.#outputEnd = this.#outputAt + outputBytes;
    this.stamp = memory.bytes.subarray(layout.STAMP, layout.STAMP + STAMP_BYTES);
    this.input = memory.bytes.subarray(this.#inputAt, this.#inputAt + inputBytes);
    memory.setWord(layout.STAMP_BYTES, STAMP_BYTES);
  }

  /** Takes the first bytes of `input`, and gives what becomes of them to `write`, piece by piece. */
  take(byteCount: number, write: (bytes: Uint8Array) => void): void {
    if (!(byteCount <= this.input.length)) throw new RangeError("too much input");
    const memory = this.#memory;
    const end = this.#inputAt + byteCount;
    memory.setWord(layout.INPUT_AT, this.#inputAt);
    memory.setWord(layout.INPUT_END, end);
    while (memory.wordAt(layout.INPUT_AT) < end) {
      const outputEnd = memory.core.stampLines(this.#outputAt, this.#outputEnd);
      write(memory.bytes.subarray(this.#outputAt, outputEnd));
    }
  }
}
