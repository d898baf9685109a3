import { FatalError } from "../system/errors.ts";
import type { Candidate } from "./candidate.ts";
import { type Digest, Window } from "./cursor.ts";
import { type Inode, isSameFile } from "./log-files.ts";

/**
 * A file beside a log that is not to be handed over: it was there before the log was first looked at, it is another log, it
 * was handed over, or is a copy of one that was. Known by what it holds, so that it is not taken for a new one.
 */
export interface LeftFile extends Inode {
  readonly size: number;
  readonly modifiedMs: number;
  /** Of the first 1024 bytes of what it holds, or fewer if there are fewer; compressed or not. None if it may not be read. */
  readonly head: Digest;
  /** Of the last 1024 bytes; of a compressed file, and one that an earlier version has remembered, not known. */
  readonly tail?: Digest;
  /** It was the log, or is a copy of what was. */
  readonly isOlder?: true;
  /** It has grown since it was first seen. */
  readonly hasGrown?: true;
}

const UNKNOWN: Digest = { bytes: 0, sha256: "" };

/** A file as it is now. @param before The same file as it was. */
export function leave(candidate: Candidate, isOlder: boolean, before?: LeftFile): LeftFile {
  const { device, inode, size, modifiedMs } = candidate.entry;
  const isLonger = before?.inode === inode && size > before.size && !candidate.packing;
  const marks = {
    ...(isOlder || before?.isOlder ? { isOlder: true as const } : {}),
    ...(before?.hasGrown || isLonger ? { hasGrown: true as const } : {}),
  };
  try {
    const { head, tail } = candidate.end;
    const known = { device, inode, size, modifiedMs, head: head.digest, ...marks };
    return candidate.packing ? known : { ...known, tail: tail.digest };
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    return { device, inode, size, modifiedMs, head: UNKNOWN, ...marks };
  }
}

/** True if nothing has happened to it. */
export function isUnchanged(left: LeftFile, { entry }: Candidate): boolean {
  return isSameFile(left, entry) && left.size === entry.size && left.modifiedMs === entry.modifiedMs;
}

/** True if the file with its inode number is it; it may have grown. */
export function isGrown(left: LeftFile, candidate: Candidate): boolean {
  if (!candidate.packing) return isStill(left, candidate);
  return left.head.bytes > 0 && candidate.beginsWith(Window.remembered(left.head));
}

/** True if a file holds all that was there of another one; it may have grown, or been compressed. */
export function isStill({ size, head, tail }: LeftFile, candidate: Candidate): boolean {
  if (head.bytes === 0 || !candidate.beginsWith(Window.remembered(head))) return false;
  if (candidate.packing)
    return tail === undefined ? candidate.entry.size === size : isStated(size, candidate);
  if (!tail) return true;
  return candidate.holds({ offset: size, head: Window.remembered(head), tail: Window.remembered(tail) });
}

function isStated(size: number, { statedSize }: Candidate): boolean {
  return statedSize === size % 2 ** 32;
}
