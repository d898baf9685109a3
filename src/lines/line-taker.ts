import * as layout from "./layout.ts";
import { LINE_BYTES, READ_BYTES } from "./layout.ts";
import { LineMemory, type Width } from "./line-memory.ts";
import { encodeSteps, type Step, stepBytes } from "./steps.ts";

/** What has been given to a group: so many of its bytes. */
export interface Group {
  readonly bytes: Buffer;
  readonly byteCount: number;
  readonly readEndCount: number;
  /** How much it had been given when a read of daemontools ended; ascending. */
  readEnd(index: number): number;
}

const STAMP_BYTES = 26;
/** The most that becomes of one read of daemontools: an empty line from each byte, with a stamp; and a held line. */
const MAX_READ_RESULT = READ_BYTES * (STAMP_BYTES + 1) + LINE_BYTES;
/** A word for its length and the line itself. */
const KEPT_BYTES = 4 + LINE_BYTES;

interface Settings {
  readonly isStamped: boolean;
  readonly steps: readonly Step[];
  /** The most that is taken at once. */
  readonly inputBytes: number;
  readonly width?: Width;
}

/**
 * Takes lines as multilog does: stamps them, cuts them at 1000 bytes, and lets a script select them. Each `give` is a
 * group and gets the lines that are selected there; they lie in its memory until `empty()`.
 */
export class LineTaker {
  readonly groups: readonly Group[];
  /** The 26 bytes that lines get before them from now on: label and space. */
  readonly stamp: Buffer;
  /** As `stamp`, for the first line or part of one that is taken next. */
  readonly firstStamp: Buffer;
  readonly #memory: LineMemory;
  readonly #inputAt: number;
  readonly #inputBytes: number;
  readonly #shownAt: number;
  readonly #kept: number[] = [];

  /** @param steps None: every line is given to one group. */
  constructor({ isStamped, steps, inputBytes, width }: Settings) {
    const groupCount = Math.max(1, steps.filter(({ kind }) => kind === "give").length);
    const showCount = steps.filter(({ kind }) => kind === "show").length;
    const keepCount = steps.filter(({ kind }) => kind === "keep").length;
    const groupBytes = 1.5 * inputBytes + MAX_READ_RESULT;
    const readEnds = Math.ceil(inputBytes / READ_BYTES) + 1;
    const shownBytes = 2 * showCount * MAX_READ_RESULT;
    const program = encodeSteps(steps);
    const size = LineMemory.sizeOf;
    const wanted =
      size(inputBytes) +
      groupCount * (size(groupBytes) + size(4 * readEnds) + layout.GROUP_WORDS_BYTES) +
      size(0) +
      size(shownBytes) +
      size(program.length) +
      keepCount * size(KEPT_BYTES);
    const memory = new LineMemory(wanted, width);
    this.#memory = memory;
    this.stamp = memory.bytes.subarray(layout.STAMP, layout.STAMP + STAMP_BYTES);
    this.firstStamp = memory.bytes.subarray(layout.FIRST_STAMP, layout.FIRST_STAMP + STAMP_BYTES);
    this.#inputAt = memory.allot(inputBytes);
    this.#inputBytes = inputBytes;
    this.#shownAt = memory.allot(shownBytes);
    const groupsAt = memory.allot(groupCount * layout.GROUP_WORDS_BYTES);
    this.groups = Array.from({ length: groupCount }, (_, index) => {
      const words = groupsAt + index * layout.GROUP_WORDS_BYTES;
      const at = memory.allot(groupBytes);
      const readEndsAt = memory.allot(4 * readEnds);
      memory.setWord(words + layout.GROUP_AT, at);
      memory.setWord(words + layout.GROUP_LIMIT, groupBytes - MAX_READ_RESULT);
      memory.setWord(words + layout.READ_ENDS_AT, readEndsAt);
      memory.setWord(words + layout.IS_SELECTED, steps.length === 0 ? 1 : 0);
      return {
        bytes: memory.bytes.subarray(at, at + groupBytes),
        get byteCount() {
          return memory.wordAt(words + layout.GROUP_BYTES);
        },
        get readEndCount() {
          return memory.wordAt(words + layout.READ_END_COUNT);
        },
        readEnd: (index: number) => memory.wordAt(readEndsAt + 4 * index),
      };
    });
    this.#placeSteps(program, steps);
    memory.setWord(layout.STAMP_BYTES, isStamped ? STAMP_BYTES : 0);
    memory.setWord(layout.STAMP_AT, layout.STAMP);
    memory.setWord(layout.GROUP_COUNT, groupCount);
    memory.setWord(layout.GROUPS_AT, groupsAt);
    memory.setWord(layout.SHOWN_AT, this.#shownAt);
    memory.setWord(layout.SHOWN_LIMIT, shownBytes / 2);
  }

  #placeSteps(program: Uint8Array, steps: readonly Step[]): void {
    const memory = this.#memory;
    const at = memory.allot(program.length);
    memory.bytes.set(program, at);
    memory.setWord(layout.STEPS_AT, at);
    memory.setWord(layout.STEPS_END, at + program.length);
    let next = at;
    for (const step of steps) {
      if (step.kind === "keep") {
        const kept = memory.allot(KEPT_BYTES);
        memory.setWord(kept, layout.NOTHING_KEPT);
        this.#kept.push(kept);
        memory.setWord(next + layout.STEP_NUMBER, kept);
      }
      next += stepBytes(step);
    }
  }

  /**
   * Gives input to be taken; all that was given before has to be taken already.
   *
   * @param firstReadEnd Where in it the first read of daemontools ends: one byte or more from its beginning.
   * @param hasFirstStamp The first line or part of one gets a stamp of its own.
   * @throws RangeError if it is too much
   */
  give(input: Uint8Array, firstReadEnd: number, hasFirstStamp: boolean): void {
    if (input.length > this.#inputBytes || !(firstReadEnd >= 1)) throw new RangeError("too much input");
    const memory = this.#memory;
    memory.bytes.set(input, this.#inputAt);
    memory.setWord(layout.INPUT_AT, this.#inputAt);
    memory.setWord(layout.INPUT_END, this.#inputAt + input.length);
    memory.setWord(layout.NEXT_READ_END, this.#inputAt + firstReadEnd);
    memory.setWord(layout.STAMP_AT, hasFirstStamp ? layout.FIRST_STAMP : layout.STAMP);
  }

  /** Takes lines. @returns false if some are left, and have to be taken after what there is was written and emptied */
  take(): boolean {
    return this.#memory.core.takeLines() !== 0;
  }

  /** Makes room for more; what is begun of a line is kept. */
  empty(): void {
    this.#memory.core.emptyGroups();
  }

  /** The lines that were shown since it was emptied: of each no more than the first 200 bytes, and `...` for the rest. */
  get shown(): Buffer {
    const byteCount = this.#memory.wordAt(layout.SHOWN_BYTES);
    return this.#memory.bytes.subarray(this.#shownAt, this.#shownAt + byteCount);
  }

  /** The line that the `keep` of this number has got last; undefined if that was taken before. */
  takeKept(number: number): Buffer | undefined {
    const at = this.#kept[number]!;
    const byteCount = this.#memory.wordAt(at);
    if (byteCount === layout.NOTHING_KEPT) return undefined;
    this.#memory.setWord(at, layout.NOTHING_KEPT);
    return this.#memory.bytes.subarray(at + 4, at + 4 + byteCount);
  }
}
