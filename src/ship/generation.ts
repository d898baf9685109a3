import { fstatSync } from "node:fs";
import type { Previous } from "../contract/shipped-metadata.ts";
import type { KeyTaken } from "../destination/destination.ts";
import { isIntact, placeOf, readAt, startAt, tailBefore } from "../follow/content.ts";
import { type Cursor, cursorAt, Window } from "../follow/cursor.ts";
import { close, hold, isOpen, type LogFile } from "../follow/log-files.ts";
import { UnpackedContent } from "../follow/packed.ts";
import type { GenerationState, Intention } from "./state.ts";

/** An intention of this process or of the one before. */
export interface Pending {
  readonly intention: Intention;
  isStored: boolean;
  /** Why it cannot be stored under its key; then all from its first byte on is shipped under another generation. */
  taken?: KeyTaken;
  /** From before a crash or a stop: it may be stored already, and is to be cut again otherwise. */
  isLeftOver: boolean;
}

/** A moment by the clock of the host, and by one that nobody sets; both in milliseconds. */
export interface Instant {
  readonly wallMs: number;
  readonly elapsedMs: number;
}

/** How far behind a source is. */
export interface Lag {
  /** Seen and not acknowledged. */
  readonly bytes: number;
  /** When the oldest of them were seen; undefined if there are none. */
  readonly sinceMs: number | undefined;
}

/**
 * What has become of a file:
 * - `followed`: it is the log;
 * - `ended`: its log goes on in another file;
 * - `missing`: it was emptied or is nowhere, and a compressed copy of it is yet to be looked for;
 * - `released`: it is there and done with, and closed; it is remembered so that it is not shipped again;
 * - `gone`: it is nowhere, and what was not shipped of it has been told.
 */
export type GenerationStatus = "followed" | "ended" | "missing" | "released" | "gone";

/** One file of a source while it is shipped. */
export class Generation {
  id: string;
  start: number;
  /** Its cursor is up to where it has been cut into pieces. */
  readonly file: LogFile;
  status: GenerationStatus = "followed";
  /** It was already ended when it was last remembered. */
  readonly wasEnded: boolean;
  previous: Previous | undefined;
  lostBytes = 0;
  pending: Pending[] = [];
  /** When the first byte that is not yet cut was seen. */
  seenAt: Instant | undefined;
  grownAt: Instant;
  /** Up to here there is no newline behind what is cut. */
  searchedTo = 0;
  #isHeld = false;
  #content: UnpackedContent | undefined;

  constructor(id: string, file: LogFile, at: Instant, saved?: GenerationState) {
    this.id = id;
    this.file = file;
    this.grownAt = at;
    this.start = saved?.start ?? file.cursor.offset;
    this.wasEnded = saved?.isEnded ?? false;
    if (!saved) return;
    this.previous = saved.previous;
    this.lostBytes = saved.lostBytes;
    this.status = saved.isEnded ? "ended" : "followed";
    this.pending = saved.intentions.map((intention) => ({ intention, isStored: false, isLeftOver: true }));
  }

  /** Its log goes on in another file. */
  get isEnded(): boolean {
    return this.status !== "followed";
  }

  get isMissing(): boolean {
    return this.status === "missing";
  }

  /** Something of it may still be read. */
  get isOpen(): boolean {
    return isOpen(this.file);
  }

  /** Up to where it has been cut. */
  get cut(): number {
    return this.file.cursor.offset;
  }

  /** Bytes that are not yet cut. */
  get uncutBytes(): number {
    const isDone = this.status === "released" || this.status === "gone";
    return isDone ? 0 : Math.max(0, this.file.size - this.cut);
  }

  /** It is compressed, and how much it holds is not known yet. */
  get isUnmeasured(): boolean {
    return this.isOpen && this.file.packing !== undefined && this.file.size < 0;
  }

  /** It is a compressed file of which nothing was shipped. */
  get isUntouched(): boolean {
    return this.file.packing !== undefined && this.cut === this.start && this.isAcknowledged;
  }

  /**
   * Goes on at a cursor of its file under another id; pieces that are under way are forgotten.
   *
   * @param previous What of the file is stored before that.
   */
  beginAnew(id: string, cursor: Cursor, previous: Previous): void {
    if (cursor.offset > this.start) this.lostBytes = 0;
    this.previous = previous;
    this.id = id;
    this.start = cursor.offset;
    this.file.cursor = cursor;
    this.pending = [];
    this.searchedTo = 0;
    // No key of it tells an hour before that of its id.
    this.seenAt = undefined;
  }

  /** Is the generation of an id, of which everything up to a cursor is stored. */
  goOnAs(id: string, cursor: Cursor): void {
    this.id = id;
    this.file.cursor = cursor;
  }

  get hasLeftOvers(): boolean {
    return this.pending.some(({ isLeftOver }) => isLeftOver);
  }

  /** Bytes that are not yet acknowledged. */
  get unstoredBytes(): number {
    const waiting = this.pending.filter(({ isStored }) => !isStored);
    return waiting.reduce((sum, { intention }) => sum + intention.last - intention.first, this.uncutBytes);
  }

  get isAcknowledged(): boolean {
    return this.pending.length === 0;
  }

  /** Keeps the file open until it is let go. */
  take(): void {
    if (!this.#isHeld) hold(this.file);
    this.#isHeld = true;
  }

  /** Looks how far the file has grown, if it may have. */
  observe(at: Instant, mayHaveGrown: boolean): void {
    const { file } = this;
    if (!this.isOpen || this.isMissing) return;
    const before = file.size;
    if (!file.packing && mayHaveGrown) {
      const { size, mtimeMs } = fstatSync(file.fd);
      // Of a file that is still followed, the follower has to see what has become of it.
      if (!this.isEnded) file.size = Math.max(size, file.size);
      else if ((size !== file.size || mtimeMs !== file.modifiedMs) && !isIntact(file)) this.#overwritten();
    }
    if (file.size > before) this.grownAt = at;
    if (this.uncutBytes > 0) this.seenAt ??= at;
  }

  #hasUnread(): boolean {
    return this.isOpen && !this.file.packing && this.file.size > this.cut;
  }

  /** It got other content, as the log in a ring of names does that gets its turn again. */
  #overwritten(): void {
    if (this.uncutBytes > 0 || this.hasLeftOvers) this.status = "missing";
    else this.letGo("released");
  }

  /** Fills a buffer from an offset on. @returns how many bytes; fewer than it has room for at the end */
  async read(buffer: Uint8Array, offset: number): Promise<number> {
    const { file } = this;
    if (file.packing) {
      this.#content ??= new UnpackedContent(file);
      return this.#content.read(buffer, offset);
    }
    let count = 0;
    while (count < buffer.length) {
      const more = readAt(file, buffer.subarray(count), offset + count);
      if (more === 0) break;
      count += more;
    }
    return count;
  }

  /** True if what was read of the file until now was its own. */
  isIntact(): boolean {
    return this.isOpen && isIntact(this.file);
  }

  /** Its last name is gone: the disk is freed when it is closed. */
  isDeleted(): boolean {
    return this.isOpen && fstatSync(this.file.fd).nlink === 0;
  }

  /** Closes the file; what is known of it stays. */
  letGo(status: "released" | "gone"): void {
    if (this.#isHeld) close(this.file);
    this.#isHeld = false;
    this.status = status;
    this.seenAt = undefined;
  }

  /** The file was found as another one, and is open. */
  found(): void {
    this.#isHeld = true;
    this.#content = undefined;
    this.status = "ended";
  }

  stateNow(): GenerationState {
    const { file } = this;
    return {
      id: this.id,
      start: this.start,
      previous: this.previous,
      lostBytes: this.lostBytes,
      path: file.path,
      place: placeOf(file),
      sizeBytes: file.size,
      end: this.#hasUnread() ? tailBefore(file, file.size).digest : undefined,
      modifiedMs: file.modifiedMs,
      isGzip: file.packing !== undefined,
      packing: file.packing,
      // What is missing at a stop is looked for at the next start.
      isEnded: this.isEnded && !this.isMissing,
      intentions: this.pending.filter(({ isStored }) => !isStored).map(({ intention }) => intention),
    };
  }
}

/** The file of a generation as it is remembered, closed. */
export function rememberedFile({
  end,
  path,
  place,
  sizeBytes,
  modifiedMs,
  isGzip,
  packing,
}: GenerationState): LogFile {
  const { device, inode } = place;
  return {
    path,
    fd: -1,
    device,
    inode,
    cursor: cursorAt(place),
    size: sizeBytes,
    end: end && Window.remembered(end),
    modifiedMs,
    isAway: true,
    packing: packing ?? (isGzip ? "gzip" : undefined),
    holders: 0,
  };
}

/** How far behind some generations are. */
export function lagOf(generations: readonly Generation[]): Lag {
  let bytes = 0;
  let sinceMs = Number.POSITIVE_INFINITY;
  for (const { unstoredBytes, seenAt, pending } of generations) {
    bytes += unstoredBytes;
    if (seenAt) sinceMs = Math.min(sinceMs, seenAt.wallMs);
    for (const { intention, isStored } of pending)
      if (!isStored) sinceMs = Math.min(sinceMs, intention.begunAtMs);
  }
  return { bytes, sinceMs: bytes > 0 && Number.isFinite(sinceMs) ? sinceMs : undefined };
}

/** The file from its present end on. */
export function atEnd(file: LogFile): LogFile {
  startAt(file, fstatSync(file.fd).size);
  return file;
}
