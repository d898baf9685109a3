import { afterEach, describe, expect, test } from "bun:test";
import {
  accessSync,
  appendFileSync,
  constants,
  linkSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Changes } from "../../src/follow/changes.ts";
import { hasOneName } from "../../src/follow/paths.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { AT_ONCE_MS } from "../support/until.ts";

const MEMORY = "/dev/shm"; // a file system whose changes the kernel reports wherever the tests run
const FOREVER_MS = 3_600_000;
/** Longer than what is waited for after the latest report before nothing more is expected. */
const QUIET_MS = 3500;

describe.skipIf(!mayMakeFilesIn(MEMORY))("where the kernel reports all that happens", () => {
  const directory = mayMakeFilesIn(MEMORY) ? mkdtempSync(join(MEMORY, "logship-test-")) : "";
  const log = join(directory, "log");
  let changes: Changes;
  afterEach(() => {
    changes.close();
    rmSync(directory, { recursive: true });
  });

  test("a quiet directory is looked at rarely, and one in which something happens at once", async () => {
    changes = new Changes({ atLeastEveryMs: 50, reportedEveryMs: FOREVER_MS, gatherMs: 1 });
    changes.watch([directory], true);
    await changes.next(); // that it is watched
    writeFileSync(log, "one\n");
    await changes.next();
    let looks = 0;
    const quietAtMs = performance.now() + QUIET_MS;
    let next = changes.next();
    const another = () =>
      Promise.race([next.then(() => "looked"), Bun.sleep(AT_ONCE_MS / 10).then(() => "waiting")]);
    while ((await another()) === "looked") {
      looks++;
      next = changes.next();
    }
    expect(looks).toBeGreaterThan(1); // something that happens seldom comes alone
    expect(performance.now()).toBeLessThan(quietAtMs + AT_ONCE_MS);
    appendFileSync(log, "two\n");
    await next;
  });
});

describe("where something may happen that the kernel does not report", () => {
  test("a directory is looked at again and again, however quiet it is", async () => {
    const changes = new Changes({ atLeastEveryMs: 50, reportedEveryMs: FOREVER_MS, gatherMs: 1 });
    const quiet = temporaryDirectory("quiet");
    const beginMs = performance.now();
    while (performance.now() - beginMs < QUIET_MS) {
      changes.watch([quiet], false);
      await changes.next();
    }
    changes.close();
  });

  test("a file has one name if it is no link, and no other name leads to it", () => {
    const file = join(temporaryDirectory("names"), "log");
    writeFileSync(file, "");
    expect(hasOneName(file)).toBe(true);
    symlinkSync(file, `${file}.symbolic`);
    expect(hasOneName(`${file}.symbolic`)).toBe(false);
    expect(hasOneName(`${file}.none`)).toBe(false);
    linkSync(file, `${file}.hard`);
    expect(hasOneName(file)).toBe(false);
  });
});

function mayMakeFilesIn(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
