import { type Candidate, Gone } from "./candidate.ts";
import { isIntact, startAt } from "./content.ts";
import { UNREAD } from "./cursor.ts";
import type { Follower, Reader } from "./follower.ts";
import { type Identified, identify } from "./identify.ts";
import { type LeftFile, leave } from "./left-files.ts";
import { isNewer, realPathOf } from "./listing.ts";
import {
  become,
  close,
  closingOnFailure,
  hold,
  isNamed,
  isOpen,
  isSameFile,
  type LogFile,
  openIfThere,
  sizeOf,
} from "./log-files.ts";
import { statIfThere } from "./paths.ts";
import { Rewriting } from "./rewriting.ts";
import { type Neighbours, type Scene, Surroundings } from "./surroundings.ts";

/** What a follower begins with; without anything, all that comes is new but for the files that are beside the log. */
export interface Beginning {
  /** The files of the log, oldest first: open, or closed as they are remembered. */
  readonly files?: readonly LogFile[];
  /** The one of them that was the log at last. */
  readonly followed?: LogFile | undefined;
  /** Those that are to be handed over if they are there, though they are closed. */
  readonly wanted?: readonly LogFile[];
  /** As the follower before had it; undefined if it had none. */
  readonly left?: readonly LeftFile[] | undefined;
  /** If nothing else is known: files last written to after this moment were the log before, in Unix milliseconds. */
  readonly sinceMs?: number | undefined;
}

const WRITTEN_ANEW =
  "it was written to and holds what it held before, as if it had been emptied: that is handed over again";
const BEGUN_ALIKE =
  "it holds what other files of the log begin with, and may be a copy: it is handed over as a file of its own";

type View = Scene & Identified;

/** Renamed while it was looked at so often, a log is looked at again the next time. */
const ATTEMPTS = 20;

/** The copy of a log that was written to so long ago is finished, and the log would have been emptied. */
const COPIED_MS = 5000;

/**
 * Follows a log file by its name across rotations, however many lie between two looks: when the name leads to another
 * file, the one being read is read to its end under whatever name, then each that bore the name since, oldest first, then
 * the one that bears it now. When a file is emptied instead, what a copy of it holds beyond what was read comes first. A
 * restart is a look at which no file is open.
 */
export class FileFollower implements Follower {
  readonly #path: string;
  readonly #surroundings: Surroundings;
  readonly #rewriting = new Rewriting();
  readonly #sinceMs: number | undefined;
  #followed: LogFile | undefined;
  #files: readonly LogFile[];
  #wanted: ReadonlySet<LogFile>;
  /** Nowhere to be found, but maybe in a compressed file. */
  readonly #lost = new Set<LogFile>();
  #left: readonly LeftFile[] | undefined;
  #isSettled = true;

  constructor(path: string, begin: Beginning = {}, neighbours: Neighbours = {}) {
    this.#path = path;
    this.#surroundings = new Surroundings(path, neighbours, ({ inode }) =>
      this.#files.some((file) => file.inode === inode),
    );
    this.#followed = begin.followed;
    this.#files = begin.files ?? (begin.followed ? [begin.followed] : []);
    this.#wanted = new Set(begin.wanted);
    this.#left = begin.left;
    this.#sinceMs = begin.sinceMs;
  }

  get left(): readonly LeftFile[] | undefined {
    return this.#left;
  }

  get isSettled(): boolean {
    return this.#isSettled && !this.#rewriting.isPending;
  }

  get directories(): string[] {
    return this.#surroundings.directories;
  }

  /** True if a file is there, as far as was seen at the last look. */
  remembers(file: LogFile): boolean {
    return this.#files.includes(file);
  }

  look(reader: Reader): void {
    if (this.#isQuiet()) return;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        if (this.#lookOnce(reader)) return;
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
      }
    }
  }

  /** Lets go of the file being read, which has lost its name and was read to its end. */
  release(file: LogFile): void {
    if (this.#followed !== file) return;
    this.#followed = undefined;
    close(file);
  }

  /** A file that was lost is found in a compressed one, or nowhere. */
  settle(file: LogFile): void {
    this.#lost.delete(file);
    if (!isOpen(file)) this.#files = this.#files.filter((other) => other !== file);
  }

  /** Compressed files that begin as a file does, open, newest first. */
  openPacked({ cursor }: LogFile): LogFile[] {
    const scene = this.#surroundings.look(undefined, []);
    const candidates = scene?.candidates ?? [];
    try {
      const isIt = (c: Candidate) => c.packing !== undefined && c.beginsWith(cursor.head);
      return candidates.toReversed().flatMap((c) => (cursor.head.bytes > 0 && isIt(c) ? [c.take()] : []));
    } catch (error) {
      if (error instanceof Gone) return [];
      throw error;
    } finally {
      for (const candidate of candidates) candidate.close();
    }
  }

  /** True if nothing has happened to the log and beside it since it was last looked at. */
  #isQuiet(): boolean {
    const log = this.#followed;
    if (!log || !isOpen(log) || isEmpty(log) || !this.isSettled || !this.#left) return false;
    return isUnchanged(this.#path, log) && this.#surroundings.areAsListed;
  }

  /** @returns false if there is more to see */
  #lookOnce(reader: Reader): boolean {
    const log = this.#followed;
    // Of a log that was empty nothing is known by which to tell whether it was emptied since: what came beside it tells.
    const wasBlank = log !== undefined && isEmpty(log);
    const wasEmpty = wasBlank && isOpen(log) && isNamed(this.#path, log);
    let isWhole = log !== undefined && isOpen(log) && !wasEmpty && isIntact(log);
    if (log && isWhole && this.#rewriting.isSeen(log)) {
      reader.doubt?.(log.path, WRITTEN_ANEW);
      isWhole = false;
      // It holds what the log holds now, and is not to be taken for it.
      this.#files = this.#files.filter((file) => file !== log);
    }
    if (log && isWhole) {
      log.isAway = !isNamed(this.#path, log);
      reader.read(log);
      if (!log.isAway && this.#left && this.#surroundings.areAsListed) return true;
    }
    const named = this.#openNamed();
    if (!named && log && isOpen(log)) return true;
    const view = closingOnFailure([named], () => this.#view(named, reader));
    if (!view) return false;
    try {
      if (named) named.path = realPathOf(this.#path) ?? this.#path;
      return this.#takeIn(view, named, { isWhole, wasBlank }, reader);
    } finally {
      for (const candidate of view.candidates) candidate.close();
    }
  }

  /** The file that has the log's name, unless it is a file of another log that was given this name. */
  #openNamed(): LogFile | undefined {
    const named = openIfThere(this.#path);
    if (!named || named.inode === this.#followed?.inode || !this.#surroundings.isOthers(named)) return named;
    close(named);
    return undefined;
  }

  /**
   * What is around the log, and which file is which.
   *
   * @returns undefined if files were renamed meanwhile
   */
  #view(named: LogFile | undefined, reader: Reader): View | undefined {
    const lookedFor = [...this.#wanted].filter((file) => !isOpen(file));
    const scene = this.#surroundings.look(named, lookedFor);
    if (!scene) return undefined;
    let view: View | undefined;
    try {
      const candidates = scene.candidates.filter((c) => c === scene.log || reader.readsPacked || !c.packing);
      const identified = identify(candidates, scene.log, {
        files: this.#files,
        followed: this.#followed,
        left: this.#left ?? [],
      });
      if (scene.isStill()) view = { ...scene, ...identified };
      return view;
    } finally {
      if (!view) for (const candidate of scene.candidates) candidate.close();
    }
  }

  /** Hands over what a look has found. @returns false if there is more to see */
  #takeIn(
    view: View,
    named: LogFile | undefined,
    { isWhole, wasBlank }: { readonly isWhole: boolean; readonly wasBlank: boolean },
    reader: Reader,
  ): boolean {
    const { found, log, fresh } = view;
    const left = this.#followed;
    const isLog = left !== undefined && log !== undefined && found.get(left) === log;
    const pivot = found.get(this.#files.findLast((file) => found.has(file) && !isEmpty(file)) ?? left!);
    const since = this.#left ? fresh : fresh.filter((c) => this.#isSince(c, pivot, log));
    const isUntouched = isLog && isUnchanged(this.#path, left);
    const between = isLog ? since.filter((c) => !isUntouched && isLaterCopy(c, left, wasBlank)) : since;
    const isSame = isLog && between.length === 0 && !isWrittenAnew(left, log);
    if (!isSame && view.doubtful.some(isBeingMade)) {
      close(named);
      this.#isSettled = false;
      return true;
    }
    this.#isSettled = true;
    this.#leave(view, isLog || !this.#left ? fresh.filter((c) => !between.includes(c)) : []);
    this.#openWanted(view, reader);
    if (isSame) {
      this.#goOn(left, named!, reader);
      this.#forget(found);
      return true;
    }
    if (isLog && between.length === 0) reader.doubt?.(left.path, WRITTEN_ANEW);
    // What it holds now is the log's, and is read as that.
    if (isLog && wasBlank) Object.assign(left, { cursor: UNREAD, size: 0 });
    const rest = left ? this.#finish(left, view, isLog, isWhole, between, reader) : between;
    const isNothing = !named && rest.length === 0;
    const next = isLog || isNothing ? rest : withDoubtful(rest, view.doubtful, reader);
    this.#forget(found);
    if (isNothing) {
      if (left && !isOpen(left)) this.#followed = undefined;
      return true;
    }
    const known = [...found].find(([file, candidate]) => candidate === log && file !== left)?.[0];
    this.#advance(left, next, reader);
    this.#follow(known, named);
    return named === undefined;
  }

  /** Where nothing tells what was beside the log at the last look, names and times have to. */
  #isSince({ entry }: Candidate, pivot: Candidate | undefined, log: Candidate | undefined): boolean {
    if (pivot) return pivot !== log && isNewer(entry, pivot.entry);
    const sinceMs = this.#sinceMs ?? this.#followed?.modifiedMs;
    return sinceMs !== undefined && entry.modifiedMs >= sinceMs;
  }

  /** After a start: what was shipped in part is opened again where it is now, and so is what has grown since. */
  #openWanted({ found }: View, reader: Reader): void {
    for (const file of this.#files) {
      const candidate = found.get(file);
      if (file === this.#followed || (isOpen(file) && !candidate)) continue;
      const isWanted = this.#wanted.has(file);
      if (
        candidate &&
        !isOpen(file) &&
        !candidate.packing &&
        (isWanted || candidate.entry.size > file.size)
      ) {
        this.#open(file, candidate.take());
        file.isAway = true;
        reader.read(file);
        reader.end(file, true);
        close(file);
      } else if (candidate && !(isWanted && candidate.packing)) moved(file, candidate);
      else if (isWanted) this.#lose(file, reader);
    }
    this.#wanted = new Set();
  }

  /** The log is still the file that it was. */
  #goOn(file: LogFile, named: LogFile, reader: Reader): void {
    if (isOpen(file) && isSameFile(file, named)) {
      file.path = named.path;
      close(named);
      isIntact(file);
    } else {
      this.#goOnIn(file, named, reader);
    }
    file.isAway = false;
    this.#rewriting.note(file);
    reader.read(file);
  }

  /** Goes on in another file that holds what this one does; what it may still get is not lost. */
  #goOnIn(file: LogFile, other: LogFile, reader: Reader): void {
    const { holders } = file;
    const isBehind = isOpen(file) && isIntact(file);
    if (isBehind) this.#leaveBehind(file, reader);
    this.#open(file, other);
    if (isBehind) file.holders = holders;
  }

  /** The log was restored to another file, with all that this one holds; a writer may still have this one open. */
  #leaveBehind(file: LogFile, reader: Reader): void {
    const old = { ...file, isAway: true, holders: 1 };
    startAt(old, sizeOf(old));
    file.fd = -1;
    this.#files = [old, ...this.#files];
    reader.read(old);
    reader.end(old, true);
    close(old);
  }

  /**
   * Reads what was the log to its end.
   *
   * @param isLog It was emptied, and the log has begun anew with what it held up to the cursor, or with nothing.
   * @returns the files between it and the log
   */
  #finish(
    file: LogFile,
    { found }: View,
    isLog: boolean,
    isWhole: boolean,
    between: readonly Candidate[],
    reader: Reader,
  ): readonly Candidate[] {
    const copy = isLog ? (isEmpty(file) ? undefined : between[0]) : found.get(file);
    const goesOn = isWhole && copy !== undefined && isContinued(file, copy);
    if (!isLog && isWhole && !goesOn) {
      file.path = copy?.entry.path ?? file.path;
      reader.read(file);
    } else if (copy && !copy.packing) {
      this.#goOnIn(file, copy.take(), reader);
      file.isAway = true;
      reader.read(file);
    } else this.#lose(file, reader);
    return isLog && copy ? between.slice(1) : between;
  }

  #advance(left: LogFile | undefined, between: readonly Candidate[], reader: Reader): void {
    if (left) {
      left.isAway = true;
      reader.end(left, true);
      close(left);
    }
    for (const candidate of between) {
      const file = candidate.take();
      if (!file.packing) startAt(file, 0);
      file.isAway = true;
      this.#files = [...this.#files, file];
      reader.read(file);
      reader.end(file, true);
      close(file);
    }
  }

  /** @param known The file of the log that bears its name again. */
  #follow(known: LogFile | undefined, named: LogFile | undefined): void {
    if (known && named && isOpen(known)) {
      hold(known);
      close(named);
    } else if (known && named) this.#open(known, named);
    const log = known ?? named;
    this.#followed = log;
    if (!log) return;
    log.isAway = false;
    this.#files = [...this.#files.filter((file) => file !== log), log];
  }

  /** Goes on at the cursor in what was found to hold the file. */
  #open(file: LogFile, other: LogFile): void {
    become(file, other);
    startAt(file, file.cursor.offset);
    this.#lost.delete(file);
  }

  #lose(file: LogFile, reader: Reader): void {
    this.#lost.add(file);
    reader.lose?.(file);
  }

  #leave(view: View, more: readonly Candidate[]): void {
    const left = [...view.left, ...more.map((candidate) => leave(candidate, false))];
    const isSame =
      this.#left?.length === left.length && left.every((file, index) => file === this.#left![index]);
    if (!isSame) this.#left = left;
  }

  #forget(found: ReadonlyMap<LogFile, Candidate>): void {
    const isKept = (file: LogFile) => isOpen(file) || found.has(file) || this.#lost.has(file);
    this.#files = this.#files.filter((file) => isKept(file) || file === this.#followed);
  }
}

/** True if nothing has happened to a file and its name since it was last looked at. */
function isUnchanged(path: string, file: LogFile): boolean {
  const found = statIfThere(path);
  if (found?.ino !== file.inode || found.dev !== file.device) return false;
  return found.size === file.size && found.mtimeMs === file.modifiedMs;
}

/**
 * True if a file holds what the log held and more, so that the log was emptied since and has begun alike; of a log that was
 * empty nothing is known by which to tell that, and what has come since tells it.
 */
function isLaterCopy(candidate: Candidate, { cursor }: LogFile, wasBlank: boolean): boolean {
  return candidate.entry.size > 0 && (wasBlank || candidate.holds(cursor));
}

/** True if a log was restored to another file, and that has more of it. */
function isContinued(file: LogFile, copy: Candidate): boolean {
  if (copy.packing || isSameFile(file, copy.entry) || copy.entry.size <= sizeOf(file)) return false;
  return copy.contains(file);
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

function withDoubtful(
  between: readonly Candidate[],
  doubtful: readonly Candidate[],
  reader: Reader,
): readonly Candidate[] {
  for (const { entry } of doubtful) reader.doubt?.(entry.path, BEGUN_ALIKE);
  return [...between, ...doubtful].sort((a, b) => (isNewer(a.entry, b.entry) ? 1 : -1));
}

/** Notes where a file is now that was found again. */
function moved(file: LogFile, { entry }: Candidate): void {
  file.path = entry.path;
  if (isOpen(file)) return;
  const { device, inode, modifiedMs } = entry;
  Object.assign(file, { device, inode, modifiedMs });
}

/** True if nothing is known of what a file holds, because it held nothing yet when it was looked at. */
function isEmpty({ cursor, packing }: LogFile): boolean {
  return cursor.head.bytes === 0 && !packing;
}
