import { FatalError } from "../system/errors.ts";
import { foundCompressed, gunzippedHead } from "./gzip.ts";
import {
  bytesAt,
  close,
  closingOnFailure,
  holds,
  type Inode,
  isSameFile,
  type OpenFile,
  openIfThere,
  startAt,
  WINDOW_BYTES,
} from "./log-files.ts";
import { type Digest, digestOf, isBeginningOf } from "./place.ts";
import { areUnchanged, type Sibling, siblingsOf } from "./siblings.ts";

/** A file by what it holds, or, if it was empty, by its inode number. */
interface KnownFile extends Inode {
  /** Of the first 1024 bytes of what it holds, or fewer if there are fewer; compressed or not. */
  readonly head: Digest;
}

/** An older file of a log as it was at one look. */
export interface OlderFile extends KnownFile {
  readonly size: number;
  readonly modifiedMs: number;
}

/**
 * The older files of a log that are there now.
 *
 * @param before Those of an earlier look: what has not changed is not read again; all the same, they are returned.
 * @returns undefined if one cannot be read, or they were renamed meanwhile: then they tell nothing
 */
export function olderFiles(
  path: string,
  before: readonly OlderFile[] | undefined,
): readonly OlderFile[] | undefined {
  try {
    const siblings = siblingsOf(path);
    const files: OlderFile[] = [];
    for (const sibling of siblings) {
      const file = before?.find((f) => isUnchanged(f, sibling)) ?? seen(sibling);
      if (file) files.push(file);
    }
    if (before?.length === files.length && files.every((f) => before.includes(f))) return before;
    // One that is not seen now would be taken for a copy later.
    return files.length === siblings.length && areUnchanged(path, siblings) ? files : undefined;
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    return undefined;
  }
}

/**
 * The copies that were made since an earlier look of a log that was empty then, oldest first: files that hold
 * something that no known file held, and that the log does not hold now.
 *
 * @param known Those that were there at that look, at least.
 * @returns undefined if files were renamed meanwhile
 * @throws FatalError `unable to open …` and the like
 */
export function copiesSince(
  known: readonly KnownFile[],
  path: string,
  log: OpenFile,
  readsGzip: boolean,
): readonly OpenFile[] | undefined {
  const siblings = siblingsOf(path);
  const copies: OpenFile[] = [];
  return closingOnFailure(copies, () => {
    for (const sibling of siblings.filter((s) => s.size > 0 && (readsGzip || !s.isGzip))) {
      const file = openIfThere(sibling.path);
      const isOther = file === undefined || !isSameFile(file, sibling);
      if (isOther || isKnown(file, sibling, known) || isInLog(file, sibling, log)) close(file);
      else copies.push(asOlder(file, sibling));
    }
    return areUnchanged(path, siblings) ? copies : undefined;
  });
}

/** An older file, of which nothing has been read; its beginning is noted, so that it is known again. */
export function asOlder(file: OpenFile, { isGzip }: Sibling): OpenFile {
  if (isGzip) foundCompressed(file);
  else startAt(file, 0);
  file.isAway = true;
  return file;
}

function isUnchanged(file: OlderFile, sibling: Sibling): boolean {
  return isSameFile(file, sibling) && file.size === sibling.size && file.modifiedMs === sibling.modifiedMs;
}

function seen(sibling: Sibling): OlderFile | undefined {
  const { device, inode, size, modifiedMs } = sibling;
  const file = openIfThere(sibling.path);
  try {
    if (!file || !isSameFile(file, sibling)) return undefined;
    return { device, inode, size, modifiedMs, head: digestOf(headOf(file, sibling, WINDOW_BYTES)) };
  } finally {
    close(file);
  }
}

/** What a file holds tells: one that was compressed is another file, and a new one may have the inode of one deleted. */
function isKnown(file: OpenFile, sibling: Sibling, known: readonly KnownFile[]): boolean {
  const head = headOf(file, sibling, WINDOW_BYTES);
  const isOf = ({ bytes, sha256 }: Digest) => digestOf(head.subarray(0, bytes)).sha256 === sha256;
  return known.some((f) => (f.head.bytes > 0 ? isOf(f.head) : isSameFile(f, sibling)));
}

/** True if the log begins with what the file holds: that is but a copy of it, maybe one that is being made. */
function isInLog(file: OpenFile, { isGzip }: Sibling, log: OpenFile): boolean {
  return isGzip ? holds(log, 0, gunzippedHead(file, WINDOW_BYTES)) : isBeginningOf(file, log);
}

function headOf(file: OpenFile, { isGzip }: Sibling, length: number): Buffer {
  return isGzip ? gunzippedHead(file, length) : bytesAt(file, 0, length);
}
