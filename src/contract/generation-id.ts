/**
 * The id of a generation: `YYYYMMDDTHHMMSSmmm-xxxxxxxx`, the moment (UTC) at which it was met and eight random hexadecimal
 * digits. Of one source each is greater than those before it, even if the clock was set back, so that the order of names is
 * the order of lines over generations as well.
 */
import { randomBytes } from "node:crypto";

/** Of an id, for patterns that it is a part of. */
export const GENERATION_FORM = "\\d{8}T\\d{9}-[0-9a-f]{8}";

const GENERATION = new RegExp(`^${GENERATION_FORM}$`);
const ANYWHERE = new RegExp(GENERATION_FORM);

/**
 * Makes the id of a generation that is met now; always greater than `last`.
 *
 * @param last The greatest id that the source has had.
 */
export function nextGeneration(nowMs: number, last: string | undefined): string {
  const lastMs = last === undefined ? Number.NEGATIVE_INFINITY : momentOf(last);
  const moment = new Date(Math.max(nowMs, lastMs + 1)).toISOString();
  return `${moment.replace(/[-:.Z]/g, "")}-${randomBytes(4).toString("hex")}`;
}

/** The latest of some ids; undefined if there are none. */
export function greatestId(ids: readonly (string | undefined)[]): string | undefined {
  return ids
    .filter((id) => id !== undefined)
    .sort()
    .at(-1);
}

/** The moment in a generation's id in Unix milliseconds; NaN if it is none. */
export function momentOf(generation: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})-[0-9a-f]{8}$/.exec(generation);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second, ms] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
}

export function isGenerationId(text: string): boolean {
  return GENERATION.test(text);
}

/** Whether a key is one of a piece, though its form is not known. */
export function hasGeneration(key: string): boolean {
  return ANYWHERE.test(key);
}
