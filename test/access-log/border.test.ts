/** Blocks begin from the seed and their number alone; nothing in the traffic may show where one ends. */
import { expect, test } from "bun:test";
import { AGENTS } from "../../src/access-log/agents.ts";
import { BLOCK_REQUESTS } from "../../src/access-log/block.ts";
import { EXCHANGES, PLACES } from "../../src/access-log/exchange.ts";
import { Traffic } from "../../src/access-log/traffic.ts";

/** Requests on each side of a border, and around as many places in the middle of blocks. */
const AROUND = 8192;
const BORDERS = 12;
/** About, weighted by what they add to the spread. */
const REQUESTS_OF_VISIT = 40;

interface Window {
  requests: number;
  arrivals: number;
  distinctVisitors: number;
  /** Visits that were under way on the one side and go on on the other. */
  visitsAcross: number;
  /** Requests for an asset whose page the visitor has not just asked for: cut visits would make them. */
  assetsWithoutPage: number;
  bodyBytes: number;
  timeMs: number;
  shares: Map<string, number>;
}

function emptyWindow(): Window {
  const counts = { requests: 0, arrivals: 0, distinctVisitors: 0, visitsAcross: 0, assetsWithoutPage: 0 };
  return { ...counts, bodyBytes: 0, timeMs: 0, shares: new Map() };
}

/** Adds the requests around a place of the log to a window. */
function look(window: Window, seed: number, place: number): void {
  const traffic = new Traffic(seed, place - AROUND);
  const visitors = new Set<unknown>();
  const before = new Set<unknown>();
  const across = new Set<unknown>();
  const pages = new Map<unknown, string>();
  for (let at = -AROUND; at < AROUND; at++) {
    traffic.next();
    const visitor = traffic.visitors[traffic.slot];
    const { route, status, group } = EXCHANGES[traffic.exchange]!;
    const referrer = PLACES[traffic.referrer]!.replace("{n}", String(traffic.referrerNumber));
    window.requests++;
    if (traffic.isNewVisitor) window.arrivals++;
    visitors.add(visitor);
    if (at < 0) before.add(visitor);
    else if (before.has(visitor)) across.add(visitor);
    const page = pages.get(visitor);
    if (group.endsWith("asset") && page !== undefined && !referrer.endsWith(page)) window.assetsWithoutPage++;
    if (group === "page" && route.method === "GET" && status === 200)
      pages.set(visitor, route.path.replace("{n}", String(traffic.number)));
    window.bodyBytes += traffic.bodyBytes > 1_000_000 ? 0 : traffic.bodyBytes;
    window.timeMs += traffic.timeMs > 10_000 ? 0 : traffic.timeMs;
    for (const thing of [`status ${status}`, `method ${route.method}`, `group ${group}`])
      window.shares.set(thing, (window.shares.get(thing) ?? 0) + 1);
  }
  window.distinctVisitors += visitors.size;
  window.visitsAcross += across.size;
}

const atBorders = emptyWindow();
const within = emptyWindow();
for (let border = 1; border <= BORDERS; border++) {
  look(atBorders, 2017, border * BLOCK_REQUESTS);
  look(within, 2017, border * BLOCK_REQUESTS - BLOCK_REQUESTS / 2);
}

/** How much larger a figure is at borders than within, as a share of it. */
function excess(figure: (window: Window) => number): number {
  return figure(atBorders) / figure(within) - 1;
}

test("as many visitors come, and are there, around a border as in the middle of a block", () => {
  expect(within.requests).toBe(atBorders.requests);
  expect(Math.abs(excess(({ arrivals }) => arrivals))).toBeLessThan(0.05);
  expect(Math.abs(excess(({ distinctVisitors }) => distinctVisitors))).toBeLessThan(0.04);
});

test("visits go on across a border as across any other request", () => {
  expect(within.visitsAcross).toBeGreaterThan(400 * BORDERS);
  expect(Math.abs(excess(({ visitsAcross }) => visitsAcross))).toBeLessThan(0.02);
});

test("a visitor's assets belong to the page seen last, on both sides of a border", () => {
  expect(atBorders.assetsWithoutPage).toBe(0);
  expect(within.assetsWithoutPage).toBe(0);
});

test("statuses, methods, groups of requests, sizes and times are the same around a border", () => {
  expect(Math.abs(excess(({ bodyBytes }) => bodyBytes))).toBeLessThan(0.03);
  expect(Math.abs(excess(({ timeMs }) => timeMs))).toBeLessThan(0.06);
  for (const [thing, count] of within.shares) {
    const there = atBorders.shares.get(thing) ?? 0;
    // What is in a visit is alike, so that it is their number that counts.
    const visits = (count + there) / REQUESTS_OF_VISIT;
    const deviation = Math.abs(there - count) / REQUESTS_OF_VISIT / Math.sqrt(visits + 1);
    expect(deviation, thing).toBeLessThan(4);
  }
});

interface OnSite {
  readonly kinds: Map<string, number>;
  /** How many are who somebody else on the site is too. */
  doubles: number;
}

/** Adds who is on the site. */
function meet(met: OnSite, visitors: Traffic["visitors"]): void {
  const known = new Set<string>();
  for (const { address, agent } of visitors.filter((somebody) => somebody !== undefined)) {
    const { kind } = AGENTS[agent]!;
    met.kinds.set(kind, (met.kinds.get(kind) ?? 0) + 1);
    // There are only few addresses of monitors.
    if (kind !== "monitor" && known.has(`${address} ${agent}`)) met.doubles++;
    known.add(`${address} ${agent}`);
  }
}

test("visitors of each kind are on the site at a border as often as within a block, and hardly any twice", () => {
  const inBlock: OnSite = { kinds: new Map(), doubles: 0 };
  const atBorder: OnSite = { kinds: new Map(), doubles: 0 };
  const traffic = new Traffic(7);
  for (let block = 0; block < 50; block++) {
    for (const met of [inBlock, atBorder]) {
      for (let count = 0; count < BLOCK_REQUESTS / 2; count++) traffic.next();
      meet(met, traffic.visitors);
    }
  }
  for (const [kind, count] of inBlock.kinds) {
    const there = atBorder.kinds.get(kind) ?? 0;
    expect(Math.abs(there - count) / Math.sqrt(there + count), kind).toBeLessThan(3.5);
  }
  // Somebody who returns may be here still.
  expect(inBlock.doubles).toBeLessThan(100);
  expect(atBorder.doubles).toBeLessThan(100);
});

test("a log begins with visitors in the middle of their visits", () => {
  const traffic = new Traffic(7);
  let arrivals = 0;
  for (let count = 0; count < 2048; count++) {
    traffic.next();
    if (traffic.isNewVisitor) arrivals++;
  }
  expect(arrivals).toBeWithin(60, 180);
});
