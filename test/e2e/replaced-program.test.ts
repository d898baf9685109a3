/** A log writer that runs while its program is replaced, as an upgrade by `mv` does. */
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { executable, start } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { storedBytes } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";

/** So much that most of the program's code has been used. */
const INPUT = "a line of some length or other\n".repeat(400_000);

const upgrades = {
  "is the same as before": () => {},
  "was replaced by mv": (program: string) => renameSync(copyOf(program), program),
  "was moved away": (program: string) => renameSync(program, `${program}.old`),
};

test.each(Object.entries(upgrades))(
  "a multilog at rest whose program %s keeps little of its code in memory",
  async (_, upgrade) => {
    const program = copyOf(executable);
    const cwd = temporaryDirectory("replaced");
    const multilog = start(["multilog", "s9999999", "n100", "./log"], {
      executable: program,
      cwd,
      stdin: "pipe",
    });
    await multilog.until("its start", () => existsSync(join(cwd, "log/current")));
    upgrade(program);
    multilog.write(INPUT);
    await multilog.until("the lines", () => storedBytes(join(cwd, "log")).length === INPUT.length);
    // It gives memory back a second after the last input.
    await until("little code", () => codeMiB(multilog.pid) < 14, 10_000);
    multilog.kill("SIGTERM");
    expect((await multilog.result).exitCode).toBe(0);
  },
);

function copyOf(path: string): string {
  const copy = join(temporaryDirectory("program"), "logship");
  copyFileSync(path, copy);
  return copy;
}

/** How much of its program's code a process has in memory. */
function codeMiB(pid: number): number {
  const maps = readFileSync(`/proc/${pid}/smaps`, "latin1").split(/^(?=[0-9a-f]+-)/m);
  const sizes = maps
    .filter((map) => /^\S+ r-xp .*\/program-/.test(map))
    .map((map) => Number(/^Rss:\s+(\d+) kB/m.exec(map)![1]) / 1024);
  return sizes.reduce((sum, size) => sum + size, 0);
}
