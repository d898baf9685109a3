/**
 * Time zones written as text, such as `EST5EDT,M3.2.0,M11.1.0` or `<-03>3`: the value of TZ and the footer of a zone
 * file. The rule is POSIX.1-2017 section 8.3 with the wider hours of RFC 8536 section 3.3.1, and what glibc takes beside
 * it: leading zeros, a comma at the end, only one change, offsets beyond a day (for those of a day).
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
const TIME = "[+-]?\\d+(?::\\d+(?::\\d+)?)?";
const CHANGE = `(?:J?\\d+|M\\d+\\.\\d+\\.\\d+)(?:/(?:${TIME}|(?=,)))?`;
const ZONE = new RegExp(`^${NAME}(${TIME})(?:(${NAME})(${TIME})?)?(.*)$`, "s");
const CHANGES = new RegExp(`^,?(${CHANGE})(?:,|,(${CHANGE})(?:,.*)?)?$`, "s");
/** What the C library takes when the text names a summer time but not when it begins and ends. */
const DEFAULT_CHANGES = ["M3.2.0", "M11.1.0"] as const;

/**
 * Reads a zone written as text; undefined if it is not one.
 *
 * @param withoutChanges The zone of a text that names a summer time and not when it begins and ends, from its offsets;
 *   without it, or where it knows none, the changes are those of today's New York.
 */
export function parsePosixZone(
  text: string,
  withoutChanges?: (standardSeconds: number, summerSeconds: number) => TimeZone | undefined,
): TimeZone | undefined {
  const match = ZONE.exec(text);
  if (!match) return undefined;
  const [, standardHours, summerName, summerHours, rest = ""] = match;
  const standard = -offset(standardHours!);
  if (summerName === undefined && rest === "") return fixedZone(standard);
  // Without a name, glibc has UTC for a summer time.
  const unwritten = summerName === undefined ? 0 : standard + 3600;
  const summer = summerHours === undefined ? unwritten : -offset(summerHours);
  const isUnruled = rest === "" || rest === ",";
  const known = isUnruled && summerName !== undefined ? withoutChanges?.(standard, summer) : undefined;
  if (known) return known;
  const changes = isUnruled ? [] : CHANGES.exec(rest);
  const begin = changes && parseChange(changes[1] ?? DEFAULT_CHANGES[0]);
  const end = changes && parseChange(changes[2] ?? DEFAULT_CHANGES[1]);
  return begin && end ? changingZone(standard, summer, begin, end) : undefined;
}

/** The changes that a text names, as it names them: `,M3.2.0,M11.1.0`; empty if it names none. */
export function changesOf(text: string): string {
  return ZONE.exec(text)?.[4] ?? "";
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
  const secondsOfDay = !timeText ? 2 * 3600 : seconds(timeText);
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
  const [hours = 0, minutes = 0, rest = 0] = numbersOf(text);
  return signOf(text) * (hours * 3600 + minutes * 60 + rest);
}

/** As `seconds()`, for an offset from UTC: no more than a day, as glibc has it. */
function offset(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = numbersOf(text);
  return signOf(text) * (Math.min(hours, 24) * 3600 + Math.min(minutes, 59) * 60 + Math.min(rest, 59));
}

/** glibc keeps 16 bits of each. */
function numbersOf(text: string): number[] {
  return text
    .replace(/^[+-]/, "")
    .split(":")
    .map((digits) => Number(BigInt.asUintN(16, BigInt(digits))));
}

function signOf(text: string): 1 | -1 {
  return text.startsWith("-") ? -1 : 1;
}
