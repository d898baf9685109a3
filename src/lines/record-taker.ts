import * as layout from "./layout.ts";
import { LineMemory, type Width } from "./line-memory.ts";

/** What a value of a record is made of; `printable` is a text of ASCII alone. */
export type TakenKind = "time" | "address" | "word" | "text" | "printable" | "number" | "seconds" | "status";

/** The bytes before a value and its kind; after the last one there is none. */
export interface TakenStep {
  readonly before: Uint8Array;
  readonly kind: TakenKind | undefined;
}

const CODES: Record<TakenKind, number> = {
  time: layout.TIME,
  address: layout.ADDRESS,
  word: layout.WORD,
  text: layout.TEXT,
  printable: layout.PRINTABLE_TEXT,
  number: layout.NUMBER,
  seconds: layout.SECONDS,
  status: layout.STATUS,
};

/** How far beyond the end of what is loaded is read. */
const AHEAD_BYTES = 2 * layout.MOST_LITERAL_BYTES;

/** What may be loaded at once. */
export const LOADED_BYTES = 256 * 1024;

/**
 * Takes records of one layout as fast as they can be read, as long as nothing is unusual about them: no fault, no escape in
 * a text, no other time than the record before.
 */
export class RecordTaker {
  /** How many records the latest `take()` has taken. */
  records = 0;
  readonly #memory: LineMemory;
  readonly #at: number;
  #loaded = 0;

  constructor(steps: readonly TakenStep[], width?: Width) {
    const program = encoded(steps);
    const memory = new LineMemory(
      LineMemory.sizeOf(program.length) + LineMemory.sizeOf(LOADED_BYTES + AHEAD_BYTES),
      width,
    );
    this.#memory = memory;
    const programAt = memory.allot(program.length);
    memory.bytes.set(program, programAt);
    memory.setWord(layout.RECORD_STEPS_AT, programAt);
    memory.setWord(layout.RECORD_STEPS_END, programAt + program.length);
    this.#at = memory.allot(LOADED_BYTES + AHEAD_BYTES);
  }

  /** The time that records have to have, as it is written; with none of them is taken. @throws RangeError if it is too long */
  setTime(time: Uint8Array): void {
    if (time.length > layout.MOST_TIME_BYTES) throw new RangeError("too long a time");
    const { bytes } = this.#memory;
    bytes.set(time, layout.TIME_AT);
    bytes.fill(0xff, layout.TIME_MASK, layout.TIME_MASK + time.length);
    bytes.fill(0, layout.TIME_MASK + time.length, layout.TIME_MASK + layout.MOST_TIME_BYTES);
    this.#memory.setWord(layout.TIME_BYTES, time.length);
  }

  /** Gives bytes to be taken. @throws RangeError if they are too many */
  load(bytes: Uint8Array): void {
    if (bytes.length > LOADED_BYTES) throw new RangeError("too much input");
    this.#memory.bytes.set(bytes, this.#at);
    this.#loaded = bytes.length;
  }

  /** Takes records from an offset in what was loaded on. @returns the offset behind them */
  take(from: number): number {
    const at = this.#at;
    this.#memory.check(at + from, at + this.#loaded);
    const end = this.#memory.core.takeRecords(at + from, at + this.#loaded);
    this.records = this.#memory.wordAt(layout.RECORD_COUNT);
    return end - at;
  }
}

function encoded(steps: readonly TakenStep[]): Buffer {
  return Buffer.concat(
    steps.map(({ before, kind }) => {
      if (before.length > layout.MOST_LITERAL_BYTES) throw new RangeError("too long a text before a value");
      const step = Buffer.alloc(layout.RECORD_STEP_BYTES);
      step.writeUInt32LE(kind === undefined ? layout.NO_VALUE : CODES[kind], 0);
      step.writeUInt32LE(before.length, 4);
      step.set(before, layout.RECORD_STEP_LITERAL);
      step.fill(0xff, layout.RECORD_STEP_MASK, layout.RECORD_STEP_MASK + before.length);
      return step;
    }),
  );
}
