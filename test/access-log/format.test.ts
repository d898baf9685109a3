import { expect, test } from "bun:test";
import { FORMAT, type FormatName } from "../../src/access-log/format.ts";

const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:50.0) Gecko/20100101 Firefox/50.0";

interface Sample {
  readonly unixSeconds: number;
  readonly offsetHours: number;
  readonly status: number;
  readonly path: string;
  readonly bytes: string;
  readonly duration: string;
}

/** Puts a record together in the order that `Format` describes. */
function record(
  name: FormatName,
  { unixSeconds, offsetHours, status, path, bytes, duration }: Sample,
): string {
  const format = FORMAT[name];
  const period = { offsetSeconds: offsetHours * 3600, from: -Infinity, until: Infinity };
  const time = format.time(unixSeconds, period);
  const visitor = format.visitor("198.51.100.232", "-");
  const request = { method: "GET", path, protocol: "HTTP/1.1", status };
  const texts = [format.head(request), format.tail(request)];
  const parts =
    format.order === "fields"
      ? [time, visitor, bytes, format.beforeDuration, duration, ...texts, "-"]
      : [visitor, time, ...texts, bytes, format.beforeReferrer, "-"];
  return [...parts, format.agent(AGENT)].join("");
}

test("combined is nginx's default", () => {
  const unixSeconds = Date.UTC(2017, 0, 10, 16, 6, 27) / 1000;
  expect(
    record("combined", {
      unixSeconds,
      offsetHours: -3,
      status: 304,
      path: "/test",
      bytes: "0",
      duration: "",
    }),
  ).toBe(`198.51.100.232 - - [10/Jan/2017:13:06:27 -0300] "GET /test HTTP/1.1" 304 0 "-" "${AGENT}"\n`);
});

const FAVICON = {
  unixSeconds: Date.UTC(2017, 0, 11, 12, 18, 4) / 1000,
  offsetHours: -3,
  status: 200,
  path: "/favicon.ico",
  bytes: "133",
  duration: "0.000",
};

test("nginx-json is one line of fields without braces", () => {
  expect(record("nginx-json", FAVICON)).toBe(
    '"time": "2017-01-11T09:18:04-03:00", "remote_addr": "198.51.100.232", "remote_user": "-", ' +
      '"body_bytes_sent": "133", "request_time": "0.000", "status": "200", "request": "GET /favicon.ico HTTP/1.1", ' +
      `"request_method": "GET", "http_referrer": "-", "http_user_agent": "${AGENT}"\n`,
  );
});

test("json is an object with the same fields in the same order", () => {
  const line = record("json", FAVICON);
  expect(line.endsWith("\n")).toBe(true);
  expect(Object.entries(JSON.parse(line))).toEqual(
    Object.entries(JSON.parse(`{${record("nginx-json", FAVICON)}}`)),
  );
});

test("script has a line for each field between braces, and its own times", () => {
  const unixSeconds = Date.UTC(2017, 0, 1, 2, 6, 49) / 1000;
  expect(record("script", { ...FAVICON, unixSeconds, offsetHours: 0, duration: "2414" })).toBe(
    [
      "{ \n",
      ' \t"time": "2017-01-01T:2:6:49", \n',
      ' \t"remote_addr": "198.51.100.232", \n',
      ' \t"remote_user": "-", \n',
      ' \t"body_bytes_sent": "133", \n',
      ' \t"request_time": "2414", \n',
      ' \t"status": "200", \n',
      ' \t"request": "GET /favicon.ico HTTP/1.1 /empresa", \n',
      ' \t"request_method": "GET", \n',
      ' \t"http_referrer": "-", \n',
      ` \t"http_user_agent": "${AGENT}"\n`,
      "}\n",
    ].join(""),
  );
});

test("a time shows the zone it is in, also one with odd minutes and in a leap second", () => {
  const time = (offsetSeconds: number, isLeapSecond = false) =>
    FORMAT.json.time(1_483_228_799, { offsetSeconds, from: 0, until: 0, isLeapSecond }).slice(9, 34);
  expect(time(20_700)).toBe("2017-01-01T05:44:59+05:45");
  expect(time(-12_600)).toBe("2016-12-31T20:29:59-03:30");
  expect(time(0, true)).toBe("2016-12-31T23:59:60+00:00");
  expect(time(3208)).toBe("2017-01-01T00:53:27+00:53");
  expect(time(-27)).toEndWith("+00:00");
});
