import { NotParsed } from "../system/errors.ts";
import { dayNumber, SECONDS_PER_DAY } from "./calendar.ts";
import type { TimeZone } from "./zone.ts";

/** A point in time as a person writes it; without a zone of its own it means the local time of some zone. */
export interface GivenTime {
  /** Unix milliseconds, or as many of local time if it has no zone of its own. */
  readonly ms: number;
  readonly isLocal: boolean;
}

const DATE = "(\\d{4})-(\\d\\d)-(\\d\\d)";
const CLOCK = "(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?";
const OFFSET = "(Z|([+-])(\\d\\d):?(\\d\\d)?)";
const ISO_8601 = new RegExp(`^${DATE}(?:[T ]${CLOCK}\\s?${OFFSET}?)?$`, "i");
const LATEST_SECONDS = 253_402_300_799; // the end of the year 9999

/**
 * Parses ISO 8601 (`2017-01-12`, `2017-01-12T14:36:56`, `2017-01-12T14:36:56.5-03:00`) or Unix seconds, up to the year 9999.
 *
 * @throws NotParsed `must be a time such as 2017-01-12T14:36:56Z, or Unix seconds`
 */
export function parseMoment(text: string): GivenTime {
  if (/^\d{1,12}(\.\d+)?$/.test(text) && Number(text) <= LATEST_SECONDS)
    return { ms: Math.round(Number(text) * 1000), isLocal: false };
  const match = ISO_8601.exec(text);
  if (!match) throw notParsed();
  const numbers = match.map((part) => Number(part ?? 0));
  const [, year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  const days = dayNumber({ year, month, day });
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDate || hours > 23 || minutes > 59 || seconds > 60) throw notParsed();
  const fraction = Math.round(Number(`0.${match[7] ?? 0}`) * 1000);
  const local = (days * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds) * 1000 + fraction;
  if (match[8] === undefined) return { ms: local, isLocal: true };
  const [offsetHours = 0, offsetMinutes = 0] = numbers.slice(10);
  if (offsetHours > 23 || offsetMinutes > 59) throw notParsed();
  const offset = (offsetHours * 3600 + offsetMinutes * 60) * 1000;
  return { ms: match[9] === "-" ? local + offset : local - offset, isLocal: false };
}

/** The moment in Unix milliseconds; a local time that comes twice in its zone means the first time. */
export function unixMsOf({ ms, isLocal }: GivenTime, zone: TimeZone): number {
  if (!isLocal) return ms;
  const seconds = Math.floor(ms / 1000);
  const offsets = [-1, 1].map((days) => zone.period(seconds + days * SECONDS_PER_DAY).offsetSeconds);
  const candidates = offsets.map((offset) => seconds - offset);
  const exact = candidates.filter((unix) => unix + zone.period(unix).offsetSeconds === seconds);
  // A local time that a clock set forward leaves out is read with the offset from before.
  return (exact.length > 0 ? Math.min(...exact) : candidates[0]!) * 1000 + (ms - seconds * 1000);
}

function daysIn(year: number, month: number): number {
  const first = dayNumber({ year, month, day: 1 });
  const next = month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 };
  return dayNumber(next) - first;
}

function notParsed(): NotParsed {
  return new NotParsed("must be a time such as 2017-01-12T14:36:56Z, or Unix seconds");
}
