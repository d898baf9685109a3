/**
 * The record formats. A record is put together from pieces of text of which most never change; a format says what they
 * are. Texts hold one byte in each character.
 */
import { civilDate, SECONDS_PER_DAY } from "../time/calendar.ts";
import type { ZonePeriod } from "../time/zone.ts";
import { escapeDefault, escapeJson } from "./escape.ts";

export const FORMATS = ["json", "combined", "nginx-json", "script"] as const;
export type FormatName = (typeof FORMATS)[number];

/** The parts of a request that the fields of a record are made of; `{n}` in the path stands for its number. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly status: number;
}

/**
 * The texts of a record. In the order "fields": time, visitor, body bytes, `beforeDuration`, duration, head, number,
 * tail, referrer, agent. In the order "combined": visitor, time, head, number, tail, body bytes, `beforeReferrer`,
 * referrer, agent.
 */
export interface Format {
  readonly order: "fields" | "combined";
  readonly escape: (bytes: string) => string;
  readonly time: (unixSeconds: number, period: ZonePeriod) => string;
  readonly visitor: (address: string, user: string) => string;
  readonly beforeDuration: string;
  /** Otherwise whole milliseconds. */
  readonly isDurationInSeconds: boolean;
  /** The request up to the number in its path. */
  readonly head: (request: Request) => string;
  /** The request from the number in its path on. */
  readonly tail: (request: Request) => string;
  readonly beforeReferrer: string;
  readonly agent: (userAgent: string) => string;
}

export const FORMAT: Readonly<Record<FormatName, Format>> = {
  json: fieldFormat({ open: '{"', colon: '":"', between: '","', close: '"}\n' }),
  "nginx-json": fieldFormat({ open: '"', colon: '": "', between: '", "', close: '"\n' }),
  script: {
    ...fieldFormat(
      { open: '{ \n \t"', colon: '": "', between: '", \n \t"', close: '"\n}\n' },
      scriptTime,
      " /empresa",
    ),
    isDurationInSeconds: false,
  },
  combined: {
    order: "combined",
    escape: escapeDefault,
    time: (unixSeconds, period) => `${combinedTime(unixSeconds, period)}] "`,
    visitor: (address, user) => `${address} - ${user} [`,
    beforeDuration: "",
    isDurationInSeconds: true,
    head: ({ method, path }) => `${method} ${escapeDefault(aroundNumber(path)[0])}`,
    tail: ({ path, protocol, status }) => `${escapeDefault(aroundNumber(path)[1])} ${protocol}" ${status} `,
    beforeReferrer: ' "',
    agent: (userAgent) => `" "${escapeDefault(userAgent)}"\n`,
  },
};

/** What stands around the names and values of a record that is a list of fields. */
interface Frame {
  readonly open: string;
  readonly colon: string;
  readonly between: string;
  readonly close: string;
}

function fieldFormat({ open, colon, between, close }: Frame, time = isoTime, afterRequest = ""): Format {
  const next = (name: string) => between + name + colon;
  return {
    order: "fields",
    escape: escapeJson,
    time: (unixSeconds, period) => `${open}time${colon}${time(unixSeconds, period)}${next("remote_addr")}`,
    visitor: (address, user) => `${address}${next("remote_user")}${user}${next("body_bytes_sent")}`,
    beforeDuration: next("request_time"),
    isDurationInSeconds: true,
    head: ({ method, path, status }) =>
      `${next("status")}${status}${next("request")}${method} ${escapeJson(aroundNumber(path)[0])}`,
    tail: ({ method, path, protocol }) =>
      `${escapeJson(aroundNumber(path)[1])} ${protocol}${afterRequest}${next("request_method")}${method}${next("http_referrer")}`,
    beforeReferrer: "",
    agent: (userAgent) => `${next("http_user_agent")}${escapeJson(userAgent)}${close}`,
  };
}

/** What stands before and after the `{n}` of a path. */
export function aroundNumber(path: string): [before: string, after: string] {
  const [before = "", after = ""] = path.split("{n}");
  return [before, after];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function isoTime(unixSeconds: number, period: ZonePeriod): string {
  const { date, clock } = localTime(unixSeconds, period);
  return `${date.map(padded).join("-")}T${clock.map(padded).join(":")}${zoneText(period, ":")}`;
}

function combinedTime(unixSeconds: number, period: ZonePeriod): string {
  const { date, clock } = localTime(unixSeconds, period);
  const [year, month, day] = date;
  const dateText = `${padded(day)}/${MONTHS[month - 1]}/${padded(year)}`;
  return `${dateText}:${clock.map(padded).join(":")} ${zoneText(period, "")}`;
}

function scriptTime(unixSeconds: number, period: ZonePeriod): string {
  const { date, clock } = localTime(unixSeconds, period);
  return `${date.map(padded).join("-")}T:${clock.join(":")}`;
}

function localTime(unixSeconds: number, { offsetSeconds, isLeapSecond }: ZonePeriod) {
  const local = unixSeconds + offsetSeconds;
  const days = Math.floor(local / SECONDS_PER_DAY);
  const { year, month, day } = civilDate(days);
  const rest = local - days * SECONDS_PER_DAY;
  const second = (rest % 60) + (isLeapSecond ? 1 : 0);
  const date: [number, number, number] = [year, month, day];
  return { date, clock: [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, second] };
}

/** To the nearest minute, which the formats cannot do without; it also hides the leap seconds of a `right/` zone. */
function zoneText({ offsetSeconds }: ZonePeriod, colon: string): string {
  const minutes = Math.round(Math.abs(offsetSeconds) / 60);
  const sign = offsetSeconds < 0 && minutes > 0 ? "-" : "+";
  return `${sign}${padded(Math.floor(minutes / 60))}${colon}${padded(minutes % 60)}`;
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}
