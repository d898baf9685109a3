import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { NotParsed } from "../../src/system/errors.ts";
import { civilDate, SECONDS_PER_DAY } from "../../src/time/calendar.ts";
import { knownTimeZone, openTimeZone } from "../../src/time/time-zone.ts";
import type { TimeZone } from "../../src/time/zone.ts";

const ZONES = [
  "UTC",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Africa/Monrovia",
  "Europe/Dublin",
  "Europe/Berlin",
  "Pacific/Apia",
  "America/New_York",
  "Antarctica/Troll",
  "Asia/Gaza",
  "Europe/Amsterdam",
  "America/Nuuk",
  ":Asia/Tokyo",
  "/usr/share/zoneinfo/Asia/Tehran",
  "EST5EDT,M3.2.0,M11.1.0",
  "NZST-12:00:00NZDT-13:00:00,M10.1.0,M3.3.0",
  "<-03>3",
  "<+0545>-5:45",
  "CET-1CEST,J60/0,300/-5:30:15",
  "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
  // What glibc takes beside the rule.
  "EST5EDT,M03.02.00,M11.1.0",
  "EST5EDT,M3.2.0,M11.1.0,",
  "EST5EDT,M3.2.0,M11.1.0,and more",
  "EST5EDT,M3.2.0",
  "EST5EDT4M3.2.0,M11.1.0",
  "EST5,M3.2.0,M11.1.0",
  "EST5EDT,M3.2.0/,M11.1.0/+3",
  "EST5EDT,J060,0300",
  "EST5EDT,M3.2.0/200,M11.1.0",
  "EST5EDT30,M3.2.0,M11.1.0",
  "EST25",
  "EST-25:61:75",
  "EST65537",
  "EST5:99:99",
  "EST",
  "right/UTC",
  "right/America/Sao_Paulo",
  "right/Australia/Lord_Howe",
  "",
  "Mars/Olympus_Mons",
  "../../../etc/passwd",
];

/** 1890, every half year to 2200 by a stride that wanders through the day, and the years 9999 and 200000. */
const MOMENTS = [-2_524_521_601, 253_402_300_799, 6_249_223_180_800];
for (let t = -2_200_000_000; t < 7_300_000_000; t += 15_771_011) MOMENTS.push(t);

test.each(ZONES)("TimeZone.period() agrees with the C library in TZ=%s", (name) => {
  const zone = openTimeZone(name, readFileSync);
  // A rule without a file has no beginning; the C library applies that of 1970 to the years before.
  const moments = name.includes(",") ? MOMENTS.filter((t) => t >= 0) : MOMENTS;
  expect(moments.map((t) => localTime(zone, t))).toEqual(localTimesOfDate(name, moments));
});

test.each(ZONES)("TimeZone.period() changes at the second the C library does in TZ=%s", (name) => {
  const zone = openTimeZone(name, readFileSync);
  const edges: number[] = [];
  for (let t = 1_000_000_000; t < 2_600_000_000; ) {
    const { until } = zone.period(t);
    if (until === Number.POSITIVE_INFINITY) break;
    // After the listed leap seconds the C library applies the yearly rule without them: 27 seconds too soon.
    if (!name.startsWith("right/") || until < 2_100_000_000) edges.push(until - 1, until, until + 1);
    expect(zone.period(until).from).toBe(until);
    t = until;
  }
  expect(edges.map((t) => localTime(zone, t))).toEqual(localTimesOfDate(name, edges));
});

test("a summer time without a rule changes on the days on which posixrules does, also long ago", () => {
  for (const name of ["abc5def", "abc5def,", "NZST-12NZDT", "<-08>8<-07>7:30"]) {
    const zone = openTimeZone(name, readFileSync);
    // glibc moves the hour of the change by where New York is; its day, and the years it is made in, are to be kept.
    const moments = MOMENTS.filter((t) => t > 0 && t < 2_100_000_000).filter((t) => {
      const { from, until } = zone.period(t);
      return t - from > SECONDS_PER_DAY && until - t > SECONDS_PER_DAY;
    });
    expect(moments.length).toBeGreaterThan(100);
    expect(moments.map((t) => localTime(zone, t))).toEqual(localTimesOfDate(name, moments));
  }
});

test("a summer time without a rule, where there are no posixrules, changes as New York does today", () => {
  const zone = openTimeZone("abc5def", () => {
    throw new Error("not there");
  });
  const ruled = openTimeZone("EST5EDT,M3.2.0,M11.1.0", readFileSync);
  for (const t of [941_586_192, 1_484_231_816, 1_784_428_200])
    expect(zone.period(t)).toEqual(ruled.period(t));
});

test("openTimeZone() without a name is the zone of /etc/localtime", () => {
  const zone = openTimeZone(undefined, (path) => {
    expect(path).toBe("/etc/localtime");
    return readFileSync("/usr/share/zoneinfo/Asia/Kathmandu");
  });
  expect(zone.period(0).offsetSeconds).toBe(5.5 * 3600);
  expect(zone.period(1_500_000_000).offsetSeconds).toBe(5.75 * 3600);
});

test("openTimeZone() is UTC when a zone file is missing, cut short or none", () => {
  const whole = readFileSync("/usr/share/zoneinfo/Asia/Kathmandu");
  for (let length = 0; length < whole.length; length++) {
    const zone = openTimeZone("Cut/Short", () => whole.subarray(0, length));
    const { offsetSeconds } = zone.period(1_500_000_000);
    // Without its last bytes, the footer, a file still says what it lists.
    expect([0, 5.75 * 3600]).toContain(offsetSeconds);
  }
});

test("a period of local mean time keeps its odd seconds", () => {
  const period = openTimeZone("Europe/Berlin", readFileSync).period(-3_000_000_000);
  expect(period).toEqual({ offsetSeconds: 3208, from: Number.NEGATIVE_INFINITY, until: -2_422_054_408 });
});

test("a version 1 zone file is read", () => {
  const bytes = Buffer.alloc(44 + 2 * 5 + 2 * 6 + 8);
  bytes.write("TZif");
  bytes.writeUInt32BE(2, 32);
  bytes.writeUInt32BE(2, 36);
  bytes.writeUInt32BE(8, 40);
  bytes.writeInt32BE(-1000, 44);
  bytes.writeInt32BE(1000, 48);
  bytes[52] = 1;
  bytes.writeInt32BE(-7200, 54);
  bytes.writeInt32BE(3600, 60);
  const zone = openTimeZone("x", () => bytes);
  expect(zone.period(-1001).offsetSeconds).toBe(-7200);
  expect(zone.period(0)).toEqual({ offsetSeconds: 3600, from: -1000, until: 1000 });
  expect(zone.period(1000).offsetSeconds).toBe(-7200);
});

test("a zone that is summer time all the year never leaves it", () => {
  const zone = openTimeZone("XXX3EDT4,0/0,J365/23", readFileSync);
  for (let day = 17_000; day < 18_000; day++)
    expect(zone.period(day * SECONDS_PER_DAY + 3600).offsetSeconds).toBe(-4 * 3600);
});

test("the yearly rule of a file with leap seconds holds in its own seconds, which are later by the leap seconds", () => {
  const listed = readFileSync("/usr/share/zoneinfo/right/Australia/Lord_Howe");
  const footer = readFileSync("/usr/share/zoneinfo/Australia/Lord_Howe", "latin1").split("\n").at(-2)!;
  // Debian 12 has no rule between the last two line ends, Debian 11 has one that is the same.
  const end = listed.lastIndexOf(10, listed.length - 2) + 1;
  const file = Buffer.concat([listed.subarray(0, end), Buffer.from(`${footer}\n`)]);
  const plain = openTimeZone("Australia/Lord_Howe", readFileSync);
  const right = openTimeZone("x", () => file);
  for (let t = 2_400_000_000; t < 3_000_000_000; t = plain.period(t).until) {
    const { offsetSeconds, from, until } = plain.period(t);
    const expected = {
      offsetSeconds: offsetSeconds - 27,
      from: from + 27,
      until: until + 27,
      isLeapSecond: false,
    };
    expect(right.period(t + 27)).toEqual(expected);
  }
});

test("a leap second is a period of its own", () => {
  const zone = openTimeZone("right/UTC", readFileSync);
  const leap = 1_483_228_826; // 2016-12-31 23:59:60
  expect(zone.period(leap)).toEqual({ offsetSeconds: -27, from: leap, until: leap + 1, isLeapSecond: true });
  expect(zone.period(leap + 1).isLeapSecond).toBe(false);
  expect(localTime(zone, leap)).toBe("2016-12-31 23:59:60");
});

test.each(["", "Mars/Olympus_Mons", "EST5x", "EST5EDT,M13.1.0,M11.1.0", "<3>3", "/etc/passwd", "../x"])(
  "knownTimeZone() refuses %p",
  (name) => {
    expect(() => knownTimeZone(name, readFileSync)).toThrow(NotParsed);
  },
);

/** What `date` shows under TZ for each moment. */
function localTimesOfDate(name: string, moments: number[]): string[] {
  const { stdout } = Bun.spawnSync(["date", "-f", "-", "+%Y-%m-%d %H:%M:%S"], {
    env: { TZ: name, PATH: "/usr/bin:/bin" },
    stdin: Buffer.from(moments.map((t) => `@${t}\n`).join("")),
  });
  return stdout.toString().split("\n").slice(0, -1);
}

function localTime(zone: TimeZone, unixSeconds: number): string {
  const { offsetSeconds, isLeapSecond } = zone.period(unixSeconds);
  const local = unixSeconds + offsetSeconds;
  const days = Math.floor(local / SECONDS_PER_DAY);
  const { year, month, day } = civilDate(days);
  const rest = local - days * SECONDS_PER_DAY;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, (rest % 60) + (isLeapSecond ? 1 : 0)];
  const two = (n: number) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)} ${clock.map(two).join(":")}`;
}
