import type { DiaryEntry } from "../diary/summary.ts";
import type { ShippedSource } from "../ship/overview.ts";
import { parseLabel } from "../tai64n/label.ts";
import type { ServiceReport } from "./report.ts";
import { ageSeconds, changedAtMs, formatStatus, type ServiceStatus, secondsSince } from "./status.ts";

/** The report as an object for JSON; times are RFC 3339 in UTC, what is not known is null. */
export function reportObject(report: ServiceReport, nowMs: number): Record<string, unknown> {
  const { status, process, diary } = report;
  return {
    service: report.directory,
    text: formatStatus(status, nowMs),
    ...stateObject(status, nowMs),
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
    ships: report.ships.map(shippedObject),
  };
}

/** A source that is shipped, as an object for JSON. */
export function shippedObject(shipped: ShippedSource): Record<string, unknown> {
  return {
    source: shipped.source,
    generation: shipped.generation ?? null,
    position: shipped.position,
    lag_bytes: shipped.lagBytes,
    lost_bytes: shipped.lostBytes,
    lag_seconds: Math.round(shipped.lagSeconds),
    last_acknowledged: shipped.acknowledgedMs === undefined ? null : timeOf(shipped.acknowledgedMs),
  };
}

/** What is known of the state, and by which of the two: supervise's own file or /proc. */
function stateObject(status: ServiceStatus, nowMs: number): Record<string, unknown> {
  if (status.kind === "supervised") {
    const { state } = status;
    return {
      seen_in: "supervise/status",
      state: upOrDown(state.pid !== 0),
      pid: state.pid || null,
      seconds: Number(ageSeconds(state, nowMs)),
      since: timeOf(changedAtMs(state)),
      paused: state.pid !== 0 && state.isPaused,
      want: state.want,
      normally: upOrDown(state.isNormallyUp),
    };
  }
  const seen = status.kind === "seen" ? status : undefined;
  const startedAtMs = seen?.startedAtMs;
  return {
    seen_in: status.kind === "unreadable" ? null : (status.seenIn ?? "supervise/ok"),
    state: seen ? upOrDown(startedAtMs !== undefined) : status.kind,
    pid: seen?.pid || null,
    seconds: startedAtMs === undefined ? null : secondsSince(startedAtMs, nowMs),
    since: startedAtMs === undefined ? null : timeOf(startedAtMs),
    paused: seen?.isPaused ?? null,
    want: null,
    normally: upOrDown(seen?.isNormallyUp),
  };
}

function upOrDown(isUp: boolean | undefined): "up" | "down" | null {
  if (isUp === undefined) return null;
  return isUp ? "up" : "down";
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
