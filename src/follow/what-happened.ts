import type { Candidate } from "./candidate.ts";
import type { Identified, Remembered } from "./identify.ts";
import { isNewer } from "./listing.ts";
import { isBlank, isOpen, isUntouched, type LogFile } from "./log-files.ts";

/** The copy of a log that was written to so long ago is finished, and the log would have been emptied. */
const COPIED_MS = 5000;

/** What tells what has happened to a log between two looks. */
export interface Evidence {
  readonly path: string;
  readonly remembered: Remembered;
  /** False if nobody knows what was beside the log before. */
  readonly isLeftKnown: boolean;
  /** If that is so: files last written to after this moment were the log before, in Unix milliseconds. */
  readonly sinceMs: number | undefined;
  /** Nothing was known of what the log held. */
  readonly wasBlank: boolean;
}

/** What has happened to a log. */
export interface Happened {
  /** The file that was the log has its name, though it may have been emptied. */
  readonly isLog: boolean;
  /** What was the log since, oldest first. */
  readonly between: readonly Candidate[];
  /** Nothing but that it may have grown. */
  readonly isSame: boolean;
  /** It was emptied and written anew, and holds what it held before. */
  readonly isAnew: boolean;
  /** A file that cannot be told from a copy may be one that is being made: the next look will tell. */
  readonly isUnderWay: boolean;
}

/** Finds out what has happened to a log, from which file is which. */
export function whatHappened(
  { found, log, fresh, doubtful }: Identified & { readonly log: Candidate | undefined },
  evidence: Evidence,
): Happened {
  const { followed } = evidence.remembered;
  const isLog = followed !== undefined && log !== undefined && found.get(followed) === log;
  const pivot = found.get(
    evidence.remembered.files.findLast((file) => found.has(file) && !isBlank(file)) ?? followed!,
  );
  const isSince = (candidate: Candidate) => evidence.isLeftKnown || wasLog(candidate, pivot, log, evidence);
  const since = fresh.filter(isSince);
  const isQuiet = isLog && isUntouched(evidence.path, followed);
  const between = isLog
    ? since.filter((c) => !isQuiet && isLaterCopy(c, followed, evidence.wasBlank))
    : since;
  const isAnew = isLog && between.length === 0;
  const isSame = isAnew && !isWrittenAnew(followed, log);
  const isUnderWay = !isSame && doubtful.some(isBeingMade);
  return { isLog, between, isSame, isAnew: isAnew && !isSame, isUnderWay };
}

/** Where nothing tells what was beside the log at the last look, names and times have to. */
function wasLog(
  { entry }: Candidate,
  pivot: Candidate | undefined,
  log: Candidate | undefined,
  { sinceMs, remembered }: Evidence,
): boolean {
  if (pivot) return pivot !== log && isNewer(entry, pivot.entry);
  const fromMs = sinceMs ?? remembered.followed?.modifiedMs;
  return fromMs !== undefined && entry.modifiedMs >= fromMs;
}

/**
 * True if a file holds what the log held and more, so that the log was emptied since and has begun alike; of a log that was
 * empty nothing is known by which to tell that, and what has come since tells it.
 */
function isLaterCopy(candidate: Candidate, { cursor }: LogFile, wasBlank: boolean): boolean {
  return candidate.entry.size > 0 && (wasBlank || candidate.holds(cursor));
}

/** True if a log that is as it was at the last stop was written to since. */
function isWrittenAnew(file: LogFile, { entry }: Candidate): boolean {
  if (isOpen(file) || file.size === 0 || file.cursor.offset !== file.size || entry.size !== file.size)
    return false;
  return entry.modifiedMs > file.modifiedMs && entry.changedMs === entry.modifiedMs;
}

/** True if a file may be the copy that is being made of the log before that is emptied: what it holds would come twice. */
function isBeingMade({ entry }: Candidate): boolean {
  return Math.abs(Date.now() - entry.modifiedMs) < COPIED_MS;
}
