import { printableLine } from "../system/printable.ts";
import { type LocalTime, localTimeOfLabel } from "../tai64n/local-time.ts";
import { labelOf } from "./line-joiner.ts";

const LABEL_BYTES = 25;
const SECOND_DIGITS_END = 17;
const NEWLINE = Buffer.from("\n");
/** A fatal or warning line as this program and daemontools write them: `multilog: fatal: …`. */
const SEVERITY = /^ ?[\w./-]+: (fatal|warning): /;
const COLOURS = { fatal: "\x1b[31m", warning: "\x1b[33m" } as const;
const COLOUR_END = "\x1b[0m";

export interface LineFormat {
  /** Undefined leaves labels as they are. */
  readonly localTime: LocalTime | undefined;
  readonly hasColour: boolean;
  /** Nothing of a line may act on the terminal; elsewhere its bytes stay as they are. */
  readonly isForTerminal: boolean;
  /** Only lines that match, as they are shown, without prefix. */
  readonly pattern: RegExp | undefined;
}

/** Turns a line of a log into the bytes to show. */
export class LineFormatter {
  readonly #format: LineFormat;
  /** The label's digits up to the second that were formatted last, and their time up to the second: lines come in bursts. */
  #digits = "";
  #time = "";

  constructor(format: LineFormat) {
    this.#format = format;
  }

  /** Whether a line matches the pattern, as it is shown. */
  isWanted(line: Uint8Array): boolean {
    const time = this.#timeOf(line);
    return this.#matches(time, restOf(line, time));
  }

  /** The line with its newline, and a prefix that tells which log it is from; undefined if it is not wanted. */
  format(line: Uint8Array, prefix: string): Uint8Array | undefined {
    const time = this.#timeOf(line);
    const rest = restOf(line, time);
    if (!this.#matches(time, rest)) return undefined;
    const { hasColour, isForTerminal } = this.#format;
    const colour = hasColour ? colourOf(rest) : undefined;
    const start = `${prefix}${colour ?? ""}${time ?? ""}`;
    const shown = isForTerminal ? printableLine(rest) : rest;
    if (colour) return Buffer.concat([Buffer.from(start), shown, Buffer.from(`${COLOUR_END}\n`)]);
    return Buffer.concat([Buffer.from(start), shown, NEWLINE]);
  }

  #matches(time: string | undefined, rest: Uint8Array): boolean {
    const { pattern } = this.#format;
    return !pattern || pattern.test((time ?? "") + Buffer.from(rest).toString());
  }

  #timeOf(line: Uint8Array): string | undefined {
    const { localTime } = this.#format;
    const label = localTime && labelOf(line);
    if (label === undefined) return undefined;
    const digits = label.slice(0, SECOND_DIGITS_END);
    if (digits !== this.#digits) {
      const whole = localTimeOfLabel(label, localTime!);
      if (whole === undefined) return undefined;
      this.#digits = digits;
      this.#time = whole.slice(0, whole.lastIndexOf(".") + 1);
    }
    return this.#time + String(Number.parseInt(label.slice(SECOND_DIGITS_END), 16)).padStart(9, "0");
  }
}

function restOf(line: Uint8Array, time: string | undefined): Uint8Array {
  return time === undefined ? line : line.subarray(LABEL_BYTES);
}

function colourOf(rest: Uint8Array): string | undefined {
  const match = SEVERITY.exec(Buffer.from(rest.subarray(0, 100)).toString("latin1"));
  return match ? COLOURS[match[1] as keyof typeof COLOURS] : undefined;
}
