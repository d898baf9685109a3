/** Times as the access-log formats write them. */
import { civilDate, dayNumber, SECONDS_PER_DAY } from "./calendar.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How a time is written; `fields` are the places of its numbers in the match. */
export interface TimeLayout {
  readonly pattern: RegExp;
  /** False where no offset from UTC is written, so that clocks set back make times run backwards by up to an hour. */
  readonly hasOffset: boolean;
}

export const ISO_TIME: TimeLayout = {
  pattern:
    /^(?<year>\d{2,})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d)$/,
  hasOffset: true,
};

export const COMBINED_TIME: TimeLayout = {
  pattern:
    /^(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{2,}):(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<sign>[+-])(?<offsetHour>\d\d)(?<offsetMinute>\d\d)$/,
  hasOffset: true,
};

export const SCRIPT_TIME: TimeLayout = {
  pattern:
    /^(?<year>\d{2,})-(?<month>\d\d)-(?<day>\d\d)T:(?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})$/,
  hasOffset: false,
};

/**
 * Reads the time of a record.
 *
 * @returns Unix seconds, or seconds of local time where no offset is written; undefined if it is no time
 */
export function recordSeconds(text: string, layout: TimeLayout): number | undefined {
  const fields = layout.pattern.exec(text)?.groups;
  if (fields === undefined) return undefined;
  const year = Number(fields.year);
  const month = MONTHS.indexOf(fields.month!) + 1 || Number(fields.month);
  const day = Number(fields.day);
  const [hour, minute, second] = [fields.hour, fields.minute, fields.second].map(Number) as [
    number,
    number,
    number,
  ];
  const days = dayNumber({ year, month, day });
  const date = civilDate(days);
  const isDate = month >= 1 && month <= 12 && date.month === month && date.day === day;
  // 60 is a leap second of a `right/` zone.
  if (!isDate || hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = Number(fields.offsetHour ?? 0) * 3600 + Number(fields.offsetMinute ?? 0) * 60;
  const local = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + Math.min(second, 59);
  return fields.sign === "-" ? local + offset : local - offset;
}
