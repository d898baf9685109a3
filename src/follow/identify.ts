import type { Candidate } from "./candidate.ts";
import { isIntact } from "./content.ts";
import { WINDOW_BYTES } from "./cursor.ts";
import { isGrown, isStill, isUnchanged, type LeftFile, leave } from "./left-files.ts";
import { isBlank, isOpen, isSameFile, type LogFile } from "./log-files.ts";

/** What is remembered of a log. */
export interface Remembered {
  /** Its files, oldest first; open, or as they were when they were last looked at. */
  readonly files: readonly LogFile[];
  /** The one that was the log at the last look. */
  readonly followed: LogFile | undefined;
  readonly left: readonly LeftFile[];
}

/** Which file is which. */
export interface Identified {
  /** Where each file that is remembered is now, as far as it is there. */
  readonly found: ReadonlyMap<LogFile, Candidate>;
  /** What is nobody's copy, oldest first. */
  readonly fresh: readonly Candidate[];
  /** Copies of what the log holds now, or else what was the log before and held the same: too little to tell. */
  readonly doubtful: readonly Candidate[];
  /** All that is beside the log, but for what is fresh or doubtful. */
  readonly left: readonly LeftFile[];
}

/**
 * Finds out which file is which by what they hold. Device and inode, size and times only save looking: a file that has
 * another inode number, name or directory is the same one if it holds what was seen of it, and one that has the inode
 * number but not the content is another one.
 *
 * @param candidates Oldest first.
 * @param log The one that has the log's name, if there is one; one of the candidates.
 */
export function identify(
  candidates: readonly Candidate[],
  log: Candidate | undefined,
  { files, followed, left }: Remembered,
): Identified {
  const found = new Map<LogFile, Candidate>();
  const taken = new Set<Candidate>();
  const stillLeft: LeftFile[] = [];
  const claim = (isIt: (file: LogFile, candidate: Candidate) => boolean, order = files) => {
    for (const file of order) {
      const free = (c: Candidate) => !taken.has(c) && isIt(file, c);
      // What holds the log's lines under its name is the log.
      const candidate = found.has(file) ? undefined : [log, ...candidates].find((c) => c && free(c));
      if (!candidate) continue;
      found.set(file, candidate);
      taken.add(candidate);
    }
  };
  const leaveIf = (isIt: (left: LeftFile, candidate: Candidate) => boolean) => {
    for (const candidate of candidates) {
      if (taken.has(candidate)) continue;
      const one = left.find((l) => isIt(l, candidate));
      if (!one) continue;
      taken.add(candidate);
      stillLeft.push(isUnchanged(one, candidate) ? one : leave(candidate, false, one));
    }
  };
  claim(
    (file, c) =>
      isOpen(file) && isSameFile(file, c.entry) && (file.cursor.head.bytes === 0 || isIntact(file)),
  );
  claim((file, candidate) => !isOpen(file) && isAsItWas(file, candidate));
  // Copies of the log's own files come later: one may be all that is left of a file.
  leaveIf((one, candidate) => !one.isOlder && isUnchanged(one, candidate));
  claim((file, c) => !isBlank(file) && file.inode === c.entry.inode && !isOpen(file) && isOf(file, c));
  const isSame = (one: LeftFile, { entry }: Candidate) => one.inode === entry.inode;
  leaveIf((one, candidate) => !one.isOlder && isSame(one, candidate) && isGrown(one, candidate));
  const isLast = (file: LogFile) => Number(file === followed);
  const mostTelling = files.toSorted((a, b) => isLast(b) - isLast(a) || b.cursor.offset - a.cursor.offset);
  claim((file, c) => isElsewhere(file, c, log), mostTelling);
  // Of one that was empty nothing else tells, and what others are known by is theirs.
  claim((file, { entry, packing }) => isBlank(file) && !isOpen(file) && isSameFile(file, entry) && !packing);
  leaveIf(isUnchanged);
  leaveIf((one, candidate) => isSame(one, candidate) && isGrown(one, candidate));
  leaveIf(isStill);

  const fresh: Candidate[] = [];
  const doubtful: Candidate[] = [];
  for (const candidate of candidates) {
    if (taken.has(candidate) || candidate === log || candidate.entry.isFar) continue;
    if (candidate.packing) {
      if (files.some((file) => isPackedWhole(file, candidate))) stillLeft.push(leave(candidate, true));
      else fresh.push(candidate);
      continue;
    }
    const copied = copiedBy(candidate, log, files, found);
    if (!copied) fresh.push(candidate);
    else if (copied === "perhaps") doubtful.push(candidate);
  }
  for (const candidate of found.values()) {
    if (candidate === log) continue;
    const before = left.find((one) => isUnchanged(one, candidate) && one.isOlder);
    stillLeft.push(before ?? leave(candidate, true));
  }
  return { found, fresh, doubtful, left: stillLeft };
}

function isAsItWas({ device, inode, size, modifiedMs, packing }: LogFile, { entry }: Candidate): boolean {
  if (!isSameFile({ device, inode }, entry) || modifiedMs !== entry.modifiedMs) return false;
  return packing !== undefined || size === entry.size;
}

/** True if a file that has the inode number of another one holds what that held. */
function isOf({ cursor, packing }: LogFile, candidate: Candidate): boolean {
  return packing
    ? candidate.packing !== undefined && candidate.beginsWith(cursor.head)
    : candidate.holds(cursor);
}

/**
 * True if a file holds what was seen of one that has another inode number: it is a copy, or was restored. A log is taken for
 * that only if it surely is: it may be a new one that has begun alike.
 */
function isElsewhere(file: LogFile, candidate: Candidate, log: Candidate | undefined): boolean {
  if (file.cursor.head.bytes === 0) return false;
  if (candidate !== log) return candidate.holds(file.cursor);
  const { cursor, size } = file;
  if (!candidate.isSurely(cursor)) return false;
  if (isOpen(file) && isIntact(file)) return candidate.contains(file);
  if (file.end) return candidate.holds({ offset: size, head: cursor.head, tail: file.end });
  return cursor.offset > 0 || cursor.head.bytes >= size;
}

/** True if a compressed file holds all of a file, as far as its beginning and the length that it states tell. */
function isPackedWhole({ cursor, size }: LogFile, candidate: Candidate): boolean {
  if (cursor.head.bytes === 0 || cursor.offset !== size || candidate.statedSize !== size % 2 ** 32)
    return false;
  return candidate.beginsWith(cursor.head);
}

/** Whether a file is a second copy of one that is there, or one that is being made. */
function copiedBy(
  candidate: Candidate,
  log: Candidate | undefined,
  files: readonly LogFile[],
  found: ReadonlyMap<LogFile, Candidate>,
): boolean | "perhaps" {
  if (candidate.entry.size === 0) return false;
  const others = [log, ...found.values()].filter((other) => other !== undefined);
  const isNameless = (file: LogFile) => !found.has(file) && isOpen(file) && isIntact(file);
  if (files.some((file) => isNameless(file) && candidate.isBeginningOfFile(file))) return true;
  if (!others.some((other) => candidate.isBeginningOf(other))) return false;
  return candidate.entry.size >= WINDOW_BYTES || "perhaps";
}
