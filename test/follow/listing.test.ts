import { describe, expect, test } from "bun:test";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { entriesOf, homesOf } from "../../src/follow/listing.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** Longer than a tick of the clock that stamps files. */
const TICK_MS = 20;

async function writeLog(path: string): Promise<void> {
  writeFileSync(path, "first\n");
  await Bun.sleep(TICK_MS);
  appendFileSync(path, "last\n");
}

const namesOf = (log: string) =>
  entriesOf(homesOf(log))
    .filter(({ isNamed }) => !isNamed)
    .map(({ path }) => basename(path));

describe("the older files of a log, oldest first,", () => {
  test("are those with the lower numbers last, where each rotation renames them all", async () => {
    const log = join(temporaryDirectory("siblings"), "app.log");
    for (let rotation = 0; rotation < 4; rotation++) {
      await writeLog(log);
      for (let number = rotation; number > 0; number--)
        renameSync(`${log}.${number}`, `${log}.${number + 1}`);
      renameSync(log, `${log}.1`);
      await Bun.sleep(TICK_MS);
    }
    expect(namesOf(log)).toEqual(["app.log.4", "app.log.3", "app.log.2", "app.log.1"]);
    appendFileSync(`${log}.2`, "by a writer who opens the new log late\n");
    expect(namesOf(log)).toEqual(["app.log.4", "app.log.3", "app.log.2", "app.log.1"]);
  });

  test("are those with the higher numbers last, where each gets the next one (Log4j 2)", async () => {
    const directory = temporaryDirectory("siblings");
    const log = join(directory, "app.log");
    for (let rotation = 1; rotation <= 3; rotation++) {
      await writeLog(log);
      renameSync(log, join(directory, `app-${rotation}.log`));
      await Bun.sleep(TICK_MS);
    }
    expect(namesOf(log)).toEqual(["app-1.log", "app-2.log", "app-3.log"]);
  });
});
