import type { Candidate } from "./candidate.ts";
import { isIntact, startAt } from "./content.ts";
import type { Beginning, Reader } from "./follower.ts";
import type { Identified, Remembered } from "./identify.ts";
import { type LeftFile, leave } from "./left-files.ts";
import { become, close, hold, isBlank, isOpen, isSameFile, type LogFile, sizeOf } from "./log-files.ts";
import type { Rewriting } from "./rewriting.ts";

/**
 * The files of a log as they are known from look to look, and what is beside it and left alone. What is found out of them
 * is done here: they are opened, handed over, closed and forgotten.
 */
export class KnownFiles {
  #files: readonly LogFile[];
  #followed: LogFile | undefined;
  #wanted: ReadonlySet<LogFile>;
  /** Nowhere to be found, but maybe in a compressed file. */
  readonly #lost = new Set<LogFile>();
  #left: readonly LeftFile[] | undefined;

  constructor({ files, followed, wanted, left }: Beginning) {
    this.#followed = followed;
    this.#files = files ?? (followed ? [followed] : []);
    this.#wanted = new Set(wanted);
    this.#left = left;
  }

  /** The one that was the log at the last look. */
  get followed(): LogFile | undefined {
    return this.#followed;
  }

  get left(): readonly LeftFile[] | undefined {
    return this.#left;
  }

  get remembered(): Remembered {
    return { files: this.#files, followed: this.#followed, left: this.#left ?? [] };
  }

  /** Those that are looked for under any name. */
  get lookedFor(): LogFile[] {
    return [...this.#wanted].filter((file) => !isOpen(file));
  }

  includes(file: LogFile): boolean {
    return this.#files.includes(file);
  }

  /** True if one of them had this inode number. */
  hasInode(inode: number): boolean {
    return this.#files.some((file) => file.inode === inode);
  }

  /** No file is looked for any more that holds what this one did: the log holds it now. */
  disown(file: LogFile): void {
    this.#files = this.#files.filter((other) => other !== file);
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
    if (!isOpen(file)) this.disown(file);
  }

  /** @param more What was fresh, and is not to be handed over. */
  leave(view: Identified, more: readonly Candidate[]): void {
    const left = [...view.left, ...more.map((candidate) => leave(candidate, false))];
    const isSame =
      this.#left?.length === left.length && left.every((file, index) => file === this.#left![index]);
    if (!isSame) this.#left = left;
  }

  /** After a start: what was shipped in part is opened again where it is now, and so is what has grown since. */
  openWanted({ found }: Identified, reader: Reader): void {
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
        handOver(file, reader);
      } else if (candidate && !(isWanted && candidate.packing)) moved(file, candidate);
      else if (isWanted) this.#lose(file, reader);
    }
    this.#wanted = new Set();
  }

  /** The log is still the file that it was. */
  goOn(file: LogFile, named: LogFile, rewriting: Rewriting, reader: Reader): void {
    if (isOpen(file) && isSameFile(file, named)) {
      file.path = named.path;
      close(named);
      isIntact(file);
    } else {
      this.#goOnIn(file, named, reader);
    }
    file.isAway = false;
    rewriting.note(file);
    reader.read(file);
  }

  /**
   * Reads what was the log to its end.
   *
   * @param isLog It was emptied, and the log has begun anew with what it held up to the cursor, or with nothing.
   * @returns the files between it and the log
   */
  finish(
    file: LogFile,
    { found }: Identified,
    isLog: boolean,
    isWhole: boolean,
    between: readonly Candidate[],
    reader: Reader,
  ): readonly Candidate[] {
    const copy = isLog ? (isBlank(file) ? undefined : between[0]) : found.get(file);
    const goesOn = isWhole && copy?.isMoreOf(file);
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

  /** Hands over the files between what was the log and what is. */
  advance(left: LogFile | undefined, between: readonly Candidate[], reader: Reader): void {
    if (left) {
      left.isAway = true;
      reader.end(left, true);
      close(left);
    }
    for (const candidate of between) {
      const file = candidate.take();
      if (!file.packing) startAt(file, 0);
      this.#files = [...this.#files, file];
      handOver(file, reader);
    }
  }

  /** @param known The file of the log that bears its name again. */
  follow(known: LogFile | undefined, named: LogFile | undefined): void {
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

  /** Nothing has the log's name, and nothing more is known of what had it. */
  followNothing(): void {
    if (this.#followed && !isOpen(this.#followed)) this.#followed = undefined;
  }

  /** Those that are nowhere, but for what is still open or looked for in compressed files. */
  forget({ found }: Identified): void {
    const isKept = (file: LogFile) => isOpen(file) || found.has(file) || this.#lost.has(file);
    this.#files = this.#files.filter((file) => isKept(file) || file === this.#followed);
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
    const old = { ...file, holders: 1 };
    startAt(old, sizeOf(old));
    file.fd = -1;
    this.#files = [old, ...this.#files];
    handOver(old, reader);
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
}

/** All that is there of a file that is not the log any more. */
function handOver(file: LogFile, reader: Reader): void {
  file.isAway = true;
  reader.read(file);
  reader.end(file, true);
  close(file);
}

/** Notes where a file is now that was found again. */
function moved(file: LogFile, { entry }: Candidate): void {
  file.path = entry.path;
  if (isOpen(file)) return;
  const { device, inode, modifiedMs } = entry;
  Object.assign(file, { device, inode, modifiedMs });
}
