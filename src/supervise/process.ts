import { readFileSync } from "node:fs";
import { accountName } from "../system/accounts.ts";
import { processStat } from "../system/process-stat.ts";
import { shellWord } from "../system/shell-word.ts";

/** What the kernel and the account file say of a process. */
export interface ProcessInfo {
  readonly command: string;
  readonly account: string;
  readonly parentPid: number;
  readonly startedAtMs: number;
}

/** The kernel reports times to user space in hundredths of a second on all that logship runs on. */
const TICKS_PER_SECOND = 100;

/** What is known of a process; undefined if it has ended or /proc does not show it. */
export function inspectProcess(pid: number, nowMs: number): ProcessInfo | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? "";
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    return {
      command: words.length > 0 ? words.map(shellWord).join(" ") : (/^Name:\s+(.*)/m.exec(status)?.[1] ?? ""),
      account: accountName(uid),
      parentPid: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
      startedAtMs: startedAtMs(pid, nowMs),
    };
  } catch {
    return undefined;
  }
}

/** @throws the system's error if the process has ended */
function startedAtMs(pid: number, nowMs: number): number {
  const startTicks = Number(processStat(pid).fields[19]); // since boot
  const upSeconds = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  return nowMs - (upSeconds - startTicks / TICKS_PER_SECOND) * 1000;
}
