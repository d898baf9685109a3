import { fstatSync } from "node:fs";
import type { Previous } from "../contract/shipped-metadata.ts";
import { GzipContent } from "../follow/gzip.ts";
import { close, isIntact, type OpenFile, readAt, startAt } from "../follow/log-files.ts";
import { type Place, placeOf } from "../follow/place.ts";
import type { GenerationState, Intention } from "./state.ts";

/** An intention of this process or of the one before. */
export interface Pending {
  readonly intention: Intention;
  isStored: boolean;
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

/** One file of a source while it is shipped. */
export class Generation {
  readonly id: string;
  readonly start: number;
  previous: Previous | undefined;
  lostBytes = 0;
  /** Undefined if it is gone. Its offset is up to where it has been cut into pieces. */
  file: OpenFile | undefined;
  /** Its log goes on in another file. */
  isEnded = false;
  /** It was emptied before all of it was read, and a copy that holds the rest is yet to be found. */
  isMissing = false;
  pending: Pending[] = [];
  /** When the first byte that is not yet cut was seen. */
  seenAt: Instant | undefined;
  grownAt: Instant;
  /** Up to here there is no newline behind what is cut. */
  searchedTo = 0;
  /** Its file is there and done with, and was closed; it is remembered so that it is not shipped again. */
  isLetGo = false;
  #gzip: GzipContent | undefined;
  #saved: GenerationState | undefined;

  constructor(id: string, file: OpenFile | undefined, at: Instant, saved?: GenerationState) {
    this.id = id;
    this.file = file;
    this.grownAt = at;
    this.#saved = saved;
    this.start = saved?.start ?? file?.offset ?? 0;
    if (!saved) return;
    this.previous = saved.previous;
    this.lostBytes = saved.lostBytes;
    this.isEnded = saved.isEnded;
    this.pending = saved.intentions.map((intention) => ({ intention, isStored: false, isLeftOver: true }));
  }

  /** Up to where it has been cut. */
  get cut(): number {
    return this.file?.offset ?? this.#saved?.place.offset ?? this.start;
  }

  /** Bytes that are not yet cut. */
  get uncutBytes(): number {
    return this.file ? Math.max(0, this.file.size - this.file.offset) : 0;
  }

  /** It is compressed, and how much it holds is not known yet. */
  get isUnmeasured(): boolean {
    return this.file?.isGzip === true && this.file.size < 0;
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

  /** Looks how far the file has grown, if it may have. */
  observe(at: Instant, mayHaveGrown: boolean): void {
    const { file } = this;
    if (!file || this.isMissing) return;
    const before = file.size;
    if (!file.isGzip && mayHaveGrown) {
      const { size, mtimeMs } = fstatSync(file.fd);
      // A file that has become shorter is the follower's business.
      if (size > file.size) file.size = size;
      // Of a file that is still followed, the follower has to see that it has changed.
      if (this.isEnded) file.modifiedMs = mtimeMs;
    }
    if (file.size > before) this.grownAt = at;
    if (this.uncutBytes > 0) this.seenAt ??= at;
  }

  /** Fills a buffer from an offset on. @returns how many bytes; fewer than it has room for at the end */
  async read(buffer: Uint8Array, offset: number): Promise<number> {
    const file = this.file!;
    if (file.isGzip) {
      this.#gzip ??= new GzipContent(file);
      return this.#gzip.read(buffer, offset);
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
    return this.file !== undefined && isIntact(this.file);
  }

  /** Its last name is gone: the disk is freed when it is closed. */
  isDeleted(): boolean {
    return this.file !== undefined && fstatSync(this.file.fd).nlink === 0;
  }

  /** Closes the file; what is known of it stays. */
  letGo(): void {
    this.#saved = this.stateNow();
    close(this.file);
    this.file = undefined;
    this.isLetGo = true;
    this.seenAt = undefined;
  }

  stateNow(): GenerationState {
    const { file } = this;
    const saved = this.#saved;
    const gone: Place = saved?.place ?? {
      device: 0,
      inode: 0,
      offset: this.start,
      head: NOTHING,
      tail: NOTHING,
    };
    return {
      id: this.id,
      start: this.start,
      previous: this.previous,
      lostBytes: this.lostBytes,
      path: file?.path ?? saved?.path ?? "",
      place: file ? placeOf(file) : gone,
      sizeBytes: file?.size ?? saved?.sizeBytes ?? 0,
      modifiedMs: file?.modifiedMs ?? saved?.modifiedMs ?? 0,
      isGzip: file?.isGzip ?? saved?.isGzip ?? false,
      isEnded: this.isEnded,
      intentions: this.pending.filter(({ isStored }) => !isStored).map(({ intention }) => intention),
    };
  }
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

const NOTHING = { bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" };

/** The file from its present end on. */
export function atEnd(file: OpenFile): OpenFile {
  startAt(file, fstatSync(file.fd).size);
  return file;
}
