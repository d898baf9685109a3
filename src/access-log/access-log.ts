import type { TimeZone, ZonePeriod } from "../time/zone.ts";
import { FORMAT, type FormatName } from "./format.ts";
import { RecordWriter } from "./record-writer.ts";
import { Traffic } from "./traffic.ts";

export interface AccessLogOptions {
  readonly format: FormatName;
  /** A whole number below 2^53. The same seed, start and step give the same bytes on every machine. */
  readonly seed: number;
  /**
   * Where in the log to begin, counted from 0, below 2^50; 0 if it is left out. With a step, a record's bytes depend on
   * its place in the log and not on where the log was entered. Entering costs at most the making of 2^18 requests.
   */
  readonly firstRecord?: number | undefined;
  /** The time of record 0 in Unix milliseconds; counts only with a step. */
  readonly startMs: number;
  /** From one record to the next, to a microsecond; undefined: each record has the time at which it is written. */
  readonly stepMs: number | undefined;
  readonly zone: TimeZone;
  /** The time of day in Unix milliseconds; may jump back, the records never do. */
  readonly now: () => number;
}

/** What ends a portion of a log: the limit that is reached first. */
export interface LogLimits {
  readonly records?: number | undefined;
  /** No more than so many, in whole records. */
  readonly bytes?: number | undefined;
}

const CHUNK_BYTES = 128 * 1024;
const MICROSECONDS = 1_000_000;

/** A simulated access log that goes on for ever: each portion begins where the one before ended. */
export class AccessLog {
  /** Records in the chunk that `chunk()` returned last. */
  chunkRecords = 0;
  /** All that was written until now. */
  writtenRecords = 0;
  writtenBytes = 0;
  readonly #options: AccessLogOptions;
  readonly #traffic: Traffic;
  readonly #writer: RecordWriter;
  readonly #stepMicroseconds: number;
  /** The latest request did not fit and will be the next record. */
  #isHeldBack = false;
  /** The time of the next record: Unix seconds, and microseconds beyond them. */
  #seconds: number;
  #microseconds: number;
  #period: ZonePeriod | undefined;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    const { firstRecord = 0, stepMs } = options;
    this.#traffic = new Traffic(options.seed, firstRecord);
    this.#writer = new RecordWriter(FORMAT[options.format], CHUNK_BYTES);
    for (const [slot, visitor] of this.#traffic.visitors.entries())
      if (visitor) this.#writer.setVisitor(slot, visitor);
    this.#stepMicroseconds = Math.round((stepMs ?? 0) * 1000);
    const startMs = stepMs === undefined ? options.now() : options.startMs;
    this.#seconds = Math.floor(startMs / 1000);
    this.#microseconds = Math.round((startMs - this.#seconds * 1000) * 1000);
    const passed = BigInt(this.#stepMicroseconds) * BigInt(firstRecord) + BigInt(this.#microseconds);
    this.#seconds += Number(passed / BigInt(MICROSECONDS));
    this.#microseconds = Number(passed % BigInt(MICROSECONDS));
    this.#showTime();
  }

  /** The next records, up to a limit. Portions have to be taken one after the other. */
  portion(limits: LogLimits): Portion {
    return new Portion(this, limits);
  }

  /**
   * Writes the next records: as many as the buffer holds and the limits allow.
   *
   * @returns a view of the buffer, overwritten by the next call; empty if the limits allow no record
   */
  chunk(mostRecords: number, mostBytes: number): Uint8Array {
    const writer = this.#writer;
    if (this.#options.stepMs === undefined) this.#followClock();
    writer.clear();
    let records = 0;
    while (records < mostRecords && !writer.isFull) {
      if (!this.#isHeldBack) this.#traffic.next();
      this.#isHeldBack = !writer.write(this.#traffic, mostBytes);
      if (this.#isHeldBack) break;
      records++;
      this.#microseconds += this.#stepMicroseconds;
      if (this.#microseconds >= MICROSECONDS) this.#nextSecond();
    }
    const { output } = writer;
    this.chunkRecords = records;
    this.writtenRecords += records;
    this.writtenBytes += output.length;
    return output;
  }

  /** The size of the record that comes next. */
  nextRecordBytes(): number {
    const writer = this.#writer;
    writer.clear();
    if (!this.#isHeldBack) this.#traffic.next();
    this.#isHeldBack = true;
    writer.write(this.#traffic, Number.POSITIVE_INFINITY);
    const { sizeBytes } = writer;
    writer.clear();
    return sizeBytes;
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

/** Records of a log up to a limit, in chunks that are overwritten when the next one is asked for. */
export class Portion implements Iterable<Uint8Array> {
  readonly #log: AccessLog;
  #recordsLeft: number;
  #bytesLeft: number;

  constructor(log: AccessLog, limits: LogLimits) {
    this.#log = log;
    this.#recordsLeft = limits.records ?? Number.POSITIVE_INFINITY;
    this.#bytesLeft = limits.bytes ?? Number.POSITIVE_INFINITY;
  }

  get isFinished(): boolean {
    return this.#recordsLeft === 0 || this.#bytesLeft === 0;
  }

  /** The next chunk of no more than `mostRecords`; empty at the end of the portion. */
  chunk(mostRecords = Number.POSITIVE_INFINITY): Uint8Array {
    const chunk = this.#log.chunk(Math.min(mostRecords, this.#recordsLeft), this.#bytesLeft);
    if (chunk.length === 0) this.#recordsLeft = 0;
    else this.#recordsLeft -= this.#log.chunkRecords;
    this.#bytesLeft -= chunk.length;
    return chunk;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let chunk = this.chunk(); chunk.length > 0; chunk = this.chunk()) yield chunk;
  }
}
