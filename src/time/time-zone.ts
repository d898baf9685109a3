/**
 * Local time from the zone data of the system, read by ourselves: the runtime's own tables are neither the system's
 * nor do they know TZ as the C library does.
 */
import { NotParsed } from "../system/errors.ts";
import { changesOf, parsePosixZone } from "./posix-zone.ts";
import { parseZoneFile, type ZoneFile } from "./tzif.ts";
import { type TimeZone, utc, type ZonePeriod } from "./zone.ts";

type ReadFile = (path: string) => Uint8Array;

const ZONE_DIRECTORY = "/usr/share/zoneinfo";
const LOCAL_ZONE_FILE = "/etc/localtime";

/**
 * Opens the zone that TZ means to the C library: undefined is `/etc/localtime`; otherwise, after an optional colon, a
 * path, a name under `/usr/share/zoneinfo`, or a zone as POSIX writes it. What cannot be read is UTC, as it is there.
 */
export function openTimeZone(name: string | undefined, readFile: ReadFile): TimeZone {
  return findTimeZone(name ?? LOCAL_ZONE_FILE, readFile) ?? utc;
}

/**
 * As `openTimeZone()`, for a zone that a person has typed.
 *
 * @throws NotParsed `must be a time zone such as Europe/Lisbon or <-03>3`
 */
export function knownTimeZone(name: string, readFile: ReadFile): TimeZone {
  const zone = name === "" ? undefined : findTimeZone(name, readFile);
  if (!zone) throw new NotParsed("must be a time zone such as Europe/Lisbon or <-03>3");
  return zone;
}

function findTimeZone(name: string, readFile: ReadFile): TimeZone | undefined {
  const text = name.replace(/^:/, "");
  if (text === "") return utc;
  const path = text.startsWith("/") ? text : `${ZONE_DIRECTORY}/${text}`;
  const file = parseZoneFile(contentOf(path, readFile));
  if (file) return zoneOf(file);
  return parsePosixZone(text, (standard, summer) => {
    const rules = parseZoneFile(contentOf(`${ZONE_DIRECTORY}/posixrules`, readFile));
    return rules && zoneOf(withOffsets(rules, standard, summer));
  });
}

/** A zone whose clocks change when those of another do, at the same local time, between offsets of its own. */
function withOffsets(rules: ZoneFile, standard: number, summer: number): ZoneFile {
  let [theirs, ours] = [rules.firstOffsetSeconds, standard];
  const transitions = rules.transitions.map(({ at, offsetSeconds, isSummer }) => {
    const change = { at: at + theirs - ours, offsetSeconds: isSummer ? summer : standard, isSummer };
    [theirs, ours] = [offsetSeconds, change.offsetSeconds];
    return change;
  });
  const footer = `XXX${posixOffset(standard)}YYY${posixOffset(summer)}${changesOf(rules.footer)}`;
  return { firstOffsetSeconds: standard, transitions, leaps: [], footer };
}

function posixOffset(seconds: number): string {
  const text = [3600, 60, 1].map(
    (unit, index) => Math.floor(Math.abs(seconds) / unit) % (index === 0 ? 25 : 60),
  );
  return `${seconds > 0 ? "-" : ""}${text.join(":")}`;
}

function contentOf(path: string, readFile: ReadFile): Uint8Array {
  try {
    return readFile(path);
  } catch {
    return new Uint8Array(); // as good as a file that is no zone
  }
}

function zoneOf(file: ZoneFile): TimeZone {
  const afterwards = parsePosixZone(file.footer);
  const last = file.transitions.at(-1);
  return {
    period(unixSeconds) {
      const leap = leapAt(file, unixSeconds);
      if (last && unixSeconds < last.at) return within(leap, listedPeriod(file, unixSeconds));
      const from = last?.at ?? Number.NEGATIVE_INFINITY;
      if (!afterwards) {
        const offsetSeconds = last?.offsetSeconds ?? file.firstOffsetSeconds;
        return within(leap, { offsetSeconds, from, until: Number.POSITIVE_INFINITY });
      }
      const ruled = afterwards.period(unixSeconds - leap.correction);
      return within(leap, {
        offsetSeconds: ruled.offsetSeconds,
        from: Math.max(from, ruled.from + leap.correction),
        until: ruled.until + leap.correction,
      });
    },
  };
}

function listedPeriod({ transitions, firstOffsetSeconds }: ZoneFile, unixSeconds: number): ZonePeriod {
  const index = lastNotAfter(transitions, unixSeconds);
  const current = transitions[index];
  return {
    offsetSeconds: current?.offsetSeconds ?? firstOffsetSeconds,
    from: current?.at ?? Number.NEGATIVE_INFINITY,
    until: transitions[index + 1]?.at ?? Number.POSITIVE_INFINITY,
  };
}

interface LeapPeriod {
  readonly correction: number;
  readonly from: number;
  readonly until: number;
  readonly isLeapSecond: boolean;
}

const NO_LEAP: LeapPeriod = {
  correction: 0,
  from: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  isLeapSecond: false,
};

function leapAt({ leaps }: ZoneFile, unixSeconds: number): LeapPeriod {
  if (leaps.length === 0) return NO_LEAP;
  const index = lastNotAfter(leaps, unixSeconds);
  const { at, correction } = leaps[index] ?? { at: Number.NEGATIVE_INFINITY, correction: 0 };
  const until = leaps[index + 1]?.at ?? Number.POSITIVE_INFINITY;
  const isInserted = correction > (leaps[index - 1]?.correction ?? 0);
  if (!isInserted) return { correction, from: at, until, isLeapSecond: false };
  if (unixSeconds < at + 1) return { correction, from: at, until: at + 1, isLeapSecond: true };
  return { correction, from: at + 1, until, isLeapSecond: false };
}

function within(leap: LeapPeriod, period: ZonePeriod): ZonePeriod {
  if (leap === NO_LEAP) return period;
  return {
    offsetSeconds: period.offsetSeconds - leap.correction,
    from: Math.max(leap.from, period.from),
    until: Math.min(leap.until, period.until),
    isLeapSecond: leap.isLeapSecond,
  };
}

/** The index of the last entry at or before a moment; -1 if all are later. */
function lastNotAfter(entries: readonly { readonly at: number }[], unixSeconds: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.at <= unixSeconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
