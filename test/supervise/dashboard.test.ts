import { expect, test } from "bun:test";
import { type DashboardContent, dashboardLines } from "../../src/supervise/dashboard.ts";
import type { WatchedService } from "../../src/supervise/service-watch.ts";
import { Throughput } from "../../src/supervise/throughput.ts";
import { formatLabel } from "../../src/tai64n/label.ts";
import { LocalTime } from "../../src/tai64n/local-time.ts";
import { utc } from "../../src/time/zone.ts";

const NOW = Date.UTC(2017, 0, 12, 14, 36, 56);
const style = { columns: 80, rows: 24, hasColour: false, isUnicode: false, localTime: new LocalTime(utc) };

function service(name: string, pid: number, more: Partial<WatchedService> = {}): WatchedService {
  const changed = { unixSeconds: BigInt(NOW / 1000 - 11_100), nanoseconds: 0 };
  const state = { pid, isPaused: false, want: "up", isNormallyUp: true, changed } as const;
  return {
    directory: `/service/${name}`,
    status: { kind: "supervised", state },
    isLogOfOther: false,
    restarts: 0,
    throughput: new Throughput(),
    trouble: undefined,
    problem: undefined,
    ...more,
  };
}

function trouble(secondsAgo: number, text: string) {
  return { label: formatLabel({ unixSeconds: NOW / 1000 - secondsAgo, nanoseconds: 0 }), text };
}

function content(services: WatchedService[], more: Partial<DashboardContent> = {}): DashboardContent {
  return { services, sources: [], problem: undefined, nowMs: NOW, ...more };
}

test("services, what is shipped and the last trouble are on one screen of 80x24", () => {
  const throughput = new Throughput();
  for (let second = 1; second <= 300; second++)
    throughput.add(1000 + (second < 60 ? 9000 : 0), NOW - second * 1000);
  const shipped = {
    source: "/var/log/nginx/access.log",
    pid: 7,
    generation: "g",
    position: 5,
    acknowledged: new Map(),
    lostBytes: 0,
    lagBytes: 12_000_000,
    lagSeconds: 45,
    acknowledgedMs: NOW,
  };
  const lines = dashboardLines(
    content(
      [
        service("requisitions", 1234, { throughput, restarts: 2 }),
        service("ship", 0, { trouble: trouble(65, `logship: warning: ${"long ".repeat(20)}end`) }),
      ],
      { sources: [{ source: shipped, throughput }] },
    ),
    style,
  );
  expect(lines.map((line) => line.trimEnd())).toEqual([
    "logship status: 1 up, 1 not up                               2017-01-12 14:36:56",
    "",
    "SERVICE       STATE           FOR  RESTARTS   LOG RATE  LAST 5 MIN",
    "ship          down           3h5m         0      0 B/s",
    "requisitions  up             3h5m         2  10.0 kB/s  ________________####",
    "",
    "SHIPPED                                             BEHIND     OLDEST       RATE",
    "/var/log/nginx/access.log                          12.0 MB        45s  10.0 kB/s",
    "",
    "LAST TROUBLE",
    "14:35:51 ship: logship: warning: long long long long long long long long long",
    "  long long long long long long long long long long long end",
    ...Array(11).fill(""),
    "q: quit",
  ]);
});

test("each screen has no more lines and columns than the terminal, whatever is on it", () => {
  const many = Array.from({ length: 30 }, (_, index) =>
    service(`a-service-of-a-very-long-name-${index}`, index % 3, {
      trouble: trouble(index, `logship: fatal: ${"unable to do a thing ".repeat(index)}`),
      problem: index === 5 ? "unable to open something: access denied" : undefined,
    }),
  );
  for (const columns of [1, 10, 20, 40, 59, 60, 80, 200])
    for (const rows of [1, 3, 6, 12, 24, 50]) {
      const lines = dashboardLines(content(many, { problem: "unable to read" }), { ...style, columns, rows });
      expect(lines.length).toBe(Math.min(rows, lines.length));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
});

test("numbers are shown whole or not at all: the name of a service gives way to them", () => {
  const throughput = new Throughput();
  for (let second = 1; second <= 10; second++) throughput.add(99_900_000, NOW - second * 1000);
  const shipped = { source: "/var/log/nginx/access.log", lagBytes: 99_900_000, lagSeconds: 3599 } as never;
  for (const name of ["a", "a-service-of-24-letters.", "a-service-with-a-name-of-41-letters-in-all"])
    for (let columns = 25; columns <= 120; columns++) {
      const shown = content([service(name, 5, { throughput, restarts: 123 })], {
        sources: [{ source: shipped, throughput }],
      });
      const lines = dashboardLines(shown, { ...style, columns, rows: 15 });
      const row = lines[lines.findIndex((line) => line.startsWith("SERVICE")) + 1]!;
      const source = lines[lines.findIndex((line) => line.startsWith("SHIPPED")) + 1]!;
      const numbers = row.replace(/^\S+ +/, "").replace(/ +[^\w]+$/, "");
      expect(`${columns}: ${numbers}`).toMatch(/: up +3h5m( +123)?( +99\.9 MB\/s)? *$/);
      expect(`${columns}: ${source}`).toMatch(/ 99\.9 MB( +59m59s)?( +99\.9 MB\/s)?$/);
      if (columns >= 36) expect(numbers).toContain("99.9 MB/s");
      if (columns >= 60) expect(numbers).toContain(" 123 ");
      if (name.length < 7 || (columns >= 66 && name.length === 24)) expect(row).toStartWith(`${name} `);
    }
  const [, , , row] = dashboardLines(content([service("a-service-of-24-letters.", 5, { throughput })]), {
    ...style,
    columns: 60,
    rows: 15,
  });
  expect(row).toBe("a-service-of-24-..  up             3h5m         0  99.9 MB/s");
});

test("where not all fit, services that are not up come first, and it is said how many are left out", () => {
  const many = Array.from({ length: 20 }, (_, index) => service(`s${index}`, index === 17 ? 0 : 5));
  const lines = dashboardLines(content(many), { ...style, columns: 40, rows: 12 });
  expect(lines[0]).toMatch(/^19 up, 1 not up +2017-01-12 14:36:56$/);
  expect(lines[2]).toStartWith("s17      down");
  expect(lines[10]).toBe("and 12 more");
  expect(lines[11]).toBe("q: quit");
});

test("a logger has a row of its own when it is not up", () => {
  const logger = (pid: number) => service("s/log", pid, { isLogOfOther: true, throughput: undefined });
  expect(dashboardLines(content([service("s", 5), logger(6)]), style).join("\n")).not.toContain("s/log");
  const lines = dashboardLines(content([service("s", 5), logger(0)]), style);
  expect(lines[0]).toStartWith("logship status: 1 up, 1 not up ");
  expect(lines[3]).toStartWith("s/log    down");
});

test("colours only where they are wanted, and control characters of a log are shown as text", () => {
  const bad = content([service("s", 5, { trouble: trouble(1, "x: fatal: \x1b[2J") })]);
  expect(dashboardLines(bad, style).join("")).not.toContain("\x1b");
  const coloured = dashboardLines(bad, { ...style, hasColour: true }).join("\n");
  expect(coloured).toContain("\x1b[32mup");
  expect(coloured).not.toContain("\x1b[2J");
});
