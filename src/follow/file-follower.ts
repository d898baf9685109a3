import { closeSync } from "node:fs";
import type { Follower, Reader } from "./follower.ts";
import { foundCompressed, gunzippedHead, isGzipOf } from "./gzip.ts";
import {
  close,
  holds,
  isIntact,
  isNamed,
  isSameFile,
  type OpenFile,
  openIfThere,
  startAt,
  statIfThere,
  WINDOW_BYTES,
} from "./log-files.ts";
import { isAtInode, isBeginningOf, isCopyOf, type Place, placeOf } from "./place.ts";
import { holdsRemembered, isRemembered } from "./remembered.ts";
import { areUnchanged, isNewer, type Sibling, siblingsOf } from "./siblings.ts";

/** What comes after a file: the files between, oldest first, and the one that bears the log's name now. */
interface Next {
  /** Holds what the file held before it was emptied. */
  readonly copy: OpenFile | undefined;
  readonly between: readonly OpenFile[];
  readonly named: OpenFile;
}

/** Renamed while it was looked at so often, a log is looked at again the next time. */
const ATTEMPTS = 20;

/** The copy of a log that was written to so long ago is finished, and the log would have been emptied. */
const COPIED_MS = 5000;

/**
 * Follows a log file by its name across rotations, however many lie between two looks: when the name leads to another
 * file, the one being read is read to its end under whatever name, then each that bore the name since, oldest first, then
 * the one that bears it now. When a file is emptied instead, what a copy of it holds beyond what was read comes first.
 */
export class FileFollower implements Follower {
  readonly #path: string;
  #reading: OpenFile | undefined;
  /** Files that have been handed over, as long as they are there. */
  #known: Place[];
  /** When the file was last written to that was read before and could not be found again. */
  #lostMs: number | undefined;

  /**
   * @param start The file up to what has been read already. Without it all that comes is new.
   * @param known Older files that are not to be handed over.
   * @param lostMs In place of `start`, if that is gone: files written to later were the log after it.
   */
  constructor(path: string, start: OpenFile | undefined, known: readonly Place[] = [], lostMs?: number) {
    this.#path = path;
    this.#reading = start;
    this.#known = [...known];
    this.#lostMs = lostMs;
  }

  look(reader: Reader): void {
    if (this.#reading && isUnchanged(this.#path, this.#reading)) return;
    for (;;) {
      const left = this.#reading;
      const isWhole = left !== undefined && !this.#hasMissed(left, reader) && isIntact(left);
      if (left && isWhole) {
        left.isAway = !isNamed(this.#path, left);
        reader.read(left);
        if (!left.isAway) return;
      }
      const next = this.#findNext(isWhole, reader.readsGzip === true);
      if (!next) return;
      this.#advance(next, isWhole, reader);
    }
  }

  /** Lets go of the file being read, which has lost its name and was read to its end. */
  release(file: OpenFile): void {
    if (this.#reading !== file) return;
    this.#lostMs = file.modifiedMs;
    this.#known.push(placeOf(file));
    this.#reading = undefined;
    close(file);
  }

  #advance({ copy, between, named }: Next, isWhole: boolean, reader: Reader): void {
    const left = this.#reading;
    if (left) {
      if (copy) become(left, copy);
      if (isWhole || copy) reader.read(left);
      else reader.lose?.(left);
      left.isAway = true;
    }
    for (const file of [...(left ? [left] : []), ...between]) {
      if (file !== left) reader.read(file);
      reader.end(file, true);
      this.#known.push(placeOf(file));
      close(file);
    }
    this.#reading = named;
    this.#lostMs = undefined;
  }

  /** @returns undefined if the name leads nowhere for now, or still to the same file */
  #findNext(isWhole: boolean, readsGzip: boolean): Next | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const named = openIfThere(this.#path);
      if (!named) return undefined;
      const left = this.#reading;
      if (left && isWhole && isSameFile(left, named)) {
        close(named);
        return undefined;
      }
      const older = this.#findOlder(named, isWhole, readsGzip);
      const isCopied = older !== undefined && isBeingCopied(named, older.between.at(-1));
      if (older && !isCopied && isNamed(this.#path, named)) return { ...older, named };
      for (const file of [named, older?.copy, ...(older?.between ?? [])]) close(file);
      if (isCopied) return undefined;
    }
    return undefined;
  }

  /** @returns undefined if files were renamed meanwhile */
  #findOlder(named: OpenFile, isWhole: boolean, readsGzip: boolean): Omit<Next, "named"> | undefined {
    const left = this.#reading;
    if (!left && this.#lostMs === undefined) return { copy: undefined, between: [] };
    const all = siblingsOf(this.#path);
    const siblings = all.filter((s) => !isSameFile(s, named));
    const copy = left && !isWhole ? findCopy(left, siblings) : undefined;
    const present = copy ?? (isWhole ? left : undefined);
    const pivot = present && (siblings.find((s) => isSameFile(s, present)) ?? findGzip(present, siblings));
    const isLater = (s: Sibling) => {
      if (pivot) return isNewer(s, pivot);
      return left ? s.modifiedMs > left.modifiedMs : s.modifiedMs >= this.#lostMs!;
    };
    const between: OpenFile[] = [];
    for (const sibling of siblings.filter((s) => isLater(s) && (readsGzip || !s.isGzip))) {
      const file = openIfThere(sibling.path);
      if (file && isSameFile(file, sibling)) {
        if (this.#isKnown(file, sibling)) close(file);
        else between.push(asOlder(file, sibling));
        continue;
      }
      for (const opened of [file, copy, ...between]) close(opened);
      return undefined;
    }
    if (areUnchanged(this.#path, all)) {
      this.#forgetDeleted(siblings);
      return { copy, between };
    }
    for (const file of [copy, ...between]) close(file);
    return undefined;
  }

  /**
   * True if the log was empty at the last look, and was filled and emptied since: what its newest older file holds has come
   * since then, and is not what the log begins with.
   */
  #hasMissed(log: OpenFile, { readsGzip }: Reader): boolean {
    if (log.head.length > 0 || !isNamed(this.#path, log) || isUnchanged(this.#path, log)) return false;
    const newest = siblingsOf(this.#path).at(-1);
    if (!newest || newest.modifiedMs <= log.modifiedMs || (newest.isGzip && !readsGzip)) return false;
    const file = openIfThere(newest.path);
    const isMissed =
      file !== undefined &&
      isSameFile(file, newest) &&
      !this.#known.some((place) => holdsRemembered(file, newest.isGzip, place)) &&
      !isBeginning(file, newest, log);
    close(file);
    return isMissed;
  }

  #isKnown(file: OpenFile, { isGzip }: Sibling): boolean {
    return this.#known.some((place) => isRemembered(file, isGzip, place));
  }

  #forgetDeleted(siblings: readonly Sibling[]): void {
    this.#known = this.#known.filter((place) => siblings.some((sibling) => isAtInode(sibling, place)));
  }
}

/** True if nothing has happened to a file and its name since it was last looked at. */
function isUnchanged(path: string, file: OpenFile): boolean {
  const found = statIfThere(path);
  if (!found || found.ino !== file.inode || found.dev !== file.device) return false;
  return found.size === file.size && found.mtimeMs === file.modifiedMs;
}

/** The newest of the files that holds what another one held before it was emptied. */
function findCopy(emptied: OpenFile, siblings: readonly Sibling[]): OpenFile | undefined {
  for (const sibling of siblings.toReversed()) {
    const file = sibling.isGzip ? undefined : openIfThere(sibling.path);
    if (file && isCopyOf(file, emptied)) return file;
    close(file);
  }
  return undefined;
}

/**
 * True if a file seems to be the copy that is being made of the log before that is emptied: what it holds would come twice.
 * If it does not change any more it is what the log held before, and the log has begun alike.
 */
function isBeingCopied(named: OpenFile, file: OpenFile | undefined): boolean {
  if (!file || file.isGzip || file.size === 0) return false;
  return Math.abs(Date.now() - file.modifiedMs) < COPIED_MS && isBeginningOf(file, named);
}

/** True if the log begins with what an older file holds: that is but a copy of it, maybe one that is being made. */
function isBeginning(file: OpenFile, { isGzip }: Sibling, log: OpenFile): boolean {
  return isGzip ? holds(log, 0, gunzippedHead(file, WINDOW_BYTES)) : isBeginningOf(file, log);
}

/** What a file that has lost its name has been compressed to. */
function findGzip(file: OpenFile, siblings: readonly Sibling[]): Sibling | undefined {
  return siblings.findLast((sibling) => {
    const packed = sibling.isGzip ? openIfThere(sibling.path) : undefined;
    const isIt = packed !== undefined && isSameFile(packed, sibling) && isGzipOf(packed, file);
    close(packed);
    return isIt;
  });
}

/** The emptied file, which is to be read again from its start, is left to be opened anew. */
function become(file: OpenFile, copy: OpenFile): void {
  closeSync(file.fd);
  file.fd = copy.fd;
  file.path = copy.path;
  file.device = copy.device;
  file.inode = copy.inode;
  file.isAway = true;
}

/** An older file, of which nothing has been read; its beginning is noted, so that it is known again. */
function asOlder(file: OpenFile, { isGzip }: Sibling): OpenFile {
  if (isGzip) foundCompressed(file);
  else startAt(file, 0);
  file.isAway = true;
  return file;
}
