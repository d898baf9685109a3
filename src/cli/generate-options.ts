import { FORMATS } from "../access-log/format.ts";
import { offering, oneOf, parseDurationToMicrosecond, parseRate, wholeNumber } from "../system/quantity.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import { parseMoment } from "../time/moment.ts";
import { knownTimeZone, openTimeZone } from "../time/time-zone.ts";
import { type TimeZone, utc } from "../time/zone.ts";
import type { Host } from "./command.ts";
import { type OptionValues, option, optionOr } from "./options.ts";

/** Every how many milliseconds a record comes when a start is given and nothing else. */
export const DEFAULT_STEP_MS = 1;

export const formatOption = optionOr("--format <name>", FORMATS.join(", "), oneOf(FORMATS), "json");

/** What the simulated traffic is like. */
export const trafficOptions = {
  format: formatOption,
  rate: option(
    "--rate <n/s>",
    "records a second (or /m, /h), in real time; default: as fast as possible",
    parseRate,
  ),
  seed: option("--seed <n>", "the same number gives the same traffic; default: any", wholeNumber(0)),
  start: option(
    "--start <time>",
    "time of the first record, ISO 8601 or Unix seconds; default: now",
    parseMoment,
  ),
  step: option(
    "--step <duration>",
    `time from one record to the next, 1us or more; default: by the clock; with --start: by --rate, or ${DEFAULT_STEP_MS}ms`,
    parseDurationToMicrosecond,
  ),
  timezone: optionOr(
    "--timezone <zone>",
    "time zone of the records, and of --start without offset: utc, local, or a name such as Europe/Lisbon",
    offering(["utc", "local"], parseTimeZone),
    "utc",
  ),
};

export type TrafficOptions = OptionValues<typeof trafficOptions>;

/** A zone, or how to find it once the environment is known. */
type ZoneChoice = (environment: Host["environment"]) => TimeZone;

function parseTimeZone(text: string): ZoneChoice {
  if (text === "utc") return () => utc;
  if (text === "local") return ({ TZ }) => openTimeZone(TZ, contentOrNothing);
  const zone = knownTimeZone(text, contentOrNothing);
  return () => zone;
}

/** The zone that `--timezone` asks for. */
export function zoneFromOptions({ timezone }: TrafficOptions, { environment }: Host): TimeZone {
  return timezone(environment);
}
