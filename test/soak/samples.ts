/** What is looked at while it soaks, and the file that keeps it. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where and with what it soaked. */
export interface Conditions {
  readonly startedAt: string;
  readonly host: string;
  readonly version: string;
  readonly limits: string;
  /** Undefined where the kernel holds memory itself. */
  readonly mostMemoryBytes?: number;
}

export interface ProcessSample {
  readonly pid: number;
  readonly residentBytes: number;
  /** What of it is no file: pages of the executable come and go as the kernel likes. Kernels before 4.5 do not tell. */
  readonly ownBytes?: number;
  /** Its share of it, where pages that processes have in common are divided among them; kernels before 4.14 do not tell. */
  readonly shareBytes?: number;
  readonly descriptors: number;
}

export interface Sample {
  readonly seconds: number;
  /** By service; a process that is just being started is left out. */
  readonly processes: Readonly<Record<string, ProcessSample>>;
  readonly files: number;
  readonly diskBytes: number;
  /** What status said: bytes of the log that are not stored yet, and how long it took. Undefined between two looks. */
  readonly status?: { readonly lagBytes?: number; readonly tookMs: number };
}

/** What was done all the time. */
export interface Work {
  readonly shippedBytes: number;
  readonly simulatedBytes: number;
  readonly simulatedObjects: number;
}

export interface Soak {
  readonly conditions: Conditions;
  readonly samples: readonly Sample[];
  /** Once it is finished. */
  readonly work?: Work;
}

/** A line of the file that keeps a soak, whatever happens to it. */
export type Line =
  | { readonly conditions: Conditions }
  | { readonly sample: Sample }
  | { readonly work: Work };

/** A soak that is still under way is read as far as it has come. @throws Error if there is none in the file */
export function readSoak(path: string): Soak {
  const lines: Line[] = readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const conditions = lines.flatMap((line) => ("conditions" in line ? [line.conditions] : []))[0];
  const work = lines.flatMap((line) => ("work" in line ? [line.work] : []))[0];
  if (!conditions) throw new Error(`${path} has no soak in it`);
  const samples = lines.flatMap((line) => ("sample" in line ? [line.sample] : []));
  return { conditions, samples, ...(work && { work }) };
}

/** @returns undefined if the process is gone */
export function sampleProcess(pid: number): ProcessSample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const residentBytes = kilobytesIn(status, "VmRSS")! * 1024;
    const own = kilobytesIn(status, "RssAnon");
    const share = shareOf(pid);
    return {
      pid,
      residentBytes,
      ...(own !== undefined && { ownBytes: own * 1024 }),
      ...(share !== undefined && { shareBytes: share * 1024 }),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return undefined;
  }
}

function shareOf(pid: number): number | undefined {
  const path = `/proc/${pid}/smaps_rollup`;
  return existsSync(path) ? kilobytesIn(readFileSync(path, "latin1"), "Pss") : undefined;
}

/** The value of a line such as `VmRSS:   1234 kB`. */
function kilobytesIn(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

/** How many files there are below a directory, and what they take on the disk. */
export function sampleFiles(directory: string): { readonly files: number; readonly diskBytes: number } {
  let files = 0;
  let diskBytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const { blocks } = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) ?? {
      blocks: undefined,
    };
    if (blocks === undefined) continue; // renamed or removed meanwhile
    files++;
    diskBytes += blocks * 512;
  }
  return { files, diskBytes };
}
