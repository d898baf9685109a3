import { LINE_BYTES } from "../lines/layout.ts";
import { isFinishedName } from "../system/finished-name.ts";
import type { Clock, Moment } from "../tai64n/label.ts";
import { INPUT_BUFFER_BYTES } from "./lines.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { Surroundings } from "./surroundings.ts";
import {
  MAX_DIRECTORIES,
  RECORD_BYTES,
  type State,
  UnwrittenRecord,
  type Written,
} from "./unwritten-record.ts";

/** Beside `lock`; daemontools looks at no name but its own. */
export const RECORD_NAME = "unwritten";

/** What may still be called so after a crash; one that has an old file's name has been followed by a noted one. */
const CURRENT_NAMES = ["current", "previous"];
const NEWLINE = 0x0a;
const NO_MOMENT: Moment = { unixSeconds: 0, nanoseconds: 500 };
const NOTHING = new Uint8Array(0);

/** What a killed writer had read and not written. */
export interface Leftover {
  /** The beginning of a line, of which all that is due has been written. */
  readonly line: Uint8Array;
  /** When the line was stamped that the input goes on with, or begins with; undefined: with `stampedAt`. */
  readonly lineStampedAt: Moment | undefined;
  /** What came after it. */
  readonly input: Uint8Array;
  readonly stampedAt: Moment;
}

/**
 * Keeps what has been read until it is written, so that a kill -9 in between loses nothing and doubles nothing. The
 * record lies in the first directory of the script; where it cannot be, everything works without it.
 *
 * What the next writer finds out by it: a directory has the bytes noted for it and what its `current` has grown by
 * since then, under whatever name that file is now. A script that gives other bytes to its directories gets all of the
 * delivery that was being written: then some of it is there twice, but nothing is missing.
 */
export class Unwritten {
  readonly #surroundings: Surroundings;
  readonly #scriptKey: number;
  #record: UnwrittenRecord | undefined;
  /** Stands for this boot and this file. */
  #key = 0;
  #state: State;
  #stampedAt = NO_MOMENT;
  readonly #directories: ScriptDirectory[] = [];
  #hadOtherWriter = false;

  /** @param scriptKey Stands for what decides which bytes a directory gets. */
  constructor(surroundings: Surroundings, scriptKey: number) {
    this.#surroundings = surroundings;
    this.#scriptKey = scriptKey;
    this.#state = this.#idle(NOTHING, NO_MOMENT);
  }

  /**
   * To be called for each directory of the script before it is recovered, while everything is as it was left.
   *
   * @returns whether what was not written yet belongs behind what is in its `current`
   */
  meet(log: LogDirectory): boolean {
    const { device, inode } = this.#surroundings.files.status(log.fd);
    if (this.#directories.length === 0) this.#open();
    const { scriptKey, progress } = this.#state;
    const noted = progress.find((one) => one.device === device && one.inode === inode);
    const isKnown = noted !== undefined && scriptKey === this.#scriptKey;
    let missingFrom = 0;
    let isPutAway = false;
    let isCurrent = false;
    if (isKnown) {
      const found = this.#find(noted);
      missingFrom = noted.writtenBytes + found.growth;
      isPutAway = found.isPutAway;
      isCurrent = found.isCurrent;
      this.#hadOtherWriter ||= found.isFollowed;
    }
    this.#directories.push({ log, device, inode, currentInode: 0, base: -missingFrom, isPutAway });
    return isCurrent;
  }

  #open(): void {
    const { files } = this.#surroundings;
    try {
      const record = new UnwrittenRecord(files.openMapped(RECORD_NAME, RECORD_BYTES, 0o600));
      const { device, inode } = files.statusOf(RECORD_NAME)!;
      this.#key = hashOf(`${files.bootId()} ${device} ${inode}`);
      this.#state = record.read(this.#key) ?? this.#state;
      this.#record = record;
    } catch {
      // No room on the disk, or a file system that shares no memory: as without a record.
    }
  }

  /** What has become of the file that was `current` when this was noted. */
  #find({ currentInode, currentBytes }: Written): {
    readonly growth: number;
    readonly isFollowed: boolean;
    readonly isPutAway: boolean;
    readonly isCurrent: boolean;
  } {
    const { files } = this.#surroundings;
    const sizeOf = (name: string) => files.statusOf(name)?.sizeBytes ?? 0;
    const names = files.list(".").filter((name) => isFinishedName(name) || CURRENT_NAMES.includes(name));
    const name = names.find((one) => files.statusOf(one)?.inode === currentInode);
    if (name === undefined) return { growth: 0, isFollowed: true, isPutAway: true, isCurrent: false };
    const growth = Math.max(0, sizeOf(name) - currentBytes);
    const isCurrent = files.statusOf("current")?.inode === currentInode;
    const isPutAway = isFinishedName(name) && !isCurrent;
    // A writer that was killed at its start has left empty files.
    const isFollowed = isPutAway && names.some((other) => other > name && sizeOf(other) > 0);
    return { growth, isFollowed, isPutAway, isCurrent };
  }

  /** Whether a writer that keeps no record has written since: then the input that followed has gone there. */
  get hadOtherWriter(): boolean {
    return this.#hadOtherWriter;
  }

  /**
   * To be called once all directories are open.
   *
   * @returns what has to be written before anything new; `writtenTo()` says how much of it is there already
   */
  begin(): Leftover | undefined {
    if (this.#directories.length > MAX_DIRECTORIES) this.#record = undefined;
    if (!this.#record) return undefined;
    for (const directory of this.#directories) {
      this.#noteCurrent(directory);
      directory.log.onNewCurrent = () => {
        this.#noteCurrent(directory);
        this.#note({ ...this.#state, stampedAt: this.#stampedAt });
      };
    }
    const { phase, line, inputAt, inputBytes } = this.#state;
    const hasInput = phase === "read" || (phase === "reading" && this.#record.hasRead(inputAt, inputBytes));
    // Killed before it could look at the clock: now is the moment.
    const stampedAt = momentOrNone(this.#state.stampedAt) ?? this.#surroundings.clock();
    this.#stampedAt = stampedAt;
    this.#note({ ...this.#state, phase: hasInput ? "read" : "none", scriptKey: this.#scriptKey, stampedAt });
    const input = hasInput
      ? Uint8Array.from(this.#record.input.subarray(inputAt, inputAt + inputBytes))
      : NOTHING;
    return { line, lineStampedAt: momentOrNone(this.#state.lineStampedAt), input, stampedAt };
  }

  /** How many of the bytes that become of the leftover input have been in a directory when it was met. */
  writtenTo(log: LogDirectory): number {
    return -(this.#directories.find((directory) => directory.log === log)?.base ?? 0);
  }

  /** Whether another writer has made an old file of what was written: a line that the kill has cut there cannot go on. */
  isPutAway(log: LogDirectory): boolean {
    return this.#directories.find((directory) => directory.log === log)?.isPutAway ?? false;
  }

  /** The last of the bytes that a directory has are written once more. */
  repeat(log: LogDirectory, byteCount: number): void {
    const directory = this.#directories.find((one) => one.log === log);
    if (!directory || byteCount === 0) return;
    directory.base += byteCount;
    this.#note({ ...this.#state, stampedAt: this.#stampedAt });
  }

  /** True if a kill -9 loses nothing of what has been read. */
  get isKept(): boolean {
    return this.#record !== undefined;
  }

  /** Where input is to be read to. */
  get input(): Buffer {
    return this.#record?.input ?? Buffer.allocUnsafeSlow(INPUT_BUFFER_BYTES);
  }

  /**
   * Input is about to be read to `input`.
   *
   * @param byteCount As many as will be read; undefined if that is not known.
   * @param begunAt When its first line was begun, if that was earlier.
   */
  willRead(at: number, byteCount: number | undefined, begunAt?: Moment): void {
    if (!this.#record) return;
    if (byteCount !== undefined) this.#record.prepareRead(at, byteCount);
    this.#rebase();
    const phase = byteCount === undefined ? "none" : "reading";
    const isInLine = this.#state.line.length > 0;
    const lineStampedAt = isInLine ? this.#state.lineStampedAt : (begunAt ?? NO_MOMENT);
    this.#note({ ...this.#state, phase, inputAt: at, inputBytes: byteCount ?? 0, lineStampedAt });
  }

  /** So many bytes were read and are now being written. */
  hasRead(byteCount: number): void {
    if (!this.#record) return;
    this.#state = { ...this.#state, phase: "read", inputBytes: byteCount };
    this.#record.noteRead(byteCount);
  }

  /** The clock for the stamps of lines, whose moments are noted. */
  readonly clock: Clock = () => {
    this.#stampedAt = this.#surroundings.clock();
    this.#record?.noteStamp(this.#stampedAt);
    return this.#stampedAt;
  };

  /** All whole lines of what was read are written. @param input What was read. @returns what is kept of the line begun */
  isWritten(input: Uint8Array): { line: Uint8Array; lineStampedAt: Moment } {
    const newline = input.lastIndexOf(NEWLINE);
    const isSameLine = newline === -1;
    const rest =
      isSameLine && this.#state.line.length > 0
        ? Buffer.concat([this.#state.line, input])
        : input.subarray(newline + 1);
    const line = Uint8Array.from(rest.subarray(0, LINE_BYTES));
    const lineStampedAt =
      (isSameLine ? momentOrNone(this.#state.lineStampedAt) : undefined) ?? this.#stampedAt;
    this.#rebase();
    if (this.#record) this.#note(this.#idle(line, lineStampedAt));
    return { line, lineStampedAt };
  }

  #noteCurrent(directory: ScriptDirectory): void {
    directory.currentInode = this.#surroundings.files.status(directory.log.current).inode;
  }

  #rebase(): void {
    for (const directory of this.#directories) directory.base = directory.log.writtenBytes;
  }

  #note(state: State): void {
    const progress = this.#directories.map(({ log, device, inode, currentInode, base }) => {
      return {
        device,
        inode,
        currentInode,
        currentBytes: log.currentBytes,
        writtenBytes: log.writtenBytes - base,
      };
    });
    this.#state = { ...state, progress };
    this.#record!.write(this.#key, this.#state);
  }

  #idle(line: Uint8Array, lineStampedAt: Moment): State {
    const nothing = { inputAt: 0, inputBytes: 0, stampedAt: NO_MOMENT, progress: [] };
    return { phase: "none", line, lineStampedAt, scriptKey: this.#scriptKey, ...nothing };
  }
}

/** A directory of the script. */
interface ScriptDirectory {
  readonly log: LogDirectory;
  readonly device: number;
  readonly inode: number;
  currentInode: number;
  /** What it had been given when the delivery began, as the directory counts. */
  base: number;
  readonly isPutAway: boolean;
}

function momentOrNone(moment: Moment): Moment | undefined {
  return moment.unixSeconds === NO_MOMENT.unixSeconds ? undefined : moment;
}

/** A number of 52 bits. */
export function hashOf(text: string): number {
  return Number(Bun.hash(text) & 0xfffffffffffffn);
}
