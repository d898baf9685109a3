import type { TimedLine } from "./line-time.ts";

/** A line of one of several logs. */
export interface MergedLine extends TimedLine {
  /** Which of the logs. */
  readonly log: number;
}

/**
 * Merges the lines of logs by label. Lines of one log keep their order.
 *
 * @param direction 1 for logs that are read forwards, -1 for logs that are read backwards
 */
export function* mergeByLabel(logs: Iterator<TimedLine>[], direction: 1 | -1): Generator<MergedLine> {
  const heads = logs.map((lines, log) => next(lines, log));
  for (;;) {
    let first: MergedLine | undefined;
    for (const head of heads) {
      if (head && (!first || comesBefore(head, first, direction))) first = head;
    }
    if (!first) return;
    yield first;
    heads[first.log] = next(logs[first.log]!, first.log);
  }
}

function next(lines: Iterator<TimedLine>, log: number): MergedLine | undefined {
  const { done, value } = lines.next();
  return done ? undefined : { ...value, log };
}

function comesBefore(a: MergedLine, b: MergedLine, direction: 1 | -1): boolean {
  return direction === 1 ? a.label < b.label : a.label >= b.label;
}
