import { describe, expect, test } from "bun:test";
import { BatchNames } from "../../src/batches/batch-names.ts";
import { openTimeZone } from "../../src/time/time-zone.ts";

const noFiles = () => {
  throw Object.assign(new Error("no files"), { code: "ENOENT" });
};
const utc = openTimeZone("UTC0", noFiles);
const saoPaulo = openTimeZone("<-03>3<-02>,M10.3.0/0,M2.3.0/0", noFiles);

describe("BatchNames", () => {
  test("names a batch after its second", () => {
    expect(new BatchNames(utc).next(Date.UTC(2017, 0, 12, 14, 36, 56, 482))).toBe(
      "access.2017-01-12-14:36:56",
    );
  });

  test("gives every batch of one second a name of its own, and the names sort", () => {
    const names = new BatchNames(utc);
    const second = Date.UTC(2017, 0, 12, 14, 36, 56);
    const given = Array.from({ length: 3000 }, (_, i) => names.next(second + Math.floor(i / 10)));
    expect(new Set(given).size).toBe(3000);
    expect([...given].sort()).toEqual(given);
    expect(given[1]).toBe("access.2017-01-12-14:36:56.000000");
  });

  test("begins the next second with a plain name", () => {
    const names = new BatchNames(utc);
    names.next(1000);
    names.next(1000);
    expect(names.next(2000)).toBe("access.1970-01-01-00:00:02");
  });

  test("marks the hour that comes twice when the clocks are set back", () => {
    const names = new BatchNames(saoPaulo);
    const setBack = Date.UTC(2017, 1, 19, 2, 0, 0); // midnight becomes 23:00 of the day before
    expect(names.next(setBack - 1_800_000)).toBe("access.2017-02-18-23:30:00");
    expect(names.next(setBack + 1_800_000)).toBe("access.2017-02-18-23:30:00-0300");
    expect(names.next(setBack + 5_400_000)).toBe("access.2017-02-19-00:30:00");
  });
});
