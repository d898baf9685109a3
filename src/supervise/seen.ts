import { inspectProcess } from "./process.ts";
import { listProcesses } from "./process-list.ts";
import { hasDownFile, readStatus, type ServiceStatus } from "./status.ts";
import { findSupervise, identityOnDisk } from "./supervision.ts";

/**
 * As `readStatus()`, but where supervise's files may not be read it says what /proc shows to anyone. What only those
 * files tell (what was asked for, since when a program is down) stays unknown.
 */
export function lookAt(directory: string, nowMs: number): ServiceStatus {
  const status = readStatus(directory);
  if (status.kind !== "unreadable" || !status.isDenied) return status;
  const processes = listProcesses();
  const supervision = findSupervise(directory, processes, identityOnDisk);
  if (supervision.kind === "unknown")
    return { ...status, problem: `${status.problem}; ${supervision.reason}` };
  const seenIn = "/proc";
  if (supervision.kind === "none")
    return { kind: "unsupervised", problem: "supervise not running (as seen in /proc)", seenIn };
  const child = processes.find(({ parentPid }) => parentPid === supervision.supervise.pid);
  const startedAtMs = child && inspectProcess(child.pid, nowMs)?.startedAtMs;
  return {
    kind: "seen",
    seenIn,
    pid: startedAtMs === undefined ? 0 : child!.pid,
    startedAtMs,
    supervisePid: supervision.supervise.pid,
    isPaused: child?.isStopped ?? false,
    isNormallyUp: isNormallyUp(directory),
  };
}

/** Undefined where the directory is closed too. */
function isNormallyUp(directory: string): boolean | undefined {
  try {
    return !hasDownFile(directory);
  } catch {
    return undefined;
  }
}
