import { existsSync } from "node:fs";
import { finishedNames, labelOf } from "./finished-files.ts";
import type { Follower, Reader } from "./follower.ts";
import { close, isDeleted, isNamed, isSameFile, type LogFile, openIfThere } from "./log-files.ts";
import { closeSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";

/**
 * Follows a log directory while multilog writes, rotates, restarts and recovers in it.
 *
 * Files are known by device and inode, never by name: the file being read is read to its end under whatever name, then
 * each file that was finished since, oldest first, then the present `current`. Each byte comes once and in order,
 * however many rotations lie between two looks, as long as multilog has not deleted a file before it was opened.
 */
export class DirectoryFollower implements Follower {
  readonly #directory: string;
  readonly #onLoss: () => void;
  #reading: LogFile | undefined;
  /** Read to their ends before they had a finished name. Held open until the name that belongs to them turns up. */
  #awaiting: LogFile[] = [];
  /** Labels of finished files that have been read or are older than the start. */
  #known: Set<string>;
  /** A processor leaves a new `state` each time; held open, so that the new one is another inode. */
  #state: LogFile | undefined;

  /**
   * @param start What has been read already: its `current` up to its offset. Without it all that comes is new.
   * @param known Finished names that are not new, if there is no `start`.
   * @param onLoss Called when files were deleted before they could be read, or may have been.
   */
  constructor(
    directory: string,
    start: Snapshot | undefined,
    onLoss: () => void,
    known: readonly string[] = finishedNames(directory),
  ) {
    this.#directory = directory;
    this.#onLoss = onLoss;
    this.#reading = start?.current;
    if (start?.previous) this.#awaiting.push(start.previous);
    this.#known = new Set((start ? start.finished : known).map(labelOf));
    this.#state = openIfThere(`${directory}/state`);
  }

  look(reader: Reader): void {
    for (;;) {
      if (this.#reading) reader.read(this.#reading);
      if (this.#reading && isNamed(`${this.#directory}/current`, this.#reading)) return;
      const snapshot = takeSnapshot(this.#directory);
      if (!snapshot) return;
      if (snapshot.hasGap) {
        closeSnapshot(snapshot);
        return;
      }
      this.#advance(snapshot, reader);
    }
  }

  /** Goes on from the file being read, which has been renamed and is complete, to the present `current`. */
  #advance(snapshot: Snapshot, reader: Reader): void {
    const hasProcessor = this.#hasProcessor(snapshot);
    const left = this.#reading;
    if (left) {
      reader.read(left);
      this.#awaiting.push(left);
      if (isDeleted(left) && !hasProcessor) this.#onLoss();
    }
    const readBefore = this.#awaiting;
    const unread = this.#openUnread(snapshot, hasProcessor);
    if (left) reader.end(left, isCrashed(left));
    for (const file of unread) readWhole(file, reader);
    const { previous } = snapshot;
    if (previous && [...readBefore, ...unread].some((file) => isSameFile(file, previous))) {
      close(previous);
    } else if (previous) {
      readWhole(previous, reader);
      this.#awaiting.push(previous);
    }
    for (const file of unread) close(file);
    if (!hasProcessor) this.#dropDeleted();
    this.#reading = snapshot.current;
  }

  /** Opens the finished files that are new, oldest first, all at once so that none is deleted while others are read. */
  #openUnread({ finished }: Snapshot, hasProcessor: boolean): LogFile[] {
    const unread: LogFile[] = [];
    for (const name of finished) {
      if (this.#known.has(labelOf(name))) continue;
      this.#known.add(labelOf(name));
      const file = openIfThere(`${this.#directory}/${name}`);
      if (!file) this.#onLoss();
      else if (!this.#isRead(file, hasProcessor)) unread.push(file);
    }
    this.#known = new Set(finished.map(labelOf));
    return unread;
  }

  /** Closes a finished file that was read before it had its name, or what a processor made of such a file. */
  #isRead(finished: LogFile, hasProcessor: boolean): boolean {
    const read =
      this.#awaiting.find((file) => isSameFile(file, finished)) ??
      (hasProcessor ? this.#awaiting.find(isDeleted) : undefined);
    if (!read) return false;
    read.path = finished.path;
    this.#awaiting = this.#awaiting.filter((file) => file !== read);
    close(read);
    close(finished);
    return true;
  }

  #dropDeleted(): void {
    const deleted = this.#awaiting.filter(isDeleted);
    this.#awaiting = this.#awaiting.filter((file) => !deleted.includes(file));
    for (const file of deleted) close(file);
  }

  /**
   * True if finished files are made by a processor, so that one that was read is deleted and comes back as another file.
   * Otherwise a file that was read is only deleted as the oldest of all, after every name known before it; a new
   * `state` may then be that of a start after a crash, which leaves a `.u`.
   */
  #hasProcessor({ finished }: Snapshot): boolean {
    const directory = this.#directory;
    if (existsSync(`${directory}/processed`) || existsSync(`${directory}/newstate`)) return true;
    const path = `${directory}/state`;
    if (this.#state && isNamed(path, this.#state)) return false;
    close(this.#state);
    this.#state = openIfThere(path);
    return finished.some((n) => this.#known.has(labelOf(n))) || !finished.some((n) => n.endsWith(".u"));
  }
}

function readWhole(file: LogFile, reader: Reader): void {
  reader.read(file);
  reader.end(file, isCrashed(file));
}

/** True if the writer died while it wrote this file, so that the rest of its last line is lost. */
function isCrashed(file: LogFile): boolean {
  return file.path.endsWith(".u");
}
