import { readFileSync } from "node:fs";

/** What /proc/PID/stat tells (proc(5)), whose second field is a name in parentheses that may hold anything. */
export interface ProcessStat {
  readonly name: string;
  /** From the third field on: the state, the parent, the group … */
  readonly fields: readonly string[];
}

/** @throws the system's error if the process has ended or is hidden */
export function processStat(pid: number | "self"): ProcessStat {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const end = text.lastIndexOf(")");
  return { name: text.slice(text.indexOf("(") + 1, end), fields: text.slice(end + 2).split(" ") };
}
