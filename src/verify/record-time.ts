import { civilDate, dayNumber, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { TimeLayout } from "./record-layout.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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
