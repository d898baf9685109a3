import { type Clock, LABEL_LENGTH, type Moment, writeLabel } from "../tai64n/label.ts";
import type { LineActions } from "./line-actions.ts";
import { type Delivery, LINE_BYTES, READ_BYTES } from "./split.ts";

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
const STAMP_BYTES = LABEL_LENGTH + 1;
/** The most that becomes of one read of daemontools: an empty line from each byte, with a stamp; and a held line. */
const MAX_READ_RESULT = READ_BYTES * (STAMP_BYTES + 1) + LINE_BYTES;

/** The size of the memory that either kind of lines wants for its input. */
export const INPUT_BUFFER_BYTES = LINE_BYTES + INPUT_BYTES + 1;

function newDelivery(bytes: Buffer): Delivery {
  return { bytes, readEnds: new Int32Array(INPUT_BYTES / READ_BYTES + 1), readEndCount: 0 };
}

/** Lines that all go to the same directories as they are: nothing is copied, nothing is looked at but line ends. */
export class PlainLines implements Lines {
  readonly input: Buffer;
  inputAt = 0;
  isBetweenLines = true;
  readonly #delivery: Delivery;
  readonly #deliver: Deliver;
  /** How much of the input has been delivered and may go. */
  #doneUpTo = 0;
  #end = 0;
  /** The line has got its 1000 bytes; what comes up to the newline is delivered at once. */
  #isCut = false;

  constructor(input: Buffer, deliver: Deliver) {
    this.input = input;
    this.#delivery = newDelivery(input);
    this.#deliver = deliver;
  }

  take(count: number, firstReadEnd = READ_BYTES): void {
    const bytes = this.input;
    const end = this.inputAt + count;
    this.isBetweenLines = bytes[end - 1] === NEWLINE;
    this.#delivery.readEndCount = 0;
    for (let readEnd = this.inputAt + firstReadEnd; readEnd < end; readEnd += READ_BYTES) {
      this.#delivery.readEnds[this.#delivery.readEndCount++] = this.#deliverableUpTo(readEnd);
    }
    const deliverable = this.#deliverableUpTo(end);
    this.#isCut = deliverable > 0 ? bytes[deliverable - 1] !== NEWLINE : this.#isCut;
    if (deliverable > 0) this.#deliver(0, this.#delivery, deliverable);
    this.#doneUpTo = deliverable;
    this.#end = end;
  }

  makeRoom(): void {
    this.input.copyWithin(0, this.#doneUpTo, this.#end);
    this.inputAt = this.#end - this.#doneUpTo;
    this.#doneUpTo = 0;
    this.#end = this.inputAt;
  }

  /** The end of what may be delivered of the bytes before `end`: all but a line that is not yet 1000 bytes long. */
  #deliverableUpTo(end: number): number {
    const newline = this.input.lastIndexOf(NEWLINE, end - 1);
    if (newline === -1 && this.#isCut) return end;
    return end - (newline + 1) >= LINE_BYTES ? end : newline + 1;
  }
}

interface Group {
  readonly delivery: Delivery;
  length: number;
}

/** Lines that are stamped or looked at by the script, and copied into one delivery for each group of directories. */
export class ScriptedLines implements Lines {
  readonly input: Buffer;
  readonly inputAt = 0;
  isBetweenLines = true;
  readonly #actions: LineActions;
  readonly #clock: Clock;
  readonly #deliver: Deliver;
  readonly #stamp: Uint8Array;
  readonly #groups: readonly Group[];
  /** The first delivery also holds the line being read, from the end of its delivered bytes. */
  readonly #first: Group;
  #lineEnd = 0;
  #isCut = false;
  #nextReadEnd = 0;

  constructor(input: Buffer, isStamped: boolean, actions: LineActions, clock: Clock, deliver: Deliver) {
    this.input = input;
    this.#actions = actions;
    this.#clock = clock;
    this.#deliver = deliver;
    this.#stamp = new Uint8Array(isStamped ? STAMP_BYTES : 0).fill(0x20);
    const count = Math.max(1, actions.isSelected.length);
    const sizeBytes = 1.5 * INPUT_BYTES + MAX_READ_RESULT;
    this.#groups = Array.from({ length: count }, () => ({
      delivery: newDelivery(Buffer.allocUnsafeSlow(sizeBytes)),
      length: 0,
    }));
    this.#first = this.#groups[0]!;
  }

  take(count: number, firstReadEnd = READ_BYTES, begunAt?: Moment): void {
    const { input } = this;
    const now = this.#stamp.length > 0 ? this.#clock() : undefined;
    if (now) writeLabel(begunAt ?? now, this.#stamp, 0);
    this.isBetweenLines = input[count - 1] === NEWLINE;
    this.#nextReadEnd = firstReadEnd;
    for (let at = 0; at < count; ) {
      if (now && begunAt && at > 0) {
        writeLabel(now, this.#stamp, 0);
        begunAt = undefined;
      }
      const found = input.indexOf(NEWLINE, at);
      const newline = found < count ? found : -1;
      if (this.#isCut) at = this.#passOn(at, newline === -1 ? count : newline + 1);
      else at = this.#takeLine(at, newline, count);
    }
    this.#deliverAll();
  }

  makeRoom(): void {} // what is kept of the input was copied

  /** Takes input up to the newline, the end or the 1000th byte of the line, and returns where it stopped. */
  #takeLine(at: number, newline: number, count: number): number {
    const first = this.#first;
    const stamp = this.#stamp;
    const last = newline === -1 ? count - 1 : newline;
    const room = LINE_BYTES - (this.#lineEnd - first.length || stamp.length);
    if (last >= this.#nextReadEnd) this.#passReadEnds(Math.min(last, at + room - 1));
    const { bytes } = first.delivery;
    const from = first.length;
    let end = this.#lineEnd;
    if (end === from) for (let index = 0; index < stamp.length; index++) bytes[end++] = stamp[index]!;
    const textEnd = newline === -1 ? count : newline;
    if (textEnd - at >= room) {
      this.input.copy(bytes, end, at, at + room);
      this.#isCut = true;
      this.#runScript(from, end + room, end + room);
      return at + room;
    }
    this.input.copy(bytes, end, at, last + 1);
    end += last + 1 - at;
    if (newline === -1) this.#lineEnd = end;
    else this.#runScript(from, end - 1, end);
    return last + 1;
  }

  #runScript(from: number, textEnd: number, end: number): void {
    const first = this.#first;
    const { isSelected } = this.#actions;
    if (this.#actions.areNeeded) this.#actions.run(first.delivery.bytes, from, textEnd);
    for (let index = 1; index < this.#groups.length; index++) {
      const group = this.#groups[index]!;
      if (isSelected[index])
        group.length += first.delivery.bytes.copy(group.delivery.bytes, group.length, from, end);
    }
    if (isSelected[0]) first.length = end;
    this.#lineEnd = first.length;
  }

  /** Passes on what follows the 1000th byte of a line. */
  #passOn(from: number, to: number): number {
    let at = from;
    while (at < to) {
      this.#passReadEnds(at);
      const stop = Math.min(to, this.#nextReadEnd);
      for (const [index, group] of this.#groups.entries()) {
        if (this.#actions.isSelected[index])
          group.length += this.input.copy(group.delivery.bytes, group.length, at, stop);
      }
      this.#lineEnd = this.#first.length;
      at = stop;
    }
    if (this.input[to - 1] === NEWLINE) this.#isCut = false;
    return to;
  }

  /** Notes where daemontools would have read on, for the reads that end at or before an offset into the input. */
  #passReadEnds(offset: number): void {
    for (; this.#nextReadEnd <= offset; this.#nextReadEnd += READ_BYTES) {
      for (const { delivery, length } of this.#groups) delivery.readEnds[delivery.readEndCount++] = length;
      if (this.#groups.some(({ delivery, length }) => length > delivery.bytes.length - MAX_READ_RESULT)) {
        this.#deliverAll();
      }
    }
  }

  #deliverAll(): void {
    const { bytes } = this.#first.delivery;
    const held = this.#first.length;
    this.#actions.flush();
    for (const [index, group] of this.#groups.entries()) {
      if (group.length > 0) this.#deliver(index, group.delivery, group.length);
      group.delivery.readEndCount = 0;
      group.length = 0;
    }
    bytes.copyWithin(0, held, this.#lineEnd);
    this.#lineEnd -= held;
  }
}
