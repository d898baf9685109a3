import { closeSync } from "node:fs";
import type { Follower, Reader } from "./follower.ts";
import { isGzipOf } from "./gzip.ts";
import {
  close,
  closingOnFailure,
  isIntact,
  isNamed,
  isSameFile,
  type OpenFile,
  openIfThere,
  statIfThere,
} from "./log-files.ts";
import { asOlder, copiesSince, type OlderFile, olderFiles } from "./older-files.ts";
import { isAtInode, isBeginningOf, isCopyOf, type Place, placeOf } from "./place.ts";
import { isRemembered } from "./remembered.ts";
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
  #older: readonly OlderFile[] | undefined;

  /**
   * @param start The file up to what has been read already. Without it all that comes is new.
   * @param known Older files that are not to be handed over.
   * @param lostMs In place of `start`, if that is gone: files written to later were the log after it.
   * @param older `older` of the look that `start` is from, if that was empty.
   */
  constructor(
    path: string,
    start: OpenFile | undefined,
    known: readonly Place[] = [],
    lostMs?: number,
    older?: readonly OlderFile[],
  ) {
    this.#path = path;
    this.#reading = start;
    this.#known = [...known];
    this.#lostMs = lostMs;
    this.#older = older;
  }

  /** The older files that were there when the log was last looked at and was empty; another array when they change. */
  get older(): readonly OlderFile[] | undefined {
    return this.#older;
  }

  look(reader: Reader): void {
    const log = this.#reading;
    if (log && isUnchanged(this.#path, log)) this.#noteOlder(log);
    else while (!this.#lookOnce(reader)) {}
  }

  /** @returns false if there is more to see */
  #lookOnce(reader: Reader): boolean {
    const left = this.#reading;
    if (left && this.#older && isEmpty(left) && isNamed(this.#path, left)) {
      const missed = this.#findMissed(left, this.#older, reader.readsGzip === true);
      if (!missed) return true;
      this.#older = undefined;
      if (missed.between.length > 0) {
        this.#advance(missed, false, reader);
        return false;
      }
      close(missed.named);
    }
    const isWhole = left !== undefined && isIntact(left);
    if (left && isWhole) {
      left.isAway = !isNamed(this.#path, left);
      reader.read(left);
      if (!left.isAway) {
        this.#noteOlder(left);
        return true;
      }
    }
    const next = this.#findNext(isWhole, reader.readsGzip === true);
    if (!next) return true;
    this.#older = undefined;
    this.#advance(next, isWhole, reader);
    return false;
  }

  /** Of a log that is empty nothing is known by which to tell later that it was emptied again: then the copies tell of it. */
  #noteOlder(log: OpenFile): void {
    if (!isEmpty(log)) return;
    const older = olderFiles(this.#path, this.#older);
    // Among them may be a copy of what the log held since.
    if (isUnchanged(this.#path, log)) this.#older = older;
  }

  /** What the log held that was empty at the last look, as copies of it tell; undefined if that cannot be told for now. */
  #findMissed(log: OpenFile, older: readonly OlderFile[], readsGzip: boolean): Next | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const named = openIfThere(this.#path);
      if (!named) return undefined;
      const between = closingOnFailure([named], () => {
        return isSameFile(named, log)
          ? copiesSince([...older, ...this.#known], this.#path, named, readsGzip)
          : undefined;
      });
      if (between) return { copy: undefined, between, named };
    }
    return undefined;
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
      const older = closingOnFailure([named], () => this.#findOlder(named, isWhole, readsGzip));
      if (!older) continue;
      const isCopied = isBeingCopied(named, older.between.at(-1));
      if (!isCopied && isNamed(this.#path, named)) return { ...older, named };
      for (const file of [named, older.copy, ...older.between]) close(file);
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
    const opened = [copy];
    return closingOnFailure(opened, () => {
      for (const sibling of siblings.filter((s) => isLater(s) && (readsGzip || !s.isGzip))) {
        const file = openIfThere(sibling.path);
        opened.push(file);
        if (!file || !isSameFile(file, sibling)) return undefined;
        if (!this.#isKnown(file, sibling)) between.push(asOlder(file, sibling));
        else close(opened.pop());
      }
      if (!areUnchanged(this.#path, all)) return undefined;
      this.#forgetDeleted(siblings);
      return { copy, between };
    });
  }

  #isKnown(file: OpenFile, { isGzip }: Sibling): boolean {
    return this.#known.some((place) => isRemembered(file, isGzip, place));
  }

  #forgetDeleted(siblings: readonly Sibling[]): void {
    this.#known = this.#known.filter((place) => siblings.some((sibling) => isAtInode(sibling, place)));
  }
}

/** True if nothing is known of what a file holds, because it held nothing yet when it was looked at. */
function isEmpty({ head, size, isGzip }: OpenFile): boolean {
  return head.length === 0 && size === 0 && !isGzip;
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
