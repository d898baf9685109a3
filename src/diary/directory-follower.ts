import { existsSync } from "node:fs";
import { LineJoiner, type LineSink } from "./line-joiner.ts";
import {
  close,
  finishedNames,
  isDeleted,
  isNamed,
  isSameFile,
  type OpenFile,
  openIfThere,
  readRest,
} from "./log-files.ts";
import { type Snapshot, stateFileMark, takeSnapshot } from "./snapshot.ts";

const READ_BYTES = 256 * 1024;

/**
 * Follows a log directory while multilog writes, rotates, restarts and recovers in it.
 *
 * Files are known by device and inode, never by name: the file being read is read to its end under whatever name, then
 * each file that was finished since, oldest first, then the present `current`. Each line comes once and in order,
 * however many rotations lie between two looks, as long as multilog has not deleted a file before it was opened.
 */
export class DirectoryFollower {
  readonly #directory: string;
  readonly #onLoss: () => void;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #joiner = new LineJoiner();
  #reading: OpenFile | undefined;
  /** Read to their ends before they had a finished name. Held open until the name that belongs to them turns up. */
  #awaiting: OpenFile[] = [];
  /** Finished names that have been read or are older than the start. */
  #known: Set<string>;
  #stateMark: string;

  /**
   * @param start What has been shown already: its `current` up to its offset. Without it all that comes is new.
   * @param onLoss Called when files were deleted before they could be read, or may have been.
   */
  constructor(directory: string, start: Snapshot | undefined, onLoss: () => void) {
    this.#directory = directory;
    this.#onLoss = onLoss;
    this.#reading = start?.current;
    if (start?.previous) this.#awaiting.push(start.previous);
    this.#known = new Set(start ? start.finished : finishedNames(directory));
    this.#stateMark = stateFileMark(directory);
  }

  /** Passes on all lines that have been completed since the last look. */
  look(sink: LineSink): void {
    for (;;) {
      if (this.#reading) this.#read(this.#reading, sink);
      if (this.#reading && isNamed(`${this.#directory}/current`, this.#reading)) return;
      const snapshot = takeSnapshot(this.#directory);
      if (!snapshot) return;
      this.#advance(snapshot, sink);
    }
  }

  #read(file: OpenFile, sink: LineSink): void {
    readRest(file, this.#buffer, (bytes) => this.#joiner.push(bytes, sink));
  }

  /** Goes on from the file being read, which has been renamed and is complete, to the present `current`. */
  #advance(snapshot: Snapshot, sink: LineSink): void {
    const left = this.#reading;
    if (left) {
      this.#read(left, sink);
      this.#awaiting.push(left);
    }
    const hasProcessor = this.#hasProcessor(snapshot);
    if (left && isDeleted(left) && !hasProcessor) this.#onLoss();
    const unread: { file: OpenFile; wasCrash: boolean }[] = [];
    let wasLeftByCrash = false;
    for (const name of snapshot.finished.filter((n) => !this.#known.has(n))) {
      const file = openIfThere(`${this.#directory}/${name}`);
      const wasCrash = name.endsWith(".u");
      if (!file) {
        this.#onLoss();
        continue;
      }
      const read = this.#takeRead(file, hasProcessor);
      if (!read) unread.push({ file, wasCrash });
      else if (read === left) wasLeftByCrash = wasCrash;
    }
    this.#known = new Set(snapshot.finished);
    if (left) this.#joiner.endFile(wasLeftByCrash, sink);
    for (const { file, wasCrash } of unread) {
      this.#read(file, sink);
      this.#joiner.endFile(wasCrash, sink);
    }
    this.#readPrevious(
      snapshot.previous,
      unread.map(({ file }) => file),
      sink,
    );
    for (const { file } of unread) close(file);
    if (!hasProcessor) this.#dropDeleted();
    this.#reading = snapshot.current;
  }

  /**
   * Closes a finished file that was read before it had its name, or what a processor made of such a file.
   *
   * @returns the file as it was read; undefined if the finished file is new
   */
  #takeRead(finished: OpenFile, hasProcessor: boolean): OpenFile | undefined {
    const read =
      this.#awaiting.find((file) => isSameFile(file, finished)) ??
      (hasProcessor ? this.#awaiting.find(isDeleted) : undefined);
    if (!read) return undefined;
    this.#awaiting = this.#awaiting.filter((file) => file !== read);
    close(read);
    close(finished);
    return read;
  }

  #readPrevious(previous: OpenFile | undefined, read: OpenFile[], sink: LineSink): void {
    if (!previous) return;
    if ([...read, ...this.#awaiting].some((file) => isSameFile(file, previous))) {
      close(previous);
      return;
    }
    this.#read(previous, sink);
    this.#joiner.endFile(false, sink);
    this.#awaiting.push(previous);
  }

  #dropDeleted(): void {
    for (const file of this.#awaiting.filter(isDeleted)) close(file);
    this.#awaiting = this.#awaiting.filter((file) => !isDeleted(file));
  }

  /**
   * True if finished files are made by a processor, so that one that was read is deleted and comes back as another file.
   * Otherwise a file that was read is only deleted as the oldest of all, after every name known before it; a new
   * `state` may then be that of a start after a crash, which leaves a `.u`.
   */
  #hasProcessor({ finished }: Snapshot): boolean {
    const directory = this.#directory;
    if (existsSync(`${directory}/processed`) || existsSync(`${directory}/newstate`)) return true;
    const mark = stateFileMark(directory);
    const isNewState = mark !== this.#stateMark;
    this.#stateMark = mark;
    return (
      isNewState && (finished.some((n) => this.#known.has(n)) || !finished.some((n) => n.endsWith(".u")))
    );
  }
}
