import { expect, test } from "bun:test";
import { AccessLog, type LogLimits } from "../../src/access-log/access-log.ts";
import { type Pacing, pacedPortion } from "../../src/access-log/pace.ts";
import { utc } from "../../src/time/zone.ts";

/** A clock that only sleeping, late by a little each time, and the reader move on. */
class Clock {
  ms = 0;
  sleeps = 0;
  readonly controller = new AbortController();
  readonly #late: number;

  constructor(lateMs = 0.7) {
    this.#late = lateMs;
  }

  get pacing() {
    return {
      elapsedMs: () => this.ms,
      sleep: async (ms: number, signal: AbortSignal) => {
        this.sleeps++;
        this.ms += ms + this.#late;
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      },
      signal: this.controller.signal,
    };
  }
}

/** How many records came at what time. */
async function paced(
  clock: Clock,
  pacing: Partial<Pacing>,
  limits: LogLimits = {},
  onChunk: (records: number) => void = () => {},
) {
  const log = new AccessLog({ format: "combined", seed: 1, startMs: 0, stepMs: 1, zone: utc, now: () => 0 });
  const came: { ms: number; records: number }[] = [];
  for await (const chunk of pacedPortion(log, limits, { ...clock.pacing, ...pacing })) {
    const records = Buffer.from(chunk).toString().split("\n").length - 1;
    came.push({ ms: clock.ms, records });
    onChunk(records);
  }
  return { came, total: came.reduce((sum, { records }) => sum + records, 0) };
}

test.each([1, 7, 99.5, 1000, 50_000])(
  "at %p records a second as many come in ten seconds",
  async (perSecond) => {
    const clock = new Clock();
    const { total } = await paced(clock, { perSecond, durationMs: 10_000 });
    expect(total).toBe(Math.ceil(10 * perSecond));
    expect(clock.ms).toBeWithin(10_000, 10_020);
  },
);

test("records come steadily, not in one burst a second", async () => {
  const { came } = await paced(new Clock(), { perSecond: 1000, durationMs: 5000 });
  expect(Math.max(...came.map(({ records }) => records))).toBeLessThanOrEqual(25);
  const gaps = came.slice(1).map(({ ms }, index) => ms - came[index]!.ms);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(25);
});

test("a slow rate gives each record at its own time", async () => {
  const { came } = await paced(new Clock(0), { perSecond: 4 }, { records: 5 });
  expect(came.map(({ ms }) => Math.round(ms))).toEqual([0, 250, 500, 750, 1000]);
  expect(came.every(({ records }) => records === 1)).toBe(true);
});

test("what a reader delays is made up for, up to a second of it", async () => {
  const clock = new Clock();
  let chunks = 0;
  const { total } = await paced(clock, { perSecond: 100, durationMs: 10_000 }, {}, () => {
    if (++chunks === 50) clock.ms += 800;
  });
  expect(total).toBe(1000);
  const later = new Clock();
  chunks = 0;
  const late = await paced(later, { perSecond: 100, durationMs: 10_000 }, {}, () => {
    if (++chunks === 50) later.ms += 5000;
  });
  expect(late.total).toBeWithin(595, 605);
});

test("without a rate nothing waits, but the event loop gets its turn", async () => {
  const clock = new Clock(0);
  const { total } = await paced(clock, {}, { records: 100_000 }, () => {
    clock.ms += 1;
  });
  expect(total).toBe(100_000);
  expect(clock.sleeps).toBeWithin(1, 1 + clock.ms / 100);
});

test("a duration without a rate ends in time", async () => {
  const clock = new Clock();
  await paced(clock, { durationMs: 250 }, {}, () => {
    clock.ms += 10;
  });
  expect(clock.ms).toBeWithin(250, 262);
});

test.each([{ perSecond: 100 }, {}])("an aborted signal ends the portion (%p)", async (pacing) => {
  const clock = new Clock();
  let chunks = 0;
  const { came } = await paced(clock, pacing, {}, () => {
    clock.ms += 1;
    if (++chunks === 30) clock.controller.abort();
  });
  expect(came).toHaveLength(30);
});

test("limits end a paced portion", async () => {
  const { total, came } = await paced(new Clock(), { perSecond: 100 }, { records: 33 });
  expect(total).toBe(33);
  expect(came.at(-1)!.ms).toBeLessThan(340);
  expect((await paced(new Clock(), { perSecond: 100 }, { bytes: 1000 })).total).toBeWithin(2, 8);
});
