import * as layout from "./layout.ts";
import { LineMemory, type Width } from "./line-memory.ts";

const STAMP_BYTES = 26;

/** Puts a stamp before each line, however long, also before one that is not complete. */
export class LineStamper {
  readonly bytes: Buffer;
  /** Where the 26 bytes of the stamp are. */
  readonly stampAt = layout.STAMP;
  /** Where input belongs. */
  readonly inputAt: number;
  readonly outputAt: number;
  readonly #inputBytes: number;
  readonly #outputEnd: number;
  readonly #memory: LineMemory;

  constructor(inputBytes: number, outputBytes: number, width?: Width) {
    if (!(outputBytes > STAMP_BYTES)) throw new RangeError("no room for a stamp");
    const memory = new LineMemory(LineMemory.sizeOf(inputBytes) + LineMemory.sizeOf(outputBytes), width);
    this.#memory = memory;
    this.bytes = memory.bytes;
    this.inputAt = memory.allot(inputBytes);
    this.outputAt = memory.allot(outputBytes);
    this.#inputBytes = inputBytes;
    this.#outputEnd = this.outputAt + outputBytes;
    memory.setWord(layout.STAMP_BYTES, STAMP_BYTES);
  }

  /** Takes so much of what is at `inputAt`, and gives what becomes of it to `write`, piece by piece. */
  take(byteCount: number, write: (bytes: Uint8Array) => void): void {
    if (!(byteCount <= this.#inputBytes)) throw new RangeError("too much input");
    const memory = this.#memory;
    const end = this.inputAt + byteCount;
    memory.setWord(layout.INPUT_AT, this.inputAt);
    memory.setWord(layout.INPUT_END, end);
    while (memory.wordAt(layout.INPUT_AT) < end) {
      const outputEnd = memory.core.stampLines(this.outputAt, this.#outputEnd);
      write(this.bytes.subarray(this.outputAt, outputEnd));
    }
  }
}
