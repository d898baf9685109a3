import { expect, test } from "bun:test";
import { mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./support/run-directory.ts";

/** Whether setup counts a process among this host's own. @param link Where its `ns/pid` leads; undefined: it is hidden. */
function isOfThisHost(link: string | undefined): boolean {
  const shown = temporaryDirectory("process");
  mkdirSync(join(shown, "ns"));
  if (link !== undefined) symlinkSync(link, join(shown, "ns/pid"));
  const preflight = join(import.meta.dir, "../install/preflight.sh");
  const script = 'source "$1" && runs_outside_containers "$2"';
  return Bun.spawnSync(["bash", "-c", script, "bash", preflight, shown]).exitCode === 0;
}

test("setup takes the processes of a container for none of this host's, and those that are hidden for its own", () => {
  expect(isOfThisHost(readlinkSync("/proc/self/ns/pid"))).toBe(true);
  expect(isOfThisHost("pid:[1]")).toBe(false);
  expect(isOfThisHost(undefined)).toBe(true);
});
