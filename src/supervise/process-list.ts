import { readdirSync, readFileSync } from "node:fs";
import { processStat } from "../system/process-stat.ts";

/** A process as /proc shows it to anyone. */
export interface ListedProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** At most 15 bytes of the program's name. */
  readonly name: string;
  readonly words: readonly string[];
  readonly isStopped: boolean;
  /** Since boot, in hundredths of a second. */
  readonly startTicks: number;
}

/** All processes but those that have ended already; a /proc mounted with hidepid shows only one's own. */
export function listProcesses(): ListedProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => processOf(Number(pid)) ?? []);
}

function processOf(pid: number): ListedProcess | undefined {
  try {
    const { name, fields } = processStat(pid);
    const [state, parentPid] = fields;
    if (state === "Z" || state === "X") return undefined;
    return {
      pid,
      parentPid: Number(parentPid),
      name,
      words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1),
      isStopped: state === "T" || state === "t",
      startTicks: Number(fields[19]),
    };
  } catch {
    return undefined; // it has ended, or is hidden
  }
}

/** Asks the children of a process, and theirs, to end. */
export function endDescendants(ofPid: number, processes = listProcesses()): void {
  for (const { pid } of processes.filter(({ parentPid }) => parentPid === ofPid)) {
    endDescendants(pid, processes);
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It has ended.
    }
  }
}
