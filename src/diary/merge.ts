import type { Line } from "./backwards.ts";
import { labelOf } from "./line-joiner.ts";

/** A line of one of several logs. */
export interface MergedLine extends Line {
  /** Which of the logs. */
  readonly log: number;
  /** Its label, or that of the nearest line read before it that has one; empty if there was none. */
  readonly label: string;
}

/**
 * Merges the lines of logs by label. Lines of one log keep their order; lines without label stay with the one that was
 * read before them.
 *
 * @param direction 1 for logs that are read forwards, -1 for logs that are read backwards
 */
export function* mergeByLabel(logs: Iterator<Line>[], direction: 1 | -1): Generator<MergedLine> {
  const heads = logs.map((lines, log) => next(lines, log, ""));
  for (;;) {
    let first: MergedLine | undefined;
    for (const head of heads) {
      if (head && (!first || comesBefore(head, first, direction))) first = head;
    }
    if (!first) return;
    yield first;
    heads[first.log] = next(logs[first.log]!, first.log, first.label);
  }
}

function next(lines: Iterator<Line>, log: number, lastLabel: string): MergedLine | undefined {
  const { done, value } = lines.next();
  if (done) return undefined;
  return { bytes: value.bytes, isPartial: value.isPartial, log, label: labelOf(value.bytes) ?? lastLabel };
}

function comesBefore(a: MergedLine, b: MergedLine, direction: 1 | -1): boolean {
  return direction === 1 ? a.label < b.label : a.label >= b.label;
}
