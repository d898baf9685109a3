import { bytesAt, endOf, holds, isBeginningOf } from "./content.ts";
import { areTelling, type Cursor, UNREAD, WINDOW_BYTES, Window } from "./cursor.ts";
import type { Entry } from "./listing.ts";
import { close, isSameFile, type LogFile, openIfThere, type Packing, sizeOf } from "./log-files.ts";
import { foundPacked, packingOf, unpackedHead } from "./packed.ts";

/** A file that was listed and can be looked into; it is opened when something is asked of what it holds. */
export class Candidate {
  readonly entry: Entry;
  #file: LogFile | undefined;
  #packing: Packing | undefined;
  #head: Buffer | undefined;

  constructor(entry: Entry) {
    this.entry = entry;
  }

  get packing(): Packing | undefined {
    this.#opened();
    return this.#packing;
  }

  /** The first 1024 bytes of what it holds, compressed or not. */
  get head(): Buffer {
    const file = this.#opened();
    const packing = this.#packing;
    this.#head ??= packing ? unpackedHead(file, packing, WINDOW_BYTES) : bytesAt(file, 0, WINDOW_BYTES);
    return this.#head;
  }

  /** The length of what a gzip file holds, modulo 2^32, as it ends with it (RFC 1952); undefined for any other. */
  get statedSize(): number | undefined {
    if (this.packing !== "gzip") return undefined;
    const end = bytesAt(this.#opened(), Math.max(0, this.entry.size - 4), 4);
    return end.length === 4 ? end.readUInt32LE() : undefined;
  }

  /** The cursor at its present end. */
  get end(): Cursor {
    const file = this.#opened();
    if (this.#packing) return { ...UNREAD, head: Window.of(this.head) };
    return endOf(file);
  }

  /** True if it begins with these bytes. */
  beginsWith(head: Window): boolean {
    return head.equals(this.head.subarray(0, head.bytes));
  }

  /** True if it is not compressed and holds what was seen at a cursor. */
  holds(cursor: Cursor): boolean {
    if (this.entry.size < cursor.offset || this.packing || !this.beginsWith(cursor.head)) return false;
    return holds(this.#opened(), cursor);
  }

  /** True if it holds what was seen at a cursor, and that is nothing that two files could hold by chance. */
  isSurely(cursor: Cursor): boolean {
    if (!this.holds(cursor)) return false;
    const { offset, head, tail } = cursor;
    const before = bytesAt(this.#opened(), offset - tail.bytes, tail.bytes);
    return areTelling(before) || areTelling(this.head.subarray(0, head.bytes));
  }

  /** True if it begins with all that an open file holds. */
  contains(file: LogFile): boolean {
    return !this.packing && !file.packing && isBeginningOf(file, this.#opened());
  }

  /** True if an open log was restored to this file, and it has more of it. */
  isMoreOf(file: LogFile): boolean {
    if (this.packing || isSameFile(file, this.entry) || this.entry.size <= sizeOf(file)) return false;
    return this.contains(file);
  }

  /** True if the other one begins with all that this one holds. */
  isBeginningOf(other: Candidate): boolean {
    if (this === other || this.packing || other.packing || this.entry.size > other.entry.size) return false;
    return isBeginningOf(this.#opened(), other.#opened());
  }

  /** As `isBeginningOf()`, for a file that is open and may have no name. */
  isBeginningOfFile(file: LogFile): boolean {
    if (this.packing || file.packing || this.entry.size > sizeOf(file)) return false;
    return isBeginningOf(this.#opened(), file);
  }

  /** The file, open, which belongs to whoever asks; of a compressed one nothing is read. */
  take(): LogFile {
    const file = this.#opened();
    this.#file = undefined;
    if (this.#packing) foundPacked(file, this.#packing);
    return file;
  }

  close(): void {
    close(this.#file);
    this.#file = undefined;
  }

  /** @throws FatalError as `openIfThere()` does; `Gone` if another file has its name by now */
  #opened(): LogFile {
    if (this.#file) return this.#file;
    const file = openIfThere(this.entry.path);
    if (!file || !isSameFile(file, this.entry)) {
      close(file);
      throw new Gone();
    }
    this.#file = file;
    this.#packing = packingOf(file);
    return file;
  }
}

/** A file was renamed or deleted after it was listed: what is there has to be listed again. */
export class Gone extends Error {}
