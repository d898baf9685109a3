import { formatLabel } from "../tai64n/label.ts";
import { COMBINED_TIME, ISO_TIME, recordSeconds, SCRIPT_TIME, type TimeLayout } from "../time/record-time.ts";
import type { TimeZone } from "../time/zone.ts";
import type { Line } from "./backwards.ts";
import { labelOf } from "./line-joiner.ts";

/** Where the formats of access logs have their time: a line of each begins so. */
const BEGINNINGS: readonly (readonly [RegExp, TimeLayout])[] = [
  [/^\{?"time": ?"([^"]+)"/, ISO_TIME],
  [/^\S+ \S+ [^[\]"]*\[([^\]]+)\]/, COMBINED_TIME],
  [/^ \t"time": "([^"]+)"/, SCRIPT_TIME],
];
const BEGINNING_BYTES = 256;
/** The first line of a record that is one value a line; its time is in the next. */
const OPENING = Buffer.from("{ ");
/** How much without a time is held back for the time that stands before it. */
const HELD_BYTES = 1 << 20;

/** Tells when a line was written, as a label; undefined if it says nothing of it. */
export type TimeOfLine = (line: Uint8Array) => string | undefined;

/**
 * Reads TAI64N labels, and the times of the access logs that logship writes.
 *
 * @param zone What a time without offset is in.
 */
export function timesIn(zone: TimeZone): TimeOfLine {
  // Of the line before, as most have.
  let form = BEGINNINGS[0]!;
  let lastText = "";
  let lastLabel: string | undefined;
  return (line) => {
    const label = labelOf(line);
    if (label !== undefined) return label;
    const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, BEGINNING_BYTES)).toString(
      "latin1",
    );
    const textOf = ([beginning]: (typeof BEGINNINGS)[number]) => beginning.exec(start)?.[1];
    let text = textOf(form);
    if (text === undefined) {
      const other = BEGINNINGS.find((one) => textOf(one) !== undefined);
      if (!other) return undefined;
      form = other;
      text = textOf(form)!;
    }
    if (text !== lastText) lastLabel = labelOfTime(text, form[1], zone);
    lastText = text;
    return lastLabel;
  };
}

function labelOfTime(text: string, layout: TimeLayout, zone: TimeZone): string | undefined {
  const seconds = recordSeconds(text, layout);
  if (seconds === undefined) return undefined;
  const offset = (at: number) => (layout.hasOffset ? 0 : zone.period(at).offsetSeconds);
  return formatLabel({ unixSeconds: seconds - offset(seconds - offset(seconds)), nanoseconds: 0 });
}

/** A line, and when it was written. */
export interface TimedLine extends Line {
  /** Its own, or that of the nearest line before it in the log that has one; empty if there is none near. */
  readonly label: string;
}

/** Gives lines their times, oldest first. */
export function* timedForwards(lines: Iterable<Line>, timeOf: TimeOfLine): Generator<TimedLine> {
  let label = "";
  let opening: Line | undefined;
  for (const line of lines) {
    label = timeOf(line.bytes) ?? label;
    if (opening) yield { ...opening, label };
    opening = isOpening(line) ? line : undefined;
    if (!opening) yield { ...line, label };
  }
  if (opening) yield { ...opening, label };
}

/** As `timedForwards()`, last line first. */
export function* timedBackwards(lines: Iterable<Line>, timeOf: TimeOfLine): Generator<TimedLine> {
  let label = "";
  let held: Line[] = [];
  let heldBytes = 0;
  for (const line of lines) {
    const own = timeOf(line.bytes);
    if (own === undefined && held.length === 0 && isOpening(line)) {
      yield { ...line, label };
      continue;
    }
    held.push(line);
    heldBytes += line.bytes.length;
    if (own === undefined && heldBytes < HELD_BYTES) continue;
    label = own ?? "";
    for (const one of held) yield { ...one, label };
    held = [];
    heldBytes = 0;
  }
  for (const one of held) yield { ...one, label: "" };
}

function isOpening({ bytes }: Line): boolean {
  return bytes.length === OPENING.length && OPENING.equals(bytes);
}
