import { basename } from "node:path";
import { type DiarySummary, summarize } from "../diary/summary.ts";
import type { ShippedSource } from "../ship/overview.ts";
import { FatalError } from "../system/errors.ts";
import { inspectProcess, type ProcessInfo } from "./process.ts";
import { type ListedProcess, listProcesses } from "./process-list.ts";
import { lookAt } from "./seen.ts";
import { changedAtMs, pidOf, type ServiceStatus } from "./status.ts";

/** What an operator wants to know of a service, or of the logger of one. */
export interface ServiceReport {
  readonly directory: string;
  readonly isLog: boolean;
  readonly status: ServiceStatus;
  readonly process: ProcessInfo | undefined;
  readonly supervisedSinceMs: number | undefined;
  /** True if the running process is not the first that this supervise has started; not known of what is normally down. */
  readonly isRestarted: boolean | undefined;
  readonly diary: DiarySummary | undefined;
  /** Why the log cannot be read. */
  readonly diaryProblem: string | undefined;
  /** What the service ships. */
  readonly ships: readonly ShippedSource[];
}

/** supervise starts its program at once, and again after a second at the earliest. */
const FIRST_START_WITHIN_MS = 1000;

/** Looks at a service only as far as svstat does. */
export function glanceAt(directory: string, nowMs: number): ServiceReport {
  return {
    directory,
    isLog: isLogger(directory),
    status: lookAt(directory, nowMs),
    process: undefined,
    supervisedSinceMs: undefined,
    isRestarted: undefined,
    diary: undefined,
    diaryProblem: undefined,
    ships: [],
  };
}

/**
 * Looks at a service, its process and its log.
 *
 * @param shipped What all processes of this host ship.
 */
export function inspectService(
  directory: string,
  nowMs: number,
  shipped: readonly ShippedSource[] = [],
): ServiceReport {
  const status = lookAt(directory, nowMs);
  const pid = pidOf(status);
  const process = pid !== 0 ? inspectProcess(pid, nowMs) : undefined;
  const supervise = process && inspectProcess(process.parentPid, nowMs);
  const startedAtMs = status.kind === "supervised" ? changedAtMs(status.state) : process?.startedAtMs;
  return {
    directory,
    isLog: isLogger(directory),
    status,
    process,
    supervisedSinceMs: supervise?.startedAtMs,
    isRestarted:
      supervise && startedAtMs !== undefined && isNormallyUp(status)
        ? startedAtMs - supervise.startedAtMs > FIRST_START_WITHIN_MS
        : undefined,
    ...readDiary(directory),
    ships: pid === 0 ? [] : shipped.filter((source) => source.pid === pid),
  };
}

/** 0 if all are up, 1 if some are not, 111 if some could not be looked at. */
export function exitCodeOf(reports: readonly ServiceReport[]): number {
  if (reports.some(({ status }) => status.kind === "unreadable")) return 111;
  return reports.every(({ status }) => pidOf(status) !== 0) ? 0 : 1;
}

function isNormallyUp(status: ServiceStatus): boolean | undefined {
  if (status.kind === "seen") return status.isNormallyUp;
  return status.kind === "supervised" ? status.state.isNormallyUp : undefined;
}

/** svscan runs `log` in the directory of a service as its logger. */
function isLogger(directory: string): boolean {
  return basename(directory) === "log";
}

function readDiary(directory: string): Pick<ServiceReport, "diary" | "diaryProblem"> {
  try {
    return { diary: summarize(directory), diaryProblem: undefined };
  } catch (error) {
    if (error instanceof FatalError) return { diary: undefined, diaryProblem: error.message };
    throw error;
  }
}

/**
 * What svscan and the programs it runs have complained of lately: svscanboot shows it in the arguments of
 * readproctitle, because it has nowhere else to write to.
 *
 * @param parentPid What has started svscan and that readproctitle, where it is known.
 * @returns undefined without complaints or without readproctitle
 */
export function complaints(
  processes: readonly ListedProcess[] = listProcesses(),
  parentPid?: number,
): string | undefined {
  const isMeant = (process: ListedProcess) => parentPid === undefined || process.parentPid === parentPid;
  const title = processes.find((process) => process.name === "readproctitle" && isMeant(process));
  return title?.words.at(-1)?.replace(/^\.+/, "").trim() || undefined;
}
