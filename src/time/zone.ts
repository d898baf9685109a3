/** A stretch of time with one offset from UTC. */
export interface ZonePeriod {
  /** Local time minus the given time, positive east of Greenwich. */
  readonly offsetSeconds: number;
  /** Unix seconds, inclusive; may be -Infinity. */
  readonly from: number;
  /** Unix seconds, exclusive; may be Infinity. */
  readonly until: number;
  /** The period is a leap second of a `right/` zone: the offset gives 23:59:59, and a clock shows 23:59:60. */
  readonly isLeapSecond?: boolean;
}

export interface TimeZone {
  /** The period in which a moment lies. Keep it while `from <= t < until`: finding one is a search. */
  period(unixSeconds: number): ZonePeriod;
}

/** A zone with one offset for ever. */
export function fixedZone(offsetSeconds: number): TimeZone {
  const always = { offsetSeconds, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  return { period: () => always };
}

export const utc: TimeZone = fixedZone(0);
