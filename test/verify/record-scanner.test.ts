import { describe, expect, test } from "bun:test";
import { AccessLog } from "../../src/access-log/access-log.ts";
import { FORMATS, type FormatName } from "../../src/access-log/format.ts";
import { LOADED_BYTES } from "../../src/lines/record-taker.ts";
import { utc } from "../../src/time/zone.ts";
import { RecordScanner } from "../../src/verify/record-scanner.ts";
import { seededRandom } from "../support/random.ts";

const RUNS = Number(process.env.LOGSHIP_TEST_RUNS ?? 60);

function logOf(format: FormatName, seed: number, records: number, stepMs: number): Buffer {
  const log = new AccessLog({ format, seed, startMs: 1_484_231_816_000, stepMs, zone: utc, now: () => 0 });
  const chunks: Buffer[] = [];
  for (const chunk of log.portion({ records })) chunks.push(Buffer.from(chunk)); // the next one overwrites it
  return Buffer.concat(chunks);
}

/** Shows a text to a scanner in parts, each from where the one before was left; stops at a bad record. */
function scanned(scanner: RecordScanner, text: Buffer, ends: readonly number[]) {
  const steps: unknown[] = [];
  let at = 0;
  for (const end of ends) {
    if (end <= at) continue;
    at += scanner.scan(text.subarray(at, end));
    const { records, bad, firstSeconds, lastSeconds } = scanner;
    steps.push({ at, records, bad, firstSeconds, lastSeconds });
    if (bad) break;
  }
  return steps;
}

describe.each([...FORMATS])("records of the format %s", (format) => {
  const random = seededRandom(`records of ${format}`);
  const below = (limit: number) => Math.floor(random() * limit);

  test("are the same taken many at once as one by one, whole and damaged, whatever the parts", () => {
    for (let run = 0; run < RUNS; run++) {
      const text = logOf(format, below(2 ** 31), 1 + below(200), [0, 1, 300, 5000][below(4)]!);
      const damages = below(3) ? below(2) : 3;
      for (let damage = 0; damage < damages; damage++) {
        const at = below(text.length);
        const bytes = [0x0a, 0x22, 0x5c, 0x20, 0x00, 0x7f, 0xc3, 0xff, 0x30, 0x3a, 0x61, 0x7e, text[at]! ^ 1];
        text[at] = bytes[below(bytes.length)]!;
      }
      const ends = Array.from({ length: below(6) }, () => below(text.length)).sort((a, b) => a - b);
      ends.push(text.length);
      const wanted = scanned(new RecordScanner(format, false), text, ends);
      expect(scanned(new RecordScanner(format), text, ends)).toEqual(wanted);
    }
  });

  test("are taken where more comes at once than is loaded, and of any time", () => {
    const text = logOf(format, 7, 4000, 700);
    expect(text.length).toBeGreaterThan(2 * LOADED_BYTES);
    const scanner = new RecordScanner(format);
    expect(scanner.scan(text)).toBe(text.length);
    expect(scanner).toMatchObject({ records: 4000, bad: undefined });
  });

  test("what is left of what was loaded before is no record", () => {
    const text = logOf(format, 9, 50, 1);
    const scanner = new RecordScanner(format);
    scanner.scan(text);
    const lastEnd = text.lastIndexOf(0x0a, text.length - 2) + 1;
    for (let cut = lastEnd + 1; cut < text.length; cut += 7)
      expect(scanner.scan(text.subarray(0, cut))).toBeLessThanOrEqual(lastEnd);
  });
});
