/** A log directory in this process, on real files, whose file calls can be made to fail. */
import { openSync } from "node:fs";
import { join } from "node:path";
import { append } from "../../src/multilog/append.ts";
import type { LogDirectory } from "../../src/multilog/log-directory.ts";
import { openLogDirectory } from "../../src/multilog/open-directory.ts";
import { warnAlways } from "../../src/multilog/pauses.ts";
import type { DirectorySettings } from "../../src/multilog/script.ts";
import type { Surroundings } from "../../src/multilog/surroundings.ts";
import { type Files, hostFiles } from "../../src/system/files.ts";
import type { Moment } from "../../src/tai64n/label.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** File calls of which number `failing` fails once, with no space left. */
export function failingFiles(failing: number): { files: Files; calls: () => number } {
  let calls = 0;
  const files = Object.fromEntries(
    Object.entries(hostFiles).map(([name, call]) => [
      name,
      (...args: unknown[]) => {
        // Closing never fails, and the writer does not look.
        if (name !== "close" && ++calls === failing) throw Object.assign(new Error(), { code: "ENOSPC" });
        return (call as (...values: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Files;
  return { files, calls: () => calls };
}

export function surroundingsWith(files: Files): { surroundings: Surroundings; warnings: string[] } {
  const warnings: string[] = [];
  let unixSeconds = 1_700_000_000;
  const clock = (): Moment => ({ unixSeconds: unixSeconds++, nanoseconds: 500 });
  const obstacles = warnAlways({ warn: (text) => warnings.push(text), sleep: () => {} });
  const processors = {
    run: () => ({ exitCode: 0, signal: null }),
    reportFailedStart: () => {},
  };
  return { surroundings: { files, clock, namesFollowNewest: true, obstacles, processors }, warnings };
}

export interface OpenLog {
  readonly log: LogDirectory;
  readonly path: string;
}

export function openLog(surroundings: Surroundings, settings: Partial<DirectorySettings> = {}): OpenLog {
  const parent = temporaryDirectory("log");
  const start = openSync(parent, "r");
  const all = { name: "./log", sizeBytes: 4096, files: 10, processor: undefined, ...settings };
  return { log: openLogDirectory(all, start, surroundings, () => false), path: join(parent, "log") };
}

export function appendText(log: LogDirectory, text: string, surroundings: Surroundings): void {
  const bytes = Buffer.from(text);
  append(log, { bytes, readEndCount: 0, readEnd: () => 0 }, bytes.length, surroundings);
}
