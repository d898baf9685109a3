import { type Candidate, Gone } from "./candidate.ts";
import { isIntact } from "./content.ts";
import { UNREAD } from "./cursor.ts";
import type { Beginning, Follower, Reader } from "./follower.ts";
import { KnownFiles } from "./known-files.ts";
import type { LeftFile } from "./left-files.ts";
import { isNewer, realPathOf } from "./listing.ts";
import {
  close,
  closingOnFailure,
  isBlank,
  isNamed,
  isOpen,
  isUntouched,
  type LogFile,
  openIfThere,
} from "./log-files.ts";
import { Rewriting } from "./rewriting.ts";
import { type Neighbours, Surroundings } from "./surroundings.ts";
import { packedLike, type View, viewOf } from "./view.ts";
import { whatHappened } from "./what-happened.ts";

const WRITTEN_ANEW =
  "it was written to and holds what it held before, as if it had been emptied: that is handed over again";
const BEGUN_ALIKE =
  "it holds what other files of the log begin with, and may be a copy: it is handed over as a file of its own";

/** Renamed while it was looked at so often, a log is looked at again the next time. */
const ATTEMPTS = 20;

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
  readonly #known: KnownFiles;
  #isSettled = true;

  constructor(path: string, begin: Beginning = {}, neighbours: Neighbours = {}) {
    this.#path = path;
    this.#surroundings = new Surroundings(path, neighbours, ({ inode }) => this.#known.hasInode(inode));
    this.#known = new KnownFiles(begin);
    this.#sinceMs = begin.sinceMs;
  }

  get left(): readonly LeftFile[] | undefined {
    return this.#known.left;
  }

  get isSettled(): boolean {
    return this.#isSettled && !this.#rewriting.isPending;
  }

  get directories(): string[] {
    return this.#surroundings.directories;
  }

  /** True if a file is there, as far as was seen at the last look. */
  remembers(file: LogFile): boolean {
    return this.#known.includes(file);
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
    this.#known.release(file);
  }

  /** A file that was lost is found in a compressed one, or nowhere. */
  settle(file: LogFile): void {
    this.#known.settle(file);
  }

  /** Compressed files that begin as a file does, open, newest first. */
  openPacked({ cursor }: LogFile): LogFile[] {
    return packedLike(cursor, this.#surroundings);
  }

  /** True if nothing has happened to the log and beside it since it was last looked at. */
  #isQuiet(): boolean {
    const log = this.#known.followed;
    if (!log || !isOpen(log) || isBlank(log) || !this.isSettled || !this.left) return false;
    return isUntouched(this.#path, log) && this.#surroundings.areAsListed;
  }

  /** @returns false if there is more to see */
  #lookOnce(reader: Reader): boolean {
    const log = this.#known.followed;
    // Of a log that was empty nothing is known by which to tell whether it was emptied since: what came beside it tells.
    const wasBlank = log !== undefined && isBlank(log);
    const wasEmpty = wasBlank && isOpen(log) && isNamed(this.#path, log);
    let isWhole = log !== undefined && isOpen(log) && !wasEmpty && isIntact(log);
    if (log && isWhole && this.#rewriting.isSeen(log)) {
      reader.doubt?.(log.path, WRITTEN_ANEW);
      isWhole = false;
      // It holds what the log holds now, and is not to be taken for it.
      this.#known.disown(log);
    }
    if (log && isWhole) {
      log.isAway = !isNamed(this.#path, log);
      reader.read(log);
      if (!log.isAway && this.left && this.#surroundings.areAsListed) return true;
    }
    const named = this.#openNamed();
    if (!named && log && isOpen(log)) return true;
    const view = closingOnFailure([named], () =>
      viewOf(named, this.#surroundings, this.#known, reader.readsPacked),
    );
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
    if (!named || named.inode === this.#known.followed?.inode || !this.#surroundings.isOthers(named))
      return named;
    close(named);
    return undefined;
  }

  /** Hands over what a look has found. @returns false if there is more to see */
  #takeIn(
    view: View,
    named: LogFile | undefined,
    { isWhole, wasBlank }: { readonly isWhole: boolean; readonly wasBlank: boolean },
    reader: Reader,
  ): boolean {
    const known = this.#known;
    const left = known.followed;
    const { isLog, between, isSame, isAnew, isUnderWay } = whatHappened(view, {
      path: this.#path,
      remembered: known.remembered,
      isLeftKnown: known.left !== undefined,
      sinceMs: this.#sinceMs,
      wasBlank,
    });
    this.#isSettled = !isUnderWay;
    if (isUnderWay) {
      close(named);
      return true;
    }
    const isAsideToo = (candidate: Candidate) => !between.includes(candidate);
    known.leave(view, isLog || !known.left ? view.fresh.filter(isAsideToo) : []);
    known.openWanted(view, reader);
    if (isSame) {
      known.goOn(left!, named!, this.#rewriting, reader);
      known.forget(view);
      return true;
    }
    if (isAnew) reader.doubt?.(left!.path, WRITTEN_ANEW);
    // What it holds now is the log's, and is read as that.
    if (isLog && wasBlank) Object.assign(left!, { cursor: UNREAD, size: 0 });
    const rest = left ? known.finish(left, view, isLog, isWhole, between, reader) : between;
    const isNothing = !named && rest.length === 0;
    const next = isLog || isNothing ? rest : withDoubtful(rest, view.doubtful, reader);
    known.forget(view);
    if (isNothing) {
      known.followNothing();
      return true;
    }
    const again = [...view.found].find(([file, candidate]) => candidate === view.log && file !== left)?.[0];
    known.advance(left, next, reader);
    known.follow(again, named);
    return named === undefined;
  }
}

function withDoubtful(
  between: readonly Candidate[],
  doubtful: readonly Candidate[],
  reader: Reader,
): readonly Candidate[] {
  for (const { entry } of doubtful) reader.doubt?.(entry.path, BEGUN_ALIKE);
  return [...between, ...doubtful].sort((a, b) => (isNewer(a.entry, b.entry) ? 1 : -1));
}
