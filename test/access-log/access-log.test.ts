import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { AccessLog, type AccessLogOptions, type LogLimits } from "../../src/access-log/access-log.ts";
import { FORMATS, type FormatName } from "../../src/access-log/format.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";
import { utc } from "../../src/time/zone.ts";

const START_MS = Date.UTC(2017, 0, 12, 14, 36, 56);

function open(options: Partial<AccessLogOptions> = {}): AccessLog {
  const now = () => START_MS;
  return new AccessLog({ format: "json", seed: 7, startMs: START_MS, stepMs: 1, zone: utc, now, ...options });
}

function bytesOf(log: AccessLog, limits: LogLimits): Buffer {
  return Buffer.concat(Array.from(log.portion(limits), (chunk) => Buffer.from(chunk)));
}

function textOf(log: AccessLog, limits: LogLimits): string {
  return bytesOf(log, limits).toString();
}

function jsonLines(text: string): Record<string, string>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** These never change: other people's tests stand on them. */
const GOLDEN: Record<FormatName, string> = {
  json: "b5d7f76055929badcebe10e017e6806822326be52b72d15c6a714c309d2e30cf",
  combined: "6b5a2556114e70a717e1658fc70916b80444cc34e5d604b5435ef9206d51a18f",
  "nginx-json": "ae28baaf8cffa4e04f03bdd747c4588f9fea697ed016795eea6d2c9ab3952a5a",
  script: "e6fd886829d798d0f3f00db740a0d7ae92908e9416f42295b574a26aa7a34c7f",
};

test.each([...FORMATS])(
  "a seed and a start give these bytes in the format %s, everywhere and always",
  (format) => {
    const hash = new Bun.CryptoHasher("sha256");
    for (const chunk of open({ format }).portion({ records: 600_000 })) hash.update(chunk);
    expect(hash.digest("hex")).toBe(GOLDEN[format]);
  },
);

const BLOCK = 2 ** 18;

test.each([...FORMATS])(
  "a log in the format %s can be entered anywhere, also at the borders of blocks",
  (format) => {
    const whole = bytesOf(open({ format, stepMs: 0.7 }), { records: BLOCK + 2000 });
    const starts = recordStarts(whole, format === "script" ? 12 : 1);
    for (const firstRecord of [0, 1, 999, BLOCK - 700, BLOCK - 1, BLOCK, BLOCK + 1]) {
      const bytes = bytesOf(open({ format, stepMs: 0.7, firstRecord }), { records: 900 });
      const isSame = bytes.equals(whole.subarray(starts[firstRecord], starts[firstRecord + 900]));
      expect([firstRecord, isSame]).toEqual([firstRecord, true]);
    }
  },
  60_000,
);

/** Where each record begins, and where the last one ends. */
function recordStarts(bytes: Buffer, lines: number): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10), line = 1; at >= 0; at = bytes.indexOf(10, at + 1), line++)
    if (line % lines === 0) starts.push(at + 1);
  return starts;
}

test("a log can be entered so far away that nobody would wait for it", () => {
  const firstRecord = 2 ** 49 + 5;
  const [one] = jsonLines(textOf(open({ firstRecord, stepMs: 0.001 }), { records: 1 }));
  expect(Date.parse(one!.time!)).toBe(Math.floor((START_MS + firstRecord / 1000) / 1000) * 1000);
  const before = textOf(open({ firstRecord: firstRecord - 1, stepMs: 0.001 }), { records: 2 });
  expect(jsonLines(before)[1]).toEqual(one!);
});

test("every format tells of the same requests", () => {
  const json = jsonLines(textOf(open(), { records: 5000 }));
  const nginxJson = textOf(open({ format: "nginx-json" }), { records: 5000 });
  expect(
    nginxJson
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(`{${line}}`)),
  ).toEqual(json);
  const script = textOf(open({ format: "script" }), { records: 5000 });
  const objects = JSON.parse(`[${script.replaceAll("\n}\n{", "\n},\n{")}]`) as Record<string, string>[];
  expect(objects).toEqual(
    json.map((record) => ({
      ...record,
      time:
        record.time!.slice(0, 11) +
        record
          .time!.slice(10, 19)
          .replace("T", ":")
          .replace(/:0(?=\d)/g, ":"),
      request_time: String(Math.round(Number(record.request_time) * 1000)),
      request: `${record.request} /empresa`,
    })),
  );
});

test("another seed gives other records", () => {
  expect(textOf(open({ seed: 8 }), { records: 100 })).not.toBe(textOf(open(), { records: 100 }));
});

test("records repeat hardly ever", () => {
  const lines = textOf(open(), { records: 200_000 }).split("\n");
  expect(new Set(lines).size).toBeGreaterThan(190_000);
});

test("a limit in records is met exactly", () => {
  for (const records of [1, 2, 333, 10_001])
    expect(textOf(open({ format: "combined" }), { records }).split("\n")).toHaveLength(records + 1);
});

test("a limit in bytes is not exceeded, and one more record would exceed it", () => {
  const whole = textOf(open(), { records: 2000 });
  for (const bytes of [1, 400, 12_345, 131_072, 300_000]) {
    const text = textOf(open(), { bytes });
    expect(text.length).toBeLessThanOrEqual(bytes);
    expect(whole.startsWith(text)).toBe(true);
    expect(whole.indexOf("\n", text.length) + 1).toBeGreaterThan(bytes);
  }
});

test("portions follow each other without a gap, also after one that ended by bytes", () => {
  const log = open();
  const parts = [
    { records: 10 },
    { bytes: 10_000 },
    { records: 1 },
    { bytes: 5 },
    { records: 1000, bytes: 200_000 },
  ];
  const text = parts.map((limits) => textOf(log, limits)).join("");
  expect(textOf(open(), { records: 3000 }).startsWith(text)).toBe(true);
  expect(text.length).toBeGreaterThan(200_000);
});

test("a step moves the time from record to record, down to microseconds", () => {
  const times = (stepMs: number, records: number) =>
    jsonLines(textOf(open({ stepMs }), { records })).map(({ time }) => Date.parse(time!) - START_MS);
  expect(times(1500, 5)).toEqual([0, 1000, 3000, 4000, 6000]);
  expect(times(0.25, 8001).filter((ms) => ms === 0)).toHaveLength(4000);
  expect(times(0, 100).at(-1)).toBe(0);
  expect(times(86_400_000, 3)).toEqual([0, 86_400_000, 172_800_000]);
});

test("the time follows the clock where there is no step, but never back", () => {
  let nowMs = START_MS;
  const log = open({ stepMs: undefined, now: () => nowMs });
  const times = [0, 1000, 5000, 3000, 4999, 6000].map((ms) => {
    nowMs = START_MS + ms;
    const [record] = jsonLines(textOf(log, { records: 1 }));
    return (Date.parse(record!.time!) - START_MS) / 1000;
  });
  expect(times).toEqual([0, 1, 5, 5, 5, 6]);
});

test("the offset changes where the zone changes it", () => {
  const zone = openTimeZone("Europe/Berlin", readFileSync);
  const startMs = Date.UTC(2017, 2, 26, 0, 59, 58);
  const times = jsonLines(textOf(open({ zone, startMs, stepMs: 1000 }), { records: 4 })).map(
    ({ time }) => time,
  );
  expect(times).toEqual([
    "2017-03-26T01:59:58+01:00",
    "2017-03-26T01:59:59+01:00",
    "2017-03-26T03:00:00+02:00",
    "2017-03-26T03:00:01+02:00",
  ]);
});

test("quotes and backslashes come in paths and user agents", () => {
  const records = jsonLines(textOf(open(), { records: 50_000 }));
  for (const character of ['"', "\\"]) {
    expect(records.some(({ request }) => request!.includes(character))).toBe(true);
    expect(records.some(({ http_user_agent: agent }) => agent!.includes(character))).toBe(true);
  }
});
