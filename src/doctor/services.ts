import type { DiaryEntry, DiarySummary } from "../diary/summary.ts";
import type { ServiceReport } from "../supervise/report.ts";
import { formatStatus, pidOf, type ServiceStatus } from "../supervise/status.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";
import { parseLabel } from "../tai64n/label.ts";
import { type Finding, failed, ok, unseen, warning } from "./finding.ts";
import { checkLogDirectory } from "./log-directory.ts";
import { deniedRemedy } from "./remedies.ts";

/** A program that has been up for so short, and not for the first time, will soon be down again. */
const BRIEF_MS = 10_000;
const RECENT_MS = 3_600_000;

/** Whether services and their loggers are up, can write, and have told no trouble lately. */
export function checkServices(
  reports: readonly ServiceReport[],
  nowMs: number,
  sudo: ShellCommand,
): Finding[] {
  return reports.flatMap((report) => [
    checkState(report, nowMs, sudo),
    ...(report.isLog ? checkLogDirectory(report, nowMs, sudo) : checkTrouble(report, nowMs)),
  ]);
}

function checkState(report: ServiceReport, nowMs: number, sudo: ShellCommand): Finding {
  const { directory, status, isLog } = report;
  const check = isLog ? "logger" : "service";
  const text = `${directory}: ${formatStatus(status, nowMs)}`;
  const start = shell`${sudo}logship start ${directory}`;
  if (status.kind === "unreadable" && status.isDenied)
    return unseen(check, text, deniedRemedy(shell`ls -ld ${directory}`));
  if (status.kind === "unreadable" || status.kind === "unsupervised") return failed(check, text, start);
  const { isPaused, isNormallyUp } = status.kind === "supervised" ? status.state : status;
  if (pidOf(status) === 0) return isNormallyUp === false ? ok(check, text) : failed(check, text, start);
  if (isPaused) return warning(check, text, shell`${sudo}logship svc -c ${directory}`);
  if (report.isRestarted && upMs(status, nowMs) < BRIEF_MS)
    return warning(
      check,
      `${text}, and not for the first time`,
      shell`logship tail ${withoutLog(directory)}`,
    );
  return ok(check, text);
}

function upMs(status: ServiceStatus, nowMs: number): number {
  if (status.kind === "seen") return nowMs - (status.startedAtMs ?? nowMs);
  return status.kind === "supervised" ? nowMs - Number(status.state.changed.unixSeconds) * 1000 : 0;
}

/** What the service has written into its log. */
function checkTrouble({ directory, diary }: ServiceReport, nowMs: number): Finding[] {
  if (!diary) return [];
  const look = shell`logship tail ${directory}`;
  if (diary.outage) return [failed("uploads", `${directory}: ${diary.outage.text}`, look)];
  const { trouble } = diary;
  return trouble && isNews(diary, trouble, nowMs)
    ? [warning("trouble", `${directory}: ${trouble.text}`, look)]
    : [];
}

/** What came before the last upload is over. */
function isNews({ upload }: DiarySummary, trouble: DiaryEntry, nowMs: number): boolean {
  const moment = parseLabel(trouble.label ?? "");
  if (moment === undefined || nowMs - moment.unixSeconds * 1000 > RECENT_MS) return false;
  return (upload?.label ?? "") < (trouble.label ?? "");
}

function withoutLog(directory: string): string {
  return directory.replace(/\/log$/, "");
}
