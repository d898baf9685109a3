import { isUtf8 } from "node:buffer";
import type { FormatName } from "../access-log/format.ts";
import { MOST_TIME_BYTES } from "../lines/layout.ts";
import { LOADED_BYTES, RecordTaker, type TakenKind } from "../lines/record-taker.ts";
import { recordSeconds } from "../time/record-time.ts";
import { LAYOUTS, type RecordLayout, type ValueKind } from "./record-layout.ts";

/** What is wrong with a record. */
export interface BadRecord {
  readonly kind: "record" | "time";
  readonly reason: string;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const LONGEST_TIME_BYTES = 40;
/** A longer one is not waited for. */
const LONGEST_TAKEN_BYTES = 4096;
/** Where no offset is written, a clock set back by an hour is no fault. */
const CLOCK_SET_BACK_SECONDS = 3600;

const KINDS: readonly ValueKind[] = ["time", "address", "word", "text", "number", "seconds", "status"];
const [TIME, ADDRESS, WORD, TEXT, NUMBER, SECONDS] = KINDS.map((_, index) => index) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

const IS_DIGIT = bytesThat((byte) => byte >= 0x30 && byte <= 0x39);
const IS_ADDRESS = bytesThat((byte) => /[0-9a-f:.]/i.test(String.fromCharCode(byte)));
const IS_WORD = bytesThat((byte) => byte > 0x20 && byte < 0x7f && byte !== QUOTE);
const IS_JSON_TEXT = bytesThat((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH);
const IS_PRINTABLE_TEXT = bytesThat(
  (byte) => byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH,
);
const IS_TIME = bytesThat((byte) => /[0-9A-Za-z:+/ -]/.test(String.fromCharCode(byte)));

const JSON_ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const HEX_ESCAPE = /^\\x[0-9a-fA-F]{2}/;

function bytesThat(isWanted: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isWanted(byte) ? 1 : 0));
}

/** What takes records without faults, escapes and new times: one for each format, as it is full of what it was given last. */
const takers = new Map<FormatName, RecordTaker>();

function takerOf(format: FormatName): RecordTaker {
  let taker = takers.get(format);
  if (!taker) {
    const { steps, end, escapes } = LAYOUTS[format];
    const kindOf = (kind: ValueKind): TakenKind =>
      kind === "text" && escapes === "hex" ? "printable" : kind;
    const taken = steps.map(({ before, kind }) => ({ before, kind: kindOf(kind) }));
    taker = new RecordTaker([...taken, { before: end, kind: undefined }]);
    takers.set(format, taker);
  }
  return taker;
}

/** Reads records of one format, and nothing else; the times of the records it is shown may not run backwards. */
export class RecordScanner {
  /** Records read so far. */
  records = 0;
  /** Of the record that begins where `scan()` has stopped before its end; undefined if that one is only not complete. */
  bad: BadRecord | undefined;
  /** Seconds of the first and the latest record, as `recordSeconds()` reads them. */
  firstSeconds: number | undefined;
  lastSeconds: number | undefined;
  readonly format: FormatName;
  readonly #layout: RecordLayout;
  readonly #literals: readonly Uint8Array[];
  readonly #kinds: Uint8Array;
  readonly #isText: Uint8Array;
  /** The time of the latest record as it is written. */
  readonly #timeBytes = new Uint8Array(LONGEST_TIME_BYTES);
  #timeLength = 0;

  readonly #mayTake: boolean;

  /** @param mayTake False reads every record by itself, which says what has to come of taking many at once. */
  constructor(format: FormatName, mayTake = true) {
    this.#mayTake = mayTake;
    this.format = format;
    this.#layout = LAYOUTS[format];
    this.#literals = this.#layout.steps.map(({ before }) => before);
    this.#kinds = Uint8Array.from(this.#layout.steps, ({ kind }) => KINDS.indexOf(kind));
    this.#isText = this.#layout.escapes === "json" ? IS_JSON_TEXT : IS_PRINTABLE_TEXT;
  }

  /**
   * Reads the whole records of a chunk that begins with a record.
   *
   * @returns where the first record begins that is not complete or, if `bad` is set afterwards, is bad
   */
  scan(bytes: Uint8Array): number {
    // Up to the last newline, so that no value runs beyond the end.
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const isUnicode = this.#layout.escapes === "hex" || isUtf8(bytes.subarray(0, end));
    let start = 0;
    let loadedFrom = 0;
    let loadedTo = 0;
    while (start < end && this.bad === undefined) {
      if (isUnicode && this.#mayTake) {
        if (start >= loadedTo) [loadedFrom, loadedTo] = this.#load(bytes, start, end);
        start = loadedFrom + this.#take(start - loadedFrom);
        // Of the record at the end of what was loaded the rest is missing.
        if (start > loadedFrom && loadedTo < end && loadedTo - start < LONGEST_TAKEN_BYTES) {
          loadedTo = start;
          continue;
        }
        if (start === end) break;
      }
      const after = this.#record(bytes, start, end);
      if (after < 0) return start;
      if (!isUnicode && !isUtf8(bytes.subarray(start, after))) {
        this.bad = this.#notOfFormat("not UTF-8");
        return start;
      }
      this.records++;
      start = after;
    }
    return start;
  }

  /** @returns from where to where the taker has what is to be taken */
  #load(bytes: Uint8Array, from: number, end: number): [from: number, to: number] {
    const to = Math.min(end, from + LOADED_BYTES);
    takerOf(this.format).load(bytes.subarray(from, to));
    return [from, to];
  }

  #take(from: number): number {
    const taker = takerOf(this.format);
    const isShort = this.#timeLength <= MOST_TIME_BYTES;
    taker.setTime(this.#timeBytes.subarray(0, isShort ? this.#timeLength : 0));
    const after = taker.take(from);
    this.records += taker.records;
    return after;
  }

  /** @returns where the record ends, or -1 */
  #record(bytes: Uint8Array, start: number, end: number): number {
    const literals = this.#literals;
    const kinds = this.#kinds;
    let at = start;
    for (let step = 0; step < literals.length; step++) {
      at = this.#literal(bytes, start, at, end, literals[step]!);
      if (at < 0) return -1;
      const from = at;
      const kind = kinds[step];
      if (kind === TEXT) at = this.#text(bytes, at);
      else if (kind === TIME) at = this.#time(bytes, at);
      else if (kind === ADDRESS) at = pastAll(bytes, at, IS_ADDRESS);
      else if (kind === WORD) at = pastAll(bytes, at, IS_WORD);
      else if (kind === NUMBER) at = pastAll(bytes, at, IS_DIGIT);
      else if (kind === SECONDS) at = pastSeconds(bytes, at);
      else at = pastAll(bytes, at, IS_DIGIT) === at + 3 ? at + 3 : -1;
      if (at < 0 || (at === from && kind !== TEXT)) {
        this.bad ??= this.#notOfFormat(`from its byte ${from - start} on`);
        return -1;
      }
    }
    return this.#literal(bytes, start, at, end, this.#layout.end);
  }

  /** @returns where the literal ends, or -1 */
  #literal(bytes: Uint8Array, start: number, from: number, end: number, literal: Uint8Array): number {
    let at = from;
    for (let index = 0; index < literal.length; index++, at++) {
      if (at >= end) return -1;
      if (bytes[at] !== literal[index]) {
        this.bad = this.#notOfFormat(`from its byte ${at - start} on`);
        return -1;
      }
    }
    return at;
  }

  #text(bytes: Uint8Array, from: number): number {
    const isText = this.#isText;
    let at = from;
    for (;;) {
      while (isText[bytes[at]!] === 1) at++;
      if (bytes[at] === QUOTE) return at;
      if (bytes[at] !== BACKSLASH) return -1;
      const pattern = this.#layout.escapes === "json" ? JSON_ESCAPE : HEX_ESCAPE;
      const match = pattern.exec(Buffer.from(bytes.subarray(at, at + 6)).toString("latin1"));
      if (match === null) return -1;
      at += match[0].length;
    }
  }

  #time(bytes: Uint8Array, from: number): number {
    const length = this.#timeLength;
    let same = 0;
    while (same < length && bytes[from + same] === this.#timeBytes[same]) same++;
    if (length > 0 && same === length && IS_TIME[bytes[from + length]!] === 0) return from + length;
    const at = pastAll(bytes, from, IS_TIME);
    const text = Buffer.from(bytes.subarray(from, Math.min(at, from + LONGEST_TIME_BYTES))).toString(
      "latin1",
    );
    const seconds = recordSeconds(text, this.#layout.time);
    if (seconds === undefined) return -1;
    const earliest = this.#earliest();
    if (seconds < earliest) {
      const before = Buffer.from(this.#timeBytes.subarray(0, length)).toString("latin1");
      this.bad = { kind: "time", reason: `its time ${text} is before ${before} of the record before` };
      return -1;
    }
    this.firstSeconds ??= seconds;
    this.lastSeconds = seconds;
    this.#timeBytes.set(bytes.subarray(from, at));
    this.#timeLength = at - from;
    return at;
  }

  #earliest(): number {
    const last = this.lastSeconds ?? Number.NEGATIVE_INFINITY;
    return this.#layout.time.hasOffset ? last : last - CLOCK_SET_BACK_SECONDS;
  }

  #notOfFormat(detail: string): BadRecord {
    return { kind: "record", reason: `it is not of the format ${this.format} (${detail})` };
  }
}

/** Skips bytes of a class; the class has no newline, which ends the bytes. */
function pastAll(bytes: Uint8Array, from: number, isWanted: Uint8Array): number {
  let at = from;
  while (isWanted[bytes[at]!] === 1) at++;
  return at;
}

function pastSeconds(bytes: Uint8Array, from: number): number {
  const dot = pastAll(bytes, from, IS_DIGIT);
  if (dot === from || bytes[dot] !== DOT) return -1;
  const end = pastAll(bytes, dot + 1, IS_DIGIT);
  return end === dot + 4 ? end : -1;
}
