/** What daemontools 0.76 was seen to do, case by case: the stand-ins do the same, and so does the original, if installed. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../multilog/case.ts";
import { cases as lines } from "../multilog/cases/lines.ts";
import { cases as obstacles } from "../multilog/cases/obstacles.ts";
import { cases as opening } from "../multilog/cases/opening.ts";
import { cases as processor } from "../multilog/cases/processor.ts";
import { cases as recovery } from "../multilog/cases/recovery.ts";
import { cases as rotation } from "../multilog/cases/rotation.ts";
import { cases as script } from "../multilog/cases/script.ts";
import { cases as signals } from "../multilog/cases/signals.ts";
import { cases as statusFiles } from "../multilog/cases/status-files.ts";
import { cases as tai64n } from "../multilog/cases/tai64n.ts";
import { cases as tai64nlocal } from "../multilog/cases/tai64nlocal.ts";
import { runCase } from "../multilog/run-case.ts";
import { isRoot, needs } from "../support/needs.ts";
import { standIns } from "../support/stand-ins.ts";

const multilog = [
  script,
  lines,
  statusFiles,
  opening,
  rotation,
  recovery,
  signals,
  processor,
  obstacles,
].flat();
const programs = standIns("multilog", "tai64n", "tai64nlocal");
const isInstalled = needs("multilog", "tai64n", "tai64nlocal", "setuidgid");

/** Most of the time of the slow cases is waiting, so many run at once; each test then asks for its result. */
const atOnce = 8;
let running = 0;
const waiting: (() => void)[] = [];
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function declare(name: string, cases: readonly Case[]): void {
  for (const testCase of cases) {
    const isPossible = (!testCase.needsRoot || isRoot()) && needs(...programsCalledBy(testCase));
    const result = isPossible ? inTurn(() => runCase(testCase, name, programs)) : undefined;
    test.skipIf(!isPossible)(
      `${name}: ${testCase.title}`,
      async () => expect(await result).toEqual([]),
      600_000,
    );
    if (testCase.deviates) continue;
    const isComparable = isPossible && isInstalled;
    const original = isComparable ? inTurn(() => runCase(testCase, name)) : undefined;
    const title = `daemontools' ${name}: ${testCase.title}`;
    test.skipIf(!isComparable)(title, async () => expect(await original).toEqual([]), 600_000);
  }
}

/** What a case calls besides the program it is about, of what not every host has. */
function programsCalledBy({ command = [] }: Case): string[] {
  const words = command.join(" ").split(/[\s;]+/);
  return ["flock", "mount", "setuidgid", "umount"].filter((program) => words.includes(program));
}

declare("multilog", multilog);
declare("tai64n", tai64n);
declare("tai64nlocal", tai64nlocal);

describe("DEVIATIONS.md", () => {
  const text = readFileSync(join(import.meta.dir, "../multilog/DEVIATIONS.md"), "utf8");
  const deviating = [...multilog, ...tai64n, ...tai64nlocal].filter(({ deviates }) => deviates);

  test.each(deviating.map(({ title, deviates }) => [title, deviates!]))("explains: %s", (title, reason) => {
    const section = text.split("\n## ").find((part) => part.startsWith(`${capitalized(reason)}\n`));
    expect(section).toContain(`- ${title}\n`);
  });
});

function capitalized(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
