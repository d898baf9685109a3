import { crc32 } from "node:zlib";
import { FORMATS, type FormatName } from "../access-log/format.ts";
import { countLineEnds } from "../lines/count-lines.ts";
import { RecordCounter } from "../pieces/record-counter.ts";
import { type RecordEnd, recordEnds } from "../pieces/record-ends.ts";
import { type BadRecord, RecordScanner } from "./record-scanner.ts";

/** A record that is not as it should be; places count from the start of the object. */
export interface RecordFault extends BadRecord {
  readonly record: number;
  readonly byte: number;
}

/** What an object holds, uncompressed. */
export interface Content {
  readonly bytes: number;
  /** Eight hexadecimal digits. */
  readonly crc32: string;
  /** A last one without its end counts. */
  readonly records: number;
  readonly format: FormatName | undefined;
  /** Of the records that were read. */
  readonly firstSeconds: number | undefined;
  readonly lastSeconds: number | undefined;
  /** The first fault; the records behind it were counted, but not read. */
  readonly fault: RecordFault | undefined;
  /** The first byte that is not as expected. */
  readonly differsAt: number | undefined;
}

/** What the content of an object is held against. */
export interface ContentRules {
  /** `any`: the one that the first record has; `none`: lines of any kind, which are only counted. */
  readonly format: FormatName | "any" | "none";
  /** @returns the index in the next chunk of the object of the first byte that is not as expected, or -1 */
  readonly compare?: ((chunk: Uint8Array) => number) | undefined;
  /** Shown all of it. */
  readonly each?: (chunk: Uint8Array) => void;
}

/** A record that has no end within so many bytes is none: the longest that is written has 2 KiB. */
const LONGEST_RECORD_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Reads the content of an object that arrives in chunks, keeping no more than one record. */
export class ContentReader {
  readonly #rules: ContentRules;
  /** As long as all is as expected, records are good without being read. */
  #expectedEnds: ReturnType<typeof recordEnds> | undefined;
  #scanner: RecordScanner | undefined;
  /** Counts from the first fault on. */
  #counter: RecordCounter | undefined;
  #bytes = 0;
  #crc = 0;
  /** Bytes of the whole records that were read. */
  #read = 0;
  #fault: RecordFault | undefined;
  #differsAt: number | undefined;
  /** What has come of a record that is not complete. */
  #rest: Uint8Array = new Uint8Array();

  constructor(rules: ContentRules) {
    this.#rules = rules;
    const { format } = rules;
    if (format === "none") this.#counter = new RecordCounter("line");
    else if (format !== "any") {
      this.#scanner = new RecordScanner(format);
      if (rules.compare) this.#expectedEnds = recordEnds(endOf(format));
    }
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#crc = crc32(chunk, this.#crc);
    this.#rules.each?.(chunk);
    if (this.#differsAt === undefined && this.#rules.compare) {
      const index = this.#rules.compare(chunk);
      if (index >= 0) this.#differsAt = this.#bytes + index;
    }
    this.#bytes += chunk.length;
    if (this.#expectedEnds && this.#differsAt === undefined) this.#takeExpected(chunk);
    else if (this.#rest.length > 0) this.#continueRecord(chunk);
    else this.#readRecords(chunk);
  }

  finish(): Content {
    const rest = this.#rest;
    if (rest.length > 0) this.#countFrom(rest, this.#endless());
    const scanner = this.#scanner;
    return {
      bytes: this.#bytes,
      crc32: this.#crc.toString(16).padStart(8, "0"),
      records: (scanner?.records ?? 0) + (this.#counter?.finish() ?? 0),
      format: scanner?.format,
      firstSeconds: scanner?.firstSeconds,
      lastSeconds: scanner?.lastSeconds,
      fault: this.#fault,
      differsAt: this.#differsAt,
    };
  }

  /** Counts the records of a chunk, and keeps what it begins of one. */
  #takeExpected(chunk: Uint8Array): void {
    const scanner = this.#scanner!;
    const read = this.#countExpected(chunk, scanner);
    if (read > 0) {
      this.#read += this.#rest.length + read;
      this.#rest = new Uint8Array();
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(read)]);
  }

  /** @returns where the last record of a chunk ends, or 0 */
  #countExpected(chunk: Uint8Array, scanner: RecordScanner): number {
    if (endOf(scanner.format) === "line") {
      scanner.records += countLineEnds(chunk);
      return chunk.lastIndexOf(NEWLINE) + 1;
    }
    const ends = this.#expectedEnds!;
    let read = 0;
    for (let at = ends.next(chunk, 0); at >= 0; at = ends.next(chunk, at)) {
      scanner.records++;
      read = at;
    }
    return read;
  }

  /** Reads the record that earlier chunks have begun together with what follows of it. */
  #continueRecord(chunk: Uint8Array): void {
    const begun = this.#rest;
    const joined = Buffer.concat([begun, chunk.subarray(0, LONGEST_RECORD_BYTES)]);
    this.#rest = new Uint8Array();
    const before = this.#read;
    this.#readRecords(joined);
    const taken = this.#counter ? joined.length : this.#read - before;
    if (taken === 0) return;
    this.#rest = new Uint8Array();
    this.#readRecords(chunk.subarray(taken - begun.length));
  }

  /** Reads bytes that begin with a record. */
  #readRecords(bytes: Uint8Array): void {
    if (this.#counter) {
      this.#counter.add(bytes);
      return;
    }
    if (!this.#scanner) {
      const format = recognizedFormat(bytes);
      if (format) this.#scanner = new RecordScanner(format);
    }
    const used = this.#scanner?.scan(bytes) ?? 0;
    this.#read += used;
    const rest = bytes.subarray(used);
    if (this.#scanner?.bad) this.#countFrom(rest, this.#scanner.bad);
    else if (rest.length > LONGEST_RECORD_BYTES) this.#countFrom(rest, this.#endless());
    else this.#rest = Uint8Array.from(rest);
  }

  #endless(): BadRecord {
    return { kind: "record", reason: this.#scanner ? "it has no end" : "it is of no known format" };
  }

  #countFrom(bytes: Uint8Array, bad: BadRecord): void {
    this.#fault = { ...bad, record: this.#scanner?.records ?? 0, byte: this.#read };
    this.#counter = new RecordCounter(endOf(this.#scanner?.format));
    this.#counter.add(bytes);
  }
}

function endOf(format: FormatName | undefined): RecordEnd {
  return format === "script" ? "script" : "line";
}

/** The format that the first record has; undefined if it has none, or is not complete. */
export function recognizedFormat(bytes: Uint8Array): FormatName | undefined {
  const beginning = bytes.subarray(0, LONGEST_RECORD_BYTES);
  return FORMATS.find((name) => {
    const scanner = new RecordScanner(name);
    scanner.scan(beginning);
    return scanner.records > 0;
  });
}
