import type { DiaryEntry } from "../diary/summary.ts";
import { parseLabel } from "../tai64n/label.ts";
import type { ServiceReport } from "./report.ts";
import { ageSeconds, changedAtMs, formatStatus } from "./status.ts";

/** The report as an object for JSON; times are RFC 3339 in UTC, what is not known is null. */
export function reportObject(report: ServiceReport, nowMs: number): Record<string, unknown> {
  const { status, process, diary } = report;
  const state = status.kind === "supervised" ? status.state : undefined;
  return {
    service: report.directory,
    text: formatStatus(status, nowMs),
    state: state ? (state.pid !== 0 ? "up" : "down") : status.kind,
    pid: state?.pid || null,
    seconds: state ? Number(ageSeconds(state, nowMs)) : null,
    since: state ? timeOf(changedAtMs(state)) : null,
    paused: state ? state.pid !== 0 && state.isPaused : null,
    want: state?.want ?? null,
    normally: state ? (state.isNormallyUp ? "up" : "down") : null,
    command: process?.command ?? null,
    account: process?.account ?? null,
    supervised_since: report.supervisedSinceMs === undefined ? null : timeOf(report.supervisedSinceMs),
    restarted: report.isRestarted ?? null,
    log: diary
      ? {
          directory: diary.directory,
          bytes: diary.sizeBytes,
          files: diary.fileCount,
          disk_free_bytes: diary.freeBytes,
          newest: entryObject(diary.newest),
          last_upload: entryObject(diary.upload),
          waiting: entryObject(diary.outage),
          last_trouble: entryObject(diary.trouble),
        }
      : null,
    log_problem: report.diaryProblem ?? null,
  };
}

function entryObject(entry: DiaryEntry | undefined): { time: string | null; text: string } | null {
  if (!entry) return null;
  const moment = entry.label === undefined ? undefined : parseLabel(entry.label);
  const time = moment ? timeOf(moment.unixSeconds * 1000 + moment.nanoseconds / 1e6) : null;
  return { time, text: entry.text };
}

/** Null for a stamp that no calendar has. */
function timeOf(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}
