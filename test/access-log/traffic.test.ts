import { expect, test } from "bun:test";
import { AGENTS } from "../../src/access-log/agents.ts";
import { EXCHANGES, PLACES } from "../../src/access-log/exchange.ts";
import { Traffic } from "../../src/access-log/traffic.ts";

const COUNT = 400_000;

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly number: number;
  readonly status: number;
  readonly group: string;
  readonly kind: string;
  readonly referrer: string;
  readonly bodyBytes: number;
  readonly timeMs: number;
}

const seen: Seen[] = [];
const visits = new Map<string, number>();
const traffic = new Traffic(2017);
for (let count = 0; count < COUNT; count++) {
  traffic.next();
  if (traffic.isNewVisitor) {
    const { address, agent } = traffic.visitors[traffic.slot]!;
    const who = `${address} ${agent}`;
    visits.set(who, (visits.get(who) ?? 0) + 1);
  }
  const { route, status, group } = EXCHANGES[traffic.exchange]!;
  const { number, bodyBytes, timeMs } = traffic;
  const referrer = PLACES[traffic.referrer]!.replace("{n}", String(traffic.referrerNumber));
  const kind = AGENTS[traffic.agent]!.kind;
  const { method, path } = route;
  seen.push({ method, path, number, status, group, kind, referrer, bodyBytes, timeMs });
}

function share(isCounted: (request: Seen) => boolean, among: readonly Seen[] = seen): number {
  return among.filter(isCounted).length / among.length;
}

/** The time that a share of the requests took at most. */
function quantileMs(of: number, requests: readonly Seen[]): number {
  const times = requests.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  return times[Math.floor(of * times.length)]!;
}

test("most answers have content, many come from a cache, few are errors", () => {
  expect(share(({ status }) => status === 200)).toBeWithin(0.7, 0.88);
  expect(share(({ status }) => status === 304)).toBeWithin(0.06, 0.2);
  expect(share(({ status }) => status === 404)).toBeWithin(0.01, 0.04);
  expect(share(({ status }) => status >= 500)).toBeWithin(0.002, 0.01);
  const statuses = new Set(seen.map(({ status }) => status));
  for (const status of [201, 204, 206, 301, 302, 400, 401, 403, 409, 422, 429, 499, 500, 502, 503, 504])
    expect(statuses).toContain(status);
});

test("most requests are GET, and only what changes something is POST, PUT, PATCH or DELETE", () => {
  expect(share(({ method }) => method === "GET")).toBeWithin(0.88, 0.97);
  const changes = seen.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
  expect(share(({ path }) => /^\/(api|login|cart|checkout|xmlrpc)/.test(path), changes)).toBe(1);
});

test("statuses fit the path and the method", () => {
  for (const { status, path, method, kind } of seen) {
    if (status === 201) expect([method, path.slice(0, 5)]).toEqual(["POST", "/api/"]);
    if (status === 204) expect(["DELETE", "OPTIONS"]).toContain(method);
    if (status === 206) expect(path).toStartWith("/downloads/");
    if (/wp-login|\.env|\.git/.test(path)) {
      expect(status).toBeWithin(400, 500);
      expect(kind).toBe("scanner");
    }
  }
});

test("body sizes fit the status: none where there is no body, the server's own page for an error", () => {
  for (const { status, bodyBytes, method } of seen) {
    if (method === "HEAD" || [204, 304, 499, 444].includes(status)) expect(bodyBytes).toBe(0);
    else if (status >= 400 || status === 301) expect(bodyBytes).toBeWithin(1, 5000);
  }
});

test("an asset has the same size each time it is sent, and sizes differ from asset to asset", () => {
  const sizes = new Map<string, Set<number>>();
  for (const { group, status, path, number, bodyBytes } of seen) {
    if (!group.endsWith("asset") || status !== 200) continue;
    const key = path.replace("{n}", String(number));
    sizes.set(key, (sizes.get(key) ?? new Set()).add(bodyBytes));
  }
  expect(sizes.size).toBeGreaterThan(5000);
  expect([...sizes.values()].every((set) => set.size === 1)).toBe(true);
  expect(new Set([...sizes.values()].flatMap((set) => [...set])).size).toBeGreaterThan(2000);
});

test("request times fit the answer: assets at once, pages in a moment, a time-out after a minute", () => {
  const where = (isMeant: (request: Seen) => boolean) => seen.filter(isMeant);
  expect(
    quantileMs(
      0.5,
      where(({ status }) => status === 304),
    ),
  ).toBeLessThanOrEqual(1);
  const pages = where(({ group, status }) => group === "page" && status === 200);
  expect(quantileMs(0.5, pages)).toBeWithin(30, 150);
  expect(quantileMs(0.99, pages)).toBeWithin(500, 3000);
  expect(
    quantileMs(
      0,
      where(({ status }) => status === 504),
    ),
  ).toBeGreaterThanOrEqual(60_000);
  const calls = where(({ group, status }) => group === "call" && status === 200);
  expect(quantileMs(0.5, calls)).toBeLessThan(quantileMs(0.5, pages));
  const large = where(({ bodyBytes }) => bodyBytes > 1_000_000);
  expect(quantileMs(0, large)).toBeGreaterThan(200);
});

test("browsers come from somewhere and then from the page they saw; programs send no referrer", () => {
  expect(
    share(
      ({ referrer }) => referrer !== "-",
      seen.filter(({ kind }) => kind !== "browser"),
    ),
  ).toBe(0);
  const assets = seen.filter(({ group }) => group.endsWith("asset"));
  expect(share(({ referrer }) => referrer.startsWith("https://www.example.com/"), assets)).toBe(1);
  expect(share(({ referrer }) => referrer.includes("google"))).toBeGreaterThan(0.005);
});

test("visitors stay for several requests, and a third of the visits are by someone who was here before", () => {
  const total = [...visits.values()].reduce((sum, count) => sum + count, 0);
  expect(COUNT / total).toBeWithin(8, 40);
  expect(visits.size).toBeGreaterThan(10_000);
  expect([...visits.values()].filter((count) => count > 1).length).toBeGreaterThan(1000);
});

test("small numbers are asked for more often than large ones", () => {
  const numbers = seen.filter(({ path }) => path === "/products/{n}").map(({ number }) => number);
  const half = numbers.filter((number) => number <= 24_000).length;
  expect(half / numbers.length).toBeWithin(0.75, 0.95);
  expect(new Set(numbers).size).toBeGreaterThan(numbers.length / 3);
});

test("browsers, old and new, crawlers, tools, scanners and monitors all take part", () => {
  expect(new Set(seen.map(({ kind }) => kind)).size).toBe(5);
  expect(share(({ kind }) => kind === "browser")).toBeWithin(0.6, 0.9);
});
