/**
 * Time zones written as text, such as `EST5EDT,M3.2.0,M11.1.0` or `<-03>3`: the value of TZ and the footer of a zone
 * file. The rule is POSIX.1-2017 section 8.3 with the wider hours of RFC 8536 section 3.3.1.
 */
import { civilDate, dayNumber, isLeapYear, SECONDS_PER_DAY } from "./calendar.ts";
import { fixedZone, type TimeZone, type ZonePeriod } from "./zone.ts";

type Day =
  | { readonly kind: "julian"; readonly day: number }
  | { readonly kind: "zero-based"; readonly day: number }
  | { readonly kind: "weekday"; readonly month: number; readonly week: number; readonly weekday: number };

interface Change {
  readonly day: Day;
  readonly secondsOfDay: number;
}

const NAME = "(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)";
const HOURS = "[+-]?\\d{1,3}(?::\\d{1,2}(?::\\d{1,2})?)?";
const CHANGE = `(?:J?\\d{1,3}|M\\d{1,2}\\.\\d\\.\\d)(?:/${HOURS})?`;
const ZONE = new RegExp(`^${NAME}(${HOURS})(?:(${NAME})(${HOURS})?(?:,(${CHANGE}),(${CHANGE}))?)?$`);
/** What the C library takes when the text names a summer time but not when it begins and ends. */
const DEFAULT_CHANGES = ["M3.2.0", "M11.1.0"] as const;

/** Reads a zone written as text; undefined if it is not one. */
export function parsePosixZone(text: string): TimeZone | undefined {
  const match = ZONE.exec(text);
  if (!match) return undefined;
  const [, standardHours, summerName, summerHours, beginText, endText] = match;
  const standard = -seconds(standardHours!);
  if (summerName === undefined) return fixedZone(standard);
  const summer = summerHours === undefined ? standard + 3600 : -seconds(summerHours);
  const begin = parseChange(beginText ?? DEFAULT_CHANGES[0]);
  const end = parseChange(endText ?? DEFAULT_CHANGES[1]);
  return begin && end ? changingZone(standard, summer, begin, end) : undefined;
}

function changingZone(standard: number, summer: number, begin: Change, end: Change): TimeZone {
  return {
    period(unixSeconds): ZonePeriod {
      const { year } = civilDate(Math.floor((unixSeconds + standard) / SECONDS_PER_DAY));
      const changes = [year - 1, year, year + 1]
        .flatMap((y) => [
          { at: changeTime(y, begin) - standard, offsetSeconds: summer },
          { at: changeTime(y, end) - summer, offsetSeconds: standard },
        ])
        .sort((a, b) => a.at - b.at || (a.offsetSeconds === standard ? -1 : 1));
      const next = changes.findIndex((change) => change.at > unixSeconds);
      const current = changes[next - 1]!;
      return { offsetSeconds: current.offsetSeconds, from: current.at, until: changes[next]!.at };
    },
  };
}

/** When a change happens in a year, in seconds of the local time before it. */
function changeTime(year: number, { day, secondsOfDay }: Change): number {
  return changeDay(year, day) * SECONDS_PER_DAY + secondsOfDay;
}

function changeDay(year: number, day: Day): number {
  const newYear = dayNumber({ year, month: 1, day: 1 });
  if (day.kind === "zero-based") return newYear + day.day;
  if (day.kind === "julian") return newYear + day.day - 1 + (isLeapYear(year) && day.day >= 60 ? 1 : 0);
  const first = dayNumber({ year, month: day.month, day: 1 });
  const isLastMonth = day.month === 12;
  const nextFirst = dayNumber({ year: isLastMonth ? year + 1 : year, month: (day.month % 12) + 1, day: 1 });
  const firstWeekday = (((first + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
  const wanted = first + ((day.weekday - firstWeekday + 7) % 7) + 7 * (day.week - 1);
  return wanted < nextFirst ? wanted : wanted - 7;
}

function parseChange(text: string): Change | undefined {
  const [dayText, timeText] = text.split("/");
  const secondsOfDay = timeText === undefined ? 2 * 3600 : seconds(timeText);
  const numbers = dayText!.replace(/^[JM]/, "").split(".").map(Number);
  const day = dayOf(dayText![0]!, numbers);
  return day && { day, secondsOfDay };
}

function dayOf(letter: string, numbers: number[]): Day | undefined {
  const [first = 0, week = 0, weekday = 0] = numbers;
  if (letter === "J") return first >= 1 && first <= 365 ? { kind: "julian", day: first } : undefined;
  if (letter !== "M") return first <= 365 ? { kind: "zero-based", day: first } : undefined;
  const isValid = first >= 1 && first <= 12 && week >= 1 && week <= 5 && weekday <= 6;
  return isValid ? { kind: "weekday", month: first, week, weekday } : undefined;
}

/** `-3:30` as seconds. */
function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const value = hours * 3600 + minutes * 60 + rest;
  return text.startsWith("-") ? -value : value;
}
