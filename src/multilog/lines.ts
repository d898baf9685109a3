import { LINE_BYTES, READ_BYTES } from "../lines/layout.ts";
import { LineTaker } from "../lines/line-taker.ts";
import { type Clock, type Moment, writeLabel } from "../tai64n/label.ts";
import type { LineActions } from "./line-actions.ts";
import type { Delivery } from "./split.ts";

/** Gets the lines of a group of directories, bytes 0 to `length` of the delivery; they are only valid during the call. */
export type Deliver = (group: number, delivery: Delivery, length: number) => void;

/** Turns input as it comes into whole lines for the directories. */
export interface Lines {
  /** Where the next input belongs: `input` from `inputAt`, at most INPUT_BYTES of it. */
  readonly input: Buffer;
  readonly inputAt: number;
  /**
   * Takes what was read; whole lines, and partial ones from their 1000th byte on, are delivered before it returns.
   *
   * @param firstReadEnd Where in it the first read of daemontools ends.
   * @param begunAt When its first line was begun; now, if that is not given.
   */
  take(count: number, firstReadEnd?: number, begunAt?: Moment): void;
  /** Makes room for the next input; until then what was read last is still in `input`. */
  makeRoom(): void;
  /** True if the input taken so far ends with a newline, or if there was none. */
  readonly isBetweenLines: boolean;
}

/** What is read at once from a file; a pipe holds half as much. */
export const INPUT_BYTES = 131_072;
const NEWLINE = 0x0a;

/** The size of the memory that either kind of lines wants for its input. */
export const INPUT_BUFFER_BYTES = LINE_BYTES + INPUT_BYTES + 1;

/** Lines that all go to the same directories as they are: nothing is copied, nothing is looked at but line ends. */
export class PlainLines implements Lines {
  readonly input: Buffer;
  inputAt = 0;
  isBetweenLines = true;
  readonly #deliver: Deliver;
  /** How much of the input has been delivered and may go. */
  #doneUpTo = 0;
  #end = 0;
  /** The line has got its 1000 bytes; what comes up to the newline is delivered at once. */
  #isCut = false;

  constructor(input: Buffer, deliver: Deliver) {
    this.input = input;
    this.#deliver = deliver;
  }

  take(count: number, firstReadEnd = READ_BYTES): void {
    const { input: bytes, inputAt } = this;
    const end = inputAt + count;
    const wasCut = this.#isCut;
    this.isBetweenLines = bytes[end - 1] === NEWLINE;
    const deliverable = this.#deliverableUpTo(end, wasCut);
    this.#isCut = deliverable > 0 ? bytes[deliverable - 1] !== NEWLINE : wasCut;
    const readEndCount = Math.max(0, Math.ceil((count - firstReadEnd) / READ_BYTES));
    const readEnd = (index: number) =>
      this.#deliverableUpTo(inputAt + firstReadEnd + index * READ_BYTES, wasCut);
    if (deliverable > 0) this.#deliver(0, { bytes, readEndCount, readEnd }, deliverable);
    this.#doneUpTo = deliverable;
    this.#end = end;
  }

  makeRoom(): void {
    this.input.copyWithin(0, this.#doneUpTo, this.#end);
    this.inputAt = this.#end - this.#doneUpTo;
    this.#doneUpTo = 0;
    this.#end = this.inputAt;
  }

  /**
   * The end of what may be delivered of the bytes before `end`: all but a line that is not yet 1000 bytes long.
   *
   * @param isCut The line that the input begins in has got them already.
   */
  #deliverableUpTo(end: number, isCut: boolean): number {
    const newline = this.input.lastIndexOf(NEWLINE, end - 1);
    if (newline === -1 && isCut) return end;
    return end - (newline + 1) >= LINE_BYTES ? end : newline + 1;
  }
}

/** Lines that are stamped or looked at by the script, and copied for each group of directories that gets them. */
export class ScriptedLines implements Lines {
  readonly input: Buffer;
  readonly inputAt = 0;
  isBetweenLines = true;
  readonly #taker: LineTaker;
  readonly #actions: LineActions;
  readonly #clock: Clock | undefined;
  readonly #deliver: Deliver;

  constructor(input: Buffer, isStamped: boolean, actions: LineActions, clock: Clock, deliver: Deliver) {
    this.input = input;
    this.#taker = new LineTaker({ isStamped, steps: actions.steps, inputBytes: INPUT_BYTES });
    this.#taker.stamp.fill(" ");
    this.#taker.firstStamp.fill(" ");
    this.#actions = actions;
    this.#clock = isStamped ? clock : undefined;
    this.#deliver = deliver;
  }

  take(count: number, firstReadEnd = READ_BYTES, begunAt?: Moment): void {
    const taker = this.#taker;
    if (this.#clock) {
      writeLabel(this.#clock(), taker.stamp, 0);
      if (begunAt) writeLabel(begunAt, taker.firstStamp, 0);
    }
    this.isBetweenLines = this.input[count - 1] === NEWLINE;
    taker.give(this.input.subarray(0, count), firstReadEnd, begunAt !== undefined);
    while (!taker.take()) this.#deliverAll();
    this.#deliverAll();
  }

  makeRoom(): void {} // what is kept of the input was copied

  #deliverAll(): void {
    const taker = this.#taker;
    this.#actions.use(taker);
    for (const [index, group] of taker.groups.entries()) {
      const { byteCount } = group;
      if (byteCount > 0) this.#deliver(index, group, byteCount);
    }
    taker.empty();
  }
}
