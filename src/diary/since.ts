import { NotParsed } from "../system/errors.ts";
import { parseDuration } from "../system/quantity.ts";
import { formatLabel } from "../tai64n/label.ts";
import { civilDate, dayNumber, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { TimeZone } from "../time/zone.ts";

const DATE_TIME =
  /^(?:(\d{4})-(\d\d)-(\d\d))?[T ]?(?:(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * The label of the moment that a person means: `10m` or `2h` ago, `now`, `today`, `yesterday`, `2017-01-12`, `2017-01-12 14:36:56.5`, `14:36` of
 * today, any of these with `Z` or an offset such as `-03:00`, or a label.
 *
 * @param zone What a time without offset is in. An hour that a change of clocks repeats counts as its first one.
 * @throws NotParsed `must be a time such as 10m (ago), 14:36, 2017-01-12T14:36:56 or a label`
 */
export function parseSince(text: string, zone: TimeZone, nowMs: number): string {
  if (/^@[0-9a-f]{24}$/.test(text)) return text;
  if (text === "now") return labelOfMs(nowMs);
  if (text === "today" || text === "yesterday") return parseSince(dateOf(text, zone, nowMs), zone, nowMs);
  const agoMs = durationOf(text);
  if (agoMs !== undefined) return labelOfMs(nowMs - agoMs);
  const match = text === "" ? null : DATE_TIME.exec(text);
  const [, year, month, day, hour, minute, second, fraction, offset] = match ?? [];
  const isTime = hour !== undefined;
  if (!match || (year === undefined && !isTime)) throw notATime();
  const today = Math.floor(
    (Math.floor(nowMs / 1000) + offsetOf(offset, zone, nowMs / 1000)) / SECONDS_PER_DAY,
  );
  const days =
    year === undefined ? today : dayNumber({ year: Number(year), month: Number(month), day: Number(day) });
  const isOnClock = Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 61;
  const isInCalendar =
    year === undefined ||
    (Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31);
  if (!isOnClock || !isInCalendar) throw notATime();
  const local =
    days * SECONDS_PER_DAY + Number(hour ?? 0) * 3600 + Number(minute ?? 0) * 60 + Number(second ?? 0);
  const unixSeconds = local - offsetOf(offset, zone, local - offsetOf(offset, zone, local));
  return formatLabel({ unixSeconds, nanoseconds: Number((fraction ?? "").padEnd(9, "0")) });
}

/** The local date of today or yesterday, as `2017-01-12`. */
function dateOf(word: "today" | "yesterday", zone: TimeZone, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const today = Math.floor((seconds + offsetOf(undefined, zone, seconds)) / SECONDS_PER_DAY);
  const { year, month, day } = civilDate(word === "today" ? today : today - 1);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function durationOf(text: string): number | undefined {
  try {
    return /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  } catch (error) {
    if (error instanceof NotParsed) return undefined;
    throw error;
  }
}

/** Seconds east of Greenwich: as written, or those of the zone at a moment. */
function offsetOf(written: string | undefined, zone: TimeZone, unixSeconds: number): number {
  if (written === undefined) return zone.period(unixSeconds).offsetSeconds;
  if (written === "Z") return 0;
  const sign = written.startsWith("-") ? -1 : 1;
  return sign * (Number(written.slice(1, 3)) * 3600 + Number(written.slice(-2)) * 60);
}

function labelOfMs(ms: number): string {
  const unixSeconds = Math.floor(ms / 1000);
  return formatLabel({ unixSeconds, nanoseconds: Math.round((ms - unixSeconds * 1000) * 1e6) });
}

function notATime(): NotParsed {
  return new NotParsed("must be a time such as 10m (ago), 14:36, 2017-01-12T14:36:56 or a label");
}
