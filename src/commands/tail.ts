import { isatty } from "node:tty";
import { defineCommand } from "../cli/command.ts";
import { flag, option } from "../cli/options.ts";
import { servicesOf, servicesOption } from "../cli/services-option.ts";
import { LineFormatter } from "../diary/line-format.ts";
import { timesIn } from "../diary/line-time.ts";
import { parseSince } from "../diary/since.ts";
import { tail } from "../diary/tail.ts";
import { findService, onlyService } from "../supervise/services.ts";
import { NotParsed, unableToParse } from "../system/errors.ts";
import { readerWatch, untilReaderLeaves } from "../system/output.ts";
import { wholeNumber } from "../system/quantity.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import { LocalTime } from "../tai64n/local-time.ts";
import { knownTimeZone, openTimeZone } from "../time/time-zone.ts";
import { type TimeZone, utc } from "../time/zone.ts";

const DEFAULT_LINES = 10;

export const tailCommand = defineCommand({
  positional: "[dir|file...]",
  examples: ["logship tail -f", "logship tail --since 10m --grep 'warning|fatal' /service/requisitions"],
  notes: "A service, its log directory or a plain file; without any, the log of the one service there is.",
  options: {
    lines: option(
      "-n, --lines <n>",
      "how many of the last lines, also as -5; default 10, or all with --since",
      parseCount,
    ),
    follow: flag("-f, --follow", "go on with what is added, across rotations and restarts"),
    since: option(
      "--since <time>",
      "begin there: 10m (ago), today, 14:36, 2017-01-12T14:36:56 or a TAI64N label",
      (text) => text,
    ),
    grep: option("--grep <regex>", "only lines that match, as they are shown", parsePattern),
    utc: flag("--utc", "show times in UTC"),
    tai: flag("--tai", "leave the TAI64N labels as they are"),
    zone: option("--zone <zone>", "show times in another zone, such as Europe/Lisbon", parseZone),
    services: servicesOption,
  },
  readsCount: true,
  async run(options, names, host, given) {
    const shown = shownTimes(options, given);
    const zone =
      (shown === "utc" && utc) ||
      (shown === "zone" && options.zone) ||
      openTimeZone(host.environment.TZ, contentOrNothing);
    const services = servicesOf(options.services);
    const paths = names.length > 0 ? names.map((n) => findService(n, services)) : [onlyService(services)];
    const request = {
      paths,
      count: options.lines ?? (options.since === undefined ? DEFAULT_LINES : undefined),
      since: options.since === undefined ? "" : readSince(options.since, zone),
      sinceText: options.since ?? "",
      isFollowed: options.follow,
    };
    const formatter = new LineFormatter({
      localTime: shown === "tai" ? undefined : new LocalTime(zone),
      isForTerminal: isatty(1),
      hasColour: isatty(1) && !host.environment.NO_COLOR,
      pattern: options.grep,
    });
    const isReaderGone = options.follow ? await readerWatch() : () => false;
    return untilReaderLeaves((write) => {
      const timeOf = timesIn(zone);
      return tail(request, {
        formatter,
        timeOf,
        messages: host.messages,
        now: Date.now,
        write,
        isReaderGone,
      });
    });
  },
});

const WAYS = ["utc", "tai", "zone"] as const;

/**
 * The one way of showing times that is asked for; the command line wins over variables.
 *
 * @throws UsageError if there are two
 */
function shownTimes(
  options: { readonly [Way in (typeof WAYS)[number]]: unknown },
  given: ReadonlyMap<string, string>,
): (typeof WAYS)[number] | undefined {
  const typed = WAYS.filter((way) => given.has(`--${way}`));
  const ways = typed.length > 0 ? typed : WAYS.filter((way) => options[way]);
  if (ways.length > 1)
    throw unableToParse(`--${ways[1]}`, `times are shown in one way, and there is --${ways[0]} already`);
  return ways[0];
}

function readSince(text: string, zone: TimeZone): string {
  try {
    return parseSince(text, zone, Date.now());
  } catch (error) {
    if (error instanceof NotParsed) throw unableToParse(`--since ${text}`, error.message);
    throw error;
  }
}

/** tail(1) takes `-n -5` for `-n 5`. */
function parseCount(text: string): number {
  return wholeNumber(0)(text.replace(/^-(?=\d)/, ""));
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch {
    throw new NotParsed("must be a regular expression");
  }
}

function parseZone(text: string): TimeZone {
  return knownTimeZone(text, contentOrNothing);
}
