/**
 * The layout of a file that outlives a kill -9: what was read, and how much of it had been written where. It is memory
 * that the file shares, so keeping it costs no call. All that belongs together is written beside what holds, and then
 * one store makes it hold.
 */
import { LINE_BYTES } from "../lines/layout.ts";
import type { Moment } from "../tai64n/label.ts";
import { INPUT_BUFFER_BYTES } from "./lines.ts";

/** What is known of the writing into one log directory since the delivery began. */
export interface Written {
  readonly device: number;
  readonly inode: number;
  /** The inode of `current`, and how large it was when this was noted. */
  readonly currentInode: number;
  readonly currentBytes: number;
  /** Bytes of the delivery that were in the directory by then. */
  readonly writtenBytes: number;
}

export interface State {
  /** The input of the delivery: none, about to be read, or read and being written. */
  readonly phase: "none" | "reading" | "read";
  readonly inputAt: number;
  readonly inputBytes: number;
  readonly stampedAt: Moment;
  /** The first bytes of the line that the delivery before has left unfinished, and when it was stamped. */
  readonly line: Uint8Array;
  readonly lineStampedAt: Moment;
  readonly progress: readonly Written[];
  /** Stands for what decided which bytes a directory got. */
  readonly scriptKey: number;
}

export const MAX_DIRECTORIES = 64;

const FORMAT = 0x6c6f6701;
const PHASES = ["none", "reading", "read"] as const;
const PROGRESS_WORDS = 5;
const BLOCK_WORDS = 8 + PROGRESS_WORDS * MAX_DIRECTORIES;
const HEAD_WORDS = 8;
const LINES_AT = 8 * (HEAD_WORDS + 2 * BLOCK_WORDS);
const PAGE_BYTES = 4096;
const INPUT_AT = Math.ceil((LINES_AT + 2 * LINE_BYTES) / PAGE_BYTES) * PAGE_BYTES;
const INPUT_PAGES = Math.ceil(INPUT_BUFFER_BYTES / PAGE_BYTES);

export const RECORD_BYTES = INPUT_AT + INPUT_PAGES * PAGE_BYTES;

/** Bytes that no text in UTF-8 has: where they still are after a read was begun, nothing was read. */
const UNTOUCHED = Uint8Array.of(
  0xff,
  0xf8,
  0xfe,
  0xf9,
  0xfd,
  0xfa,
  0xfc,
  0xfb,
  0xff,
  0xfb,
  0xfe,
  0xfa,
  0xfd,
  0xf9,
  0xfc,
  0xf8,
);

export class UnwrittenRecord {
  /** Where input is read to. */
  readonly input: Buffer;
  readonly #words: Float64Array;
  readonly #lines: readonly [Buffer, Buffer];

  /** @param memory RECORD_BYTES of them, as an earlier writer left them. */
  constructor(memory: ArrayBuffer) {
    this.#words = new Float64Array(memory, 0, HEAD_WORDS + 2 * BLOCK_WORDS);
    this.#lines = [
      Buffer.from(memory, LINES_AT, LINE_BYTES),
      Buffer.from(memory, LINES_AT + LINE_BYTES, LINE_BYTES),
    ];
    this.input = Buffer.from(memory, INPUT_AT, INPUT_BUFFER_BYTES);
  }

  /**
   * What the last writer left.
   *
   * @param key Stands for the boot and the file: what another boot or a copy of the file says is not believed.
   */
  read(key: number): State | undefined {
    const words = this.#words;
    if (words[0] !== FORMAT || words[1] !== key) return undefined;
    const at = this.#activeAt;
    const count = words[at + 7]!;
    const lineBytes = words[at + 1]!;
    const inputAt = words[at + 3]!;
    const inputBytes = words[at + 4]!;
    const phase = PHASES[words[at]!];
    const fits =
      count <= MAX_DIRECTORIES && lineBytes <= LINE_BYTES && inputAt + inputBytes <= INPUT_BUFFER_BYTES;
    if (!phase || !fits) return undefined;
    return {
      phase,
      inputAt,
      inputBytes,
      stampedAt: momentOf(words[at + 5]!),
      line: Uint8Array.from(this.#lines[this.#active]!.subarray(0, lineBytes)),
      lineStampedAt: momentOf(words[at + 2]!),
      scriptKey: words[at + 6]!,
      progress: Array.from({ length: count }, (_, index) => {
        const from = at + 8 + index * PROGRESS_WORDS;
        const [device, inode, currentInode, currentBytes, writtenBytes] = words.subarray(
          from,
          from + PROGRESS_WORDS,
        );
        return {
          device: device!,
          inode: inode!,
          currentInode: currentInode!,
          currentBytes: currentBytes!,
          writtenBytes: writtenBytes!,
        };
      }),
    };
  }

  /** Replaces all that is noted by a state, in one step; its input has to be in `input` already. */
  write(key: number, state: State): void {
    const next = 1 - this.#active;
    const at = HEAD_WORDS + next * BLOCK_WORDS;
    const words = this.#words;
    words[at] = PHASES.indexOf(state.phase);
    words[at + 1] = state.line.length;
    words[at + 2] = numberOf(state.lineStampedAt);
    words[at + 3] = state.inputAt;
    words[at + 4] = state.inputBytes;
    words[at + 5] = numberOf(state.stampedAt);
    words[at + 6] = state.scriptKey;
    words[at + 7] = state.progress.length;
    let slot = at + 8;
    for (const { device, inode, currentInode, currentBytes, writtenBytes } of state.progress) {
      words[slot] = device;
      words[slot + 1] = inode;
      words[slot + 2] = currentInode;
      words[slot + 3] = currentBytes;
      words[slot + 4] = writtenBytes;
      slot += PROGRESS_WORDS;
    }
    this.#lines[next]!.set(state.line);
    words[2] = next;
    words[1] = key;
    words[0] = FORMAT;
  }

  /** The delivery has been read: so many bytes. */
  noteRead(byteCount: number): void {
    const at = this.#activeAt;
    this.#words[at + 4] = byteCount;
    this.#words[at] = PHASES.indexOf("read");
  }

  /** The stamp that the lines of the delivery get. */
  noteStamp(moment: Moment): void {
    this.#words[this.#activeAt + 5] = numberOf(moment);
  }

  /** Makes it seen whether a read of exactly so many bytes has happened, and the memory ready to be read to. */
  prepareRead(at: number, byteCount: number): void {
    const end = at + byteCount;
    for (let page = at; page < end; page += PAGE_BYTES) this.input[page] = 0xff;
    const marked = Math.min(UNTOUCHED.length, byteCount);
    for (let index = 0; index < marked; index++) this.input[end - marked + index] = UNTOUCHED[index]!;
  }

  /** Whether a read for which the memory was prepared has happened. */
  hasRead(at: number, byteCount: number): boolean {
    const marked = Math.min(UNTOUCHED.length, byteCount);
    const end = at + byteCount;
    return Buffer.compare(this.input.subarray(end - marked, end), UNTOUCHED.subarray(0, marked)) !== 0;
  }

  get #active(): 0 | 1 {
    return this.#words[2] === 1 ? 1 : 0;
  }

  get #activeAt(): number {
    return HEAD_WORDS + this.#active * BLOCK_WORDS;
  }
}

/** Microseconds are all that a stamp of multilog shows, besides its constant half of one. */
function numberOf({ unixSeconds, nanoseconds }: Moment): number {
  return unixSeconds * 1e6 + Math.floor(nanoseconds / 1000);
}

function momentOf(microseconds: number): Moment {
  const unixSeconds = Math.floor(microseconds / 1e6);
  return { unixSeconds, nanoseconds: (microseconds - unixSeconds * 1e6) * 1000 + 500 };
}
