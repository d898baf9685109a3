import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const given = process.env.LOGSHIP_TEST_DIRECTORY;

/** True under test/run.ts, which clears up after all test processes; `bun test` alone leaves its files in /tmp. */
export const isSharedRun = given !== undefined;

/** The directory of this test run, shared by all its processes. */
export const runDirectory = given ?? mkdtempSync(join(tmpdir(), "logship-test-"));

/** A new empty directory that disappears with the run. */
export function temporaryDirectory(name = "t"): string {
  return mkdtempSync(join(runDirectory, `${name}-`));
}
