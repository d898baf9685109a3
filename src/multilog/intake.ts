import { LINE_BYTES, READ_BYTES } from "../lines/layout.ts";
import type { Clock, Moment } from "../tai64n/label.ts";
import type { StandardInput } from "./input/standard-input.ts";
import { INPUT_BYTES, type Lines } from "./lines.ts";
import type { Unwritten } from "./unwritten.ts";

const NEWLINE = 0x0a;

/** What the operator has asked for by signals; the writer turns `wantsRotation` off when it has rotated. */
export interface Wishes {
  /** TERM: end at the next line end, when everything read is written. */
  wantsEnd: boolean;
  /** ALRM: make an old file of each `current` that is not empty. */
  wantsRotation: boolean;
}

/** Where input goes on its way to the directories. */
export interface Intake {
  readonly lines: Lines;
  readonly unwritten: Unwritten;
  readonly clock: Clock;
  /** How much to take at once, in whole reads of daemontools. */
  readonly bytesToRead: () => number;
  readonly rotateNow: () => void;
}

/**
 * Writes input until it ends or the end is wanted. From a pipe, whole lines are taken: what is there of the next one
 * stays for whoever reads the pipe next. Only a line of more than LINE_BYTES is begun without its end, and the one that
 * TERM has to wait for.
 *
 * @returns the error that ended the input, if one did
 */
export async function takeInput(intake: Intake, input: StandardInput, wishes: Wishes): Promise<unknown> {
  const { lines, unwritten, clock, bytesToRead, rotateNow } = intake;
  let firstReadEnd = READ_BYTES;
  /** When the line was begun that is still in the pipe. */
  let begunAt: Moment | undefined;
  /** @returns true if it is over */
  const heed = () => {
    if (wishes.wantsRotation) {
      wishes.wantsRotation = false;
      rotateNow();
    }
    return wishes.wantsEnd && lines.isBetweenLines && input.begunBytes === 0;
  };
  if (heed()) return; // a signal that came before there was anything to wait for
  for (;;) {
    const isReady = await input.isReady();
    if (heed()) return;
    if (!isReady) continue;
    const { begunBytes } = input;
    const limitBytes = bytesToRead() - READ_BYTES + firstReadEnd;
    const longBytes = lines.isBetweenLines ? LINE_BYTES : 0;
    const found = wishes.wantsEnd
      ? begunBytes || (input.readableBytes() && 1)
      : input.bytesToRead({ limitBytes, stepBytes: READ_BYTES, longBytes });
    if (found === 0) {
      begunAt ??= clock();
      continue;
    }
    const count = Math.min(found ?? (wishes.wantsEnd ? 1 : limitBytes), INPUT_BYTES);
    const { inputAt } = lines;
    unwritten.willRead(inputAt, found === undefined ? undefined : count, begunAt);
    let got: number | undefined;
    try {
      got = input.read(lines.input, inputAt, count);
    } catch (error) {
      return error;
    }
    if (got === 0) return;
    if (got === undefined) continue;
    take(intake, got, firstReadEnd, begunAt);
    firstReadEnd = wishes.wantsEnd ? READ_BYTES : nextReadEnd(firstReadEnd, got, input.seenBytes);
    begunAt = undefined;
  }
}

/** Ends a line that has no newline. */
export function endLine(intake: Intake): void {
  const { lines, unwritten } = intake;
  if (lines.isBetweenLines) return;
  const { input, inputAt } = lines;
  unwritten.willRead(inputAt, undefined);
  input[inputAt] = NEWLINE;
  take(intake, 1, READ_BYTES);
}

/** Writes what was read. */
function take({ lines, unwritten }: Intake, count: number, firstReadEnd: number, begunAt?: Moment): void {
  const { input, inputAt } = lines;
  unwritten.hasRead(count);
  lines.take(count, firstReadEnd, begunAt);
  unwritten.isWritten(input.subarray(inputAt, inputAt + count));
  lines.makeRoom();
}

/**
 * Where, in what is taken next, the read of daemontools ends that has begun in what was taken now: it takes the
 * beginning of a line as well.
 */
function nextReadEnd(firstReadEnd: number, takenBytes: number, seenBytes = takenBytes): number {
  if (seenBytes <= takenBytes) return READ_BYTES;
  const reads = Math.max(0, Math.floor((takenBytes - firstReadEnd) / READ_BYTES) + 1);
  return Math.min(firstReadEnd + reads * READ_BYTES, seenBytes) - takenBytes;
}
