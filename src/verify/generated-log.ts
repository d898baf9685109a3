import type { AccessLog } from "../access-log/access-log.ts";
import type { FormatName } from "../access-log/format.ts";
import { recognizedFormat } from "./content.ts";

/** Entering a log anywhere costs as much as making so many records. */
const BLOCK_RECORDS = 2 ** 18;
const UNLIMITED = Number.POSITIVE_INFINITY;

/** The log that a seed gives, to compare stretches of it with; quick as long as they follow each other. */
export class GeneratedLog {
  readonly #enter: (firstRecord: number, format: FormatName) => AccessLog;
  #format: FormatName | undefined;
  #log: AccessLog | undefined;
  /** Records that the log has made, counted from its beginning. */
  #made = 0;
  /** What it has made and was not compared yet. */
  #rest: Uint8Array = new Uint8Array();
  /** The record that this begins with; NaN in the middle of a comparison and after one that failed. */
  #record = 0;
  #soughtRecord = 0;
  #isSought = true;

  /** @param format Undefined: the one of the first record that is compared. */
  constructor(format: FormatName | undefined, enter: (firstRecord: number, format: FormatName) => AccessLog) {
    this.#format = format;
    this.#enter = enter;
  }

  /** What is compared next begins with this record of the log. */
  seek(record: number): void {
    this.#soughtRecord = record;
    this.#isSought = true;
  }

  /** @returns the index of the first byte that differs, or -1; after a difference, `seek()` has to follow */
  compare(chunk: Uint8Array): number {
    if (this.#isSought) this.#go(this.#soughtRecord, chunk);
    for (let at = 0; at < chunk.length; ) {
      if (this.#rest.length === 0) {
        this.#rest = this.#log!.chunk(UNLIMITED, UNLIMITED);
        this.#made += this.#log!.chunkRecords;
      }
      const length = Math.min(this.#rest.length, chunk.length - at);
      const [found, wanted] = [chunk.subarray(at, at + length), this.#rest.subarray(0, length)];
      if (Buffer.compare(found, wanted) !== 0)
        return at + found.findIndex((byte, index) => byte !== wanted[index]);
      this.#rest = this.#rest.subarray(length);
      at += length;
    }
    return -1;
  }

  /** What was compared since `seek()` were so many whole records, all the same. */
  advance(records: number): void {
    if (!this.#isSought) this.#record = this.#soughtRecord + records;
  }

  #go(record: number, chunk: Uint8Array): void {
    const isThere = this.#log !== undefined && record === this.#record;
    this.#isSought = false;
    this.#record = Number.NaN;
    if (isThere) return;
    this.#rest = new Uint8Array();
    if (!this.#log || record < this.#made || record - this.#made > BLOCK_RECORDS) {
      this.#format ??= recognizedFormat(chunk);
      this.#log = this.#enter(record, this.#format ?? "json");
      this.#made = record;
    }
    while (this.#made < record) {
      this.#log.chunk(record - this.#made, UNLIMITED);
      this.#made += this.#log.chunkRecords;
    }
  }
}
