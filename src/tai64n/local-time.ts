import { civilDate, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { TimeZone, ZonePeriod } from "../time/zone.ts";
import { parseLabel } from "./label.ts";

/** The Gregorian calendar repeats after so many seconds, weekdays included, and so do the rules of a zone. */
const CALENDAR_CYCLE_SECONDS = 146_097 * SECONDS_PER_DAY;
/** Later than this, moments are looked up in an earlier cycle, where a number still tells every second apart. */
const LAST_LOOKUP_SECONDS = 2 * CALENDAR_CYCLE_SECONDS;

/** Years that the C library can count: a 32-bit number of years since 1900. */
const FIRST_YEAR = -(2 ** 31) + 1900;
const LAST_YEAR = 2 ** 31 - 1 + 1900;

/** Writes moments as tai64nlocal does: `2017-01-12 14:36:56`, without a zone. */
export class LocalTime {
  readonly #zone: TimeZone;
  #period: ZonePeriod;

  constructor(zone: TimeZone) {
    this.#zone = zone;
    this.#period = zone.period(0);
  }

  /** The local date and time of a Unix second; undefined where the C library has none: beyond a 32-bit year. */
  format(unixSeconds: bigint): string | undefined {
    const period = this.#periodOf(unixSeconds);
    const localSeconds = unixSeconds + BigInt(period.offsetSeconds);
    const secondOfDay = Number(modulo(localSeconds, BigInt(SECONDS_PER_DAY)));
    const day = Number((localSeconds - BigInt(secondOfDay)) / BigInt(SECONDS_PER_DAY));
    const date = civilDate(day);
    if (date.year < FIRST_YEAR || date.year > LAST_YEAR) return undefined;
    const hour = Math.floor(secondOfDay / 3600);
    const minute = Math.floor(secondOfDay / 60) % 60;
    const second = (secondOfDay % 60) + (period.isLeapSecond ? 1 : 0);
    const ymd = `${yearText(date.year)}-${twoDigits(date.month)}-${twoDigits(date.day)}`;
    return `${ymd} ${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`;
  }

  #periodOf(unixSeconds: bigint): ZonePeriod {
    let seconds = Number(unixSeconds);
    if (seconds > LAST_LOOKUP_SECONDS) {
      const cycle = BigInt(CALENDAR_CYCLE_SECONDS);
      seconds = Number(modulo(unixSeconds, cycle)) + CALENDAR_CYCLE_SECONDS;
    }
    const { from, until } = this.#period;
    if (seconds < from || seconds >= until) this.#period = this.#zone.period(seconds);
    return this.#period;
  }
}

/**
 * A label, alone or at the start of a line or file name, as local time with nanoseconds:
 * `2017-01-12 14:36:56.123456500`; undefined if the text does not begin with a label.
 */
export function localTimeOfLabel(text: string, localTime: LocalTime): string | undefined {
  const moment = parseLabel(text);
  const time = moment && localTime.format(BigInt(moment.unixSeconds));
  return time && `${time}.${nanosecondsText(moment.nanoseconds)}`;
}

/** Nanoseconds as they stand behind the point: nine digits, or ten if a label holds more than a second of them. */
export function nanosecondsText(nanoseconds: number): string {
  return String(nanoseconds).padStart(9, "0");
}

/** The C program prints the year through an int and an unsigned long, which shows outside of 0 to 2^31-1. */
function yearText(year: number): string {
  const wrapped = year | 0;
  return wrapped >= 0 ? String(wrapped) : String(2n ** 64n + BigInt(wrapped));
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function modulo(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor;
}
