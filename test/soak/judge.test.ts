import { expect, test } from "bun:test";
import { seededRandom } from "../support/random.ts";
import { judge, type Series, troublesOf } from "./judge.ts";
import { picture } from "./picture.ts";
import { figures } from "./report.ts";
import type { Soak } from "./samples.ts";

const HOURS = 24;
const POINTS = HOURS * 60;
const RUNS = 20;
const random = seededRandom("the judge of a soak");

/** What a process that does not grow looks like: a heap that fills and is emptied, noise, peaks, and a start. */
function steady(seconds: number): number {
  const saw = (seconds % 700) / 100;
  const peak = random() < 0.05 ? 40 : 0;
  const start = 15 * (1 - Math.exp(-seconds / 600));
  return 40 + start + saw + random() * 3 + peak;
}

function memory(valueAt: (seconds: number, share: number) => number, count = POINTS): Series {
  const points = Array.from({ length: count }, (_, index) => {
    const seconds = index * 60;
    return { seconds, value: valueAt(seconds, index / (count - 1)) };
  });
  return { quantity: "memory", subject: "ship", unit: "MB", allowed: 4, points };
}

function isGrowing(series: Series): boolean {
  return judge(series).isGrowing;
}

test("noise, peaks, a heap that is emptied again and again and a start that takes its time do not grow", () => {
  for (let run = 0; run < RUNS; run++) expect(isGrowing(memory(steady))).toBe(false);
});

test("a leak below the noise grows: 9 MB in a day", () => {
  for (let run = 0; run < RUNS; run++)
    expect(isGrowing(memory((seconds, share) => steady(seconds) + 9 * share))).toBe(true);
});

test("a leak that comes in steps grows too", () => {
  const stepped = memory((seconds, share) => steady(seconds) + 2 * Math.floor(share * 12));
  expect(isGrowing(stepped)).toBe(true);
});

test("a leak of descriptors is seen, one an hour", () => {
  const leaking = memory((seconds) => 13 + (random() < 0.1 ? 4 : 0) + Math.floor(seconds / 3600));
  expect(isGrowing({ ...leaking, quantity: "descriptors", allowed: 3 })).toBe(true);
});

test("one step to another size, when it is large, does not grow: it stays there", () => {
  const step = memory((seconds, share) => steady(seconds) + (share > 0.66 ? 20 : 0));
  expect(isGrowing(step)).toBe(false);
});

test("what gets smaller does not grow", () => {
  expect(isGrowing(memory((seconds, share) => steady(seconds) - 20 * share))).toBe(false);
});

test("too few points are no verdict", () => {
  expect(() => judge(memory(steady, 10))).toThrow("unable to judge memory of ship: 7 points are too few");
});

/** Two hours of a service, with a change of some of its samples. */
function soaked(change: (share: number) => { megabytes?: number; pid?: number; lagBytes?: number }): Soak {
  const samples = Array.from({ length: 121 }, (_, index) => {
    const { megabytes = 50, pid = 7, lagBytes = 90_000 } = change(index / 120);
    const processes = {
      ship: {
        pid,
        residentBytes: 70e6,
        ownBytes: megabytes * 1e6,
        shareBytes: 20e6 + megabytes * 1e6,
        descriptors: 13,
      },
    };
    return { seconds: index * 60, processes, files: 30, diskBytes: 1e6, status: { lagBytes, tookMs: 30 } };
  });
  const conditions = {
    startedAt: "2026-11-30T00:00:00Z",
    host: "a host",
    version: "logship",
    limits: "none",
  };
  return { conditions: { ...conditions, mostMemoryBytes: 200e6 }, samples };
}

test("a soak is told what is wrong with it, a line each", () => {
  expect(troublesOf(soaked(() => ({})))).toEqual([]);
  expect(troublesOf(soaked((share) => ({ megabytes: 50 + 30 * share })))).toEqual([
    "own memory of ship grows: by 20.0 MB, and 4 MB are allowed",
  ]);
  expect(troublesOf(soaked((share) => ({ lagBytes: 9e6 * share })))).toEqual([
    "lag grows: by 6.0 MB, and 0.3 MB are allowed",
  ]);
  expect(troublesOf(soaked((share) => ({ pid: share < 0.5 ? 7 : 8 })))).toEqual(["ship was started 2 times"]);
  expect(troublesOf(soaked((share) => ({ megabytes: share === 0.5 || share === 0 ? 280 : 50 })))).toEqual([
    "all together had 300 MB, and 200 MB are allowed",
  ]);
});

test("the picture has a line for each series, and the table a row that says what grows", () => {
  const drawn = picture(soaked((share) => ({ megabytes: 50 + 30 * share })));
  expect(drawn.match(/<polyline /g)).toHaveLength(6);
  expect(drawn).not.toContain("NaN");
  const table = figures(soaked((share) => ({ megabytes: 50 + 30 * share })));
  expect(table).toContain("| own memory of ship | 70.0 MB | 80.0 MB | 20.0 MB | 4.0 MB | grows |");
  expect(table).toContain("| files | 30 | 30 | 0 | 3 | no |");
});
