import { readdirSync, readFileSync } from "node:fs";

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
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, parentheses too.
    const [state, parentPid, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return {
      pid,
      parentPid: Number(parentPid),
      name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
      words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1),
      isStopped: state === "T" || state === "t",
      startTicks: Number(rest[17]),
    };
  } catch {
    return undefined; // it has ended, or is hidden
  }
}
