import { labelOf } from "./line-joiner.ts";
import type { TimeOfLine } from "./line-time.ts";

/** What the lines of a log have said of their times, as far as `timeOf` was asked. */
export class SeenTimes {
  /** Each line has its label, or at least none has another time. */
  isSorted = true;
  #hasLines = false;
  #hasTimes = false;
  readonly #timeOf: TimeOfLine;

  constructor(timeOf: TimeOfLine) {
    this.#timeOf = timeOf;
  }

  readonly timeOf: TimeOfLine = (line) => {
    const time = this.#timeOf(line);
    this.#hasLines = true;
    this.#hasTimes ||= time !== undefined;
    this.isSorted &&= time === undefined || labelOf(line) !== undefined;
    return time;
  };

  /** There are lines, and none has a time. */
  get isTimeless(): boolean {
    return this.#hasLines && !this.#hasTimes;
  }
}
