import type { Clock, Moment } from "../tai64n/label.ts";
import { append } from "./append.ts";
import { type Deliver, INPUT_BUFFER_BYTES, INPUT_BYTES, type Lines } from "./lines.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { Delivery } from "./split.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Unwritten } from "./unwritten.ts";

const NEWLINE = 0x0a;

/** Makes the lines of a script. @param input INPUT_BUFFER_BYTES to read to. */
export type NewLines = (input: Buffer, clock: Clock, deliver: Deliver) => Lines;

/**
 * Writes what a killed writer had read and not written, each line with the stamp that it would have had.
 *
 * @returns the lines to go on with, in the middle of one if need be
 */
export function resume(
  unwritten: Unwritten,
  groups: readonly (readonly LogDirectory[])[],
  newLines: NewLines,
  deliver: Deliver,
  surroundings: Surroundings,
): Lines {
  const left = unwritten.begin();
  let lineBegun = left;
  if (left && left.input.length > 0) {
    const missing = new Map(groups.flat().map((log) => [log, unwritten.writtenTo(log)]));
    const deliverRest: Deliver = (group, delivery, length) => {
      for (const log of groups[group] ?? []) {
        const present = missing.get(log)!;
        const from = unwritten.isPutAway(log) ? lineStart(delivery, length, present) : present;
        unwritten.repeat(log, present - from);
        missing.set(log, appendRest(log, delivery, length, from, surroundings));
      }
    };
    // The record has to stay as it is until all of it is written.
    const lines = beginLine(
      newLines,
      Buffer.allocUnsafeSlow(INPUT_BUFFER_BYTES),
      left,
      () => left.stampedAt,
      deliverRest,
    );
    feed(lines, left.input, left.line.length > 0 ? undefined : left.lineStampedAt);
    lineBegun = { ...left, ...unwritten.isWritten(left.input) };
  }
  return beginLine(newLines, unwritten.input, lineBegun, unwritten.clock, deliver);
}

/** Lines that have already taken, and delivered, the beginning of a line. */
function beginLine(
  newLines: NewLines,
  input: Buffer,
  begun: { readonly line: Uint8Array; readonly lineStampedAt: Moment | undefined } | undefined,
  clock: Clock,
  deliver: Deliver,
): Lines {
  if (!begun || begun.line.length === 0) return newLines(input, clock, deliver);
  let isBegun = false;
  const lines = newLines(
    input,
    () => (isBegun ? clock() : (begun.lineStampedAt ?? clock())),
    (group, delivery, length) => {
      if (isBegun) deliver(group, delivery, length);
    },
  );
  feed(lines, begun.line);
  isBegun = true;
  return lines;
}

/** @param begunAt When its first line was begun, if that was earlier than the others. */
function feed(lines: Lines, input: Uint8Array, begunAt?: Moment): void {
  for (let at = 0; at < input.length; at += INPUT_BYTES) {
    const part = input.subarray(at, at + INPUT_BYTES);
    lines.input.set(part, lines.inputAt);
    lines.take(part.length, undefined, at === 0 ? begunAt : undefined);
    lines.makeRoom();
  }
}

/** Where a line begins that is there only in part: it is written once more, whole. */
function lineStart({ bytes }: Delivery, length: number, present: number): number {
  return present > 0 && present < length ? bytes.lastIndexOf(NEWLINE, present - 1) + 1 : present;
}

/** Appends what is not there yet. @param present How many bytes are. @returns how many of later deliveries are */
function appendRest(
  log: LogDirectory,
  delivery: Delivery,
  length: number,
  present: number,
  surroundings: Surroundings,
): number {
  if (present >= length) return present - length;
  const rest = {
    bytes: delivery.bytes.subarray(present, length),
    readEndCount: 0,
    readEnd: () => 0,
  };
  append(log, rest, length - present, surroundings);
  return 0;
}
