import type { DiaryEntry } from "../diary/summary.ts";
import type { ShippedSource } from "../ship/overview.ts";
import { printable } from "../system/printable.ts";
import { sizeText } from "../system/quantity-text.ts";
import { type LocalTime, localTimeOfLabel } from "../tai64n/local-time.ts";
import type { ServiceReport } from "./report.ts";
import { formatStatus } from "./status.ts";

/** The line that svstat prints, and below it what `--verbose` adds, each ending in a newline. */
export function reportText(
  report: ServiceReport,
  isVerbose: boolean,
  nowMs: number,
  localTime: LocalTime,
): string {
  const lines = [`${printable(report.directory)}: ${formatStatus(report.status, nowMs)}`];
  if (isVerbose) {
    const ships = report.ships.map((source): Detail => ["ships", shippedText(source, localTime)]);
    const details = [...processDetails(report, localTime), ...ships, ...diaryDetails(report, localTime)];
    for (const [name, text] of details) lines.push(`  ${name.padEnd(9)} ${printable(text)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A source that is shipped, as one line without its end. */
export function shippedText(shipped: ShippedSource, localTime: LocalTime): string {
  const { source, generation, position, acknowledgedMs } = shipped;
  const place = generation === undefined ? "nothing yet" : `byte ${position} of ${generation}`;
  const last =
    acknowledgedMs === undefined
      ? "nothing acknowledged"
      : `acknowledged ${timeOf(acknowledgedMs, localTime)}`;
  return printable(`${source}: ${place}, ${lagText(shipped)}, ${last}`);
}

/** How far a source is behind. */
export function lagText({ lagBytes, lagSeconds }: Pick<ShippedSource, "lagBytes" | "lagSeconds">): string {
  if (lagBytes === 0) return "nothing behind";
  return `${sizeText(lagBytes)} and up to ${Math.round(lagSeconds)} s behind`;
}

type Detail = readonly [name: string, text: string];

function processDetails(
  { process, supervisedSinceMs, isRestarted }: ServiceReport,
  localTime: LocalTime,
): Detail[] {
  if (!process) return [];
  const details: Detail[] = [["runs", `${process.command} (as ${process.account})`]];
  if (supervisedSinceMs !== undefined && isRestarted !== undefined) {
    const since = `since supervise started on ${timeOf(supervisedSinceMs, localTime)}`;
    details.push(["restarts", isRestarted ? `at least one ${since}` : `none ${since}`]);
  }
  return details;
}

function diaryDetails({ isLog, status, diary, diaryProblem }: ServiceReport, localTime: LocalTime): Detail[] {
  if (diaryProblem !== undefined) return [["log", diaryProblem]];
  if (!diary) return isLog ? [["log", "no log directory found"]] : [];
  const show = (entry: DiaryEntry) => shownEntry(entry, localTime);
  if (!isLog) {
    const details: Detail[] = [];
    if (diary.upload) details.push(["uploaded", show(diary.upload)]);
    if (diary.outage) details.push(["waiting", show(diary.outage)]);
    if (diary.trouble && diary.trouble !== diary.outage) details.push(["trouble", show(diary.trouble)]);
    return details;
  }
  const size = `${sizeText(diary.sizeBytes)} in ${diary.fileCount} files, ${sizeText(diary.freeBytes)} free on the disk`;
  const isPaused = status.kind === "supervised" && status.state.pid !== 0 && status.state.isPaused;
  const details: Detail[] = [["log", `${diary.directory}: ${size}${isPaused ? ", paused" : ""}`]];
  if (diary.newest) details.push(["newest", show(diary.newest)]);
  return details;
}

function shownEntry({ label, text }: DiaryEntry, localTime: LocalTime): string {
  const time = label === undefined ? undefined : localTimeOfLabel(label, localTime);
  return time === undefined ? text : `${time} ${text}`;
}

/** A moment in milliseconds as local time to the second. */
function timeOf(ms: number, localTime: LocalTime): string {
  return localTime.format(BigInt(Math.floor(ms / 1000))) ?? String(ms);
}
