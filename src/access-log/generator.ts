import type { TimeZone, ZonePeriod } from "../system/time-zone.ts";
import { FORMAT, type FormatName } from "./format.ts";
import { RecordWriter } from "./record-writer.ts";
import { Traffic } from "./traffic.ts";

export interface AccessLogOptions {
  readonly format: FormatName;
  /** A whole number below 2^53. The same seed, start and step give the same bytes on every machine. */
  readonly seed: number;
  /** The time of the first record, Unix milliseconds; counts only with a step. */
  readonly startMs: number;
  /** From one record to the next, to a thousandth; undefined: each record has the time at which it is written. */
  readonly stepMs: number | undefined;
  readonly zone: TimeZone;
  /** Ends the log after so many records. */
  readonly records?: number;
  /** Ends the log before the record with which it would become larger. */
  readonly bytes?: number;
  /** The time of day in Unix milliseconds; may jump back, the records do not. */
  readonly now: () => number;
}

const CHUNK_BYTES = 128 * 1024;
const MICROSECONDS = 1_000_000;

/** Yields chunks of whole records; a chunk is overwritten when the next one is asked for. */
export function* accessLog(options: AccessLogOptions): Generator<Uint8Array> {
  const log = new AccessLog(options);
  while (!log.isFinished) yield log.chunk();
}

/** A log in the making, for callers that count records or decide when they are written. */
export class AccessLog {
  /** Records in the chunk that `chunk()` returned last. */
  chunkRecords = 0;
  readonly #options: AccessLogOptions;
  readonly #traffic: Traffic;
  readonly #writer: RecordWriter;
  readonly #stepMicroseconds: number;
  #recordsLeft: number;
  #bytesLeft: number;
  /** The time of the next record: Unix seconds, and microseconds beyond them. */
  #seconds: number;
  #microseconds: number;
  #period: ZonePeriod | undefined;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#traffic = new Traffic(options.seed);
    this.#writer = new RecordWriter(FORMAT[options.format], CHUNK_BYTES);
    this.#stepMicroseconds = Math.round((options.stepMs ?? 0) * 1000);
    this.#recordsLeft = options.records ?? Number.POSITIVE_INFINITY;
    this.#bytesLeft = options.bytes ?? Number.POSITIVE_INFINITY;
    const startMs = options.stepMs === undefined ? options.now() : options.startMs;
    this.#seconds = Math.floor(startMs / 1000);
    this.#microseconds = Math.round((startMs - this.#seconds * 1000) * 1000);
    this.#showTime();
  }

  get isFinished(): boolean {
    return this.#recordsLeft <= 0 || this.#bytesLeft <= 0;
  }

  /**
   * Writes the next records: as many as fit into the buffer, and no more than `mostRecords`.
   *
   * @returns a view of the buffer, overwritten by the next call; empty if not one more record fits the limits
   */
  chunk(mostRecords = Number.POSITIVE_INFINITY): Uint8Array {
    const writer = this.#writer;
    const most = Math.min(mostRecords, this.#recordsLeft);
    if (this.#options.stepMs === undefined) this.#followClock();
    writer.clear();
    let records = 0;
    while (records < most && !writer.isFull) {
      this.#traffic.next();
      if (!writer.write(this.#traffic, this.#bytesLeft)) {
        this.#recordsLeft = 0;
        break;
      }
      records++;
      this.#microseconds += this.#stepMicroseconds;
      if (this.#microseconds >= MICROSECONDS) this.#nextSecond();
    }
    this.chunkRecords = records;
    this.#recordsLeft -= records;
    this.#bytesLeft -= writer.sizeBytes;
    return writer.output;
  }

  #followClock(): void {
    const seconds = Math.floor(this.#options.now() / 1000);
    if (seconds <= this.#seconds) return;
    this.#seconds = seconds;
    this.#showTime();
  }

  #nextSecond(): void {
    const seconds = Math.floor(this.#microseconds / MICROSECONDS);
    this.#seconds += seconds;
    this.#microseconds -= seconds * MICROSECONDS;
    this.#showTime();
  }

  #showTime(): void {
    const isKnown = this.#period && this.#seconds >= this.#period.from && this.#seconds < this.#period.until;
    if (!isKnown) this.#period = this.#options.zone.period(this.#seconds);
    this.#writer.setTime(this.#seconds, this.#period!);
  }
}
