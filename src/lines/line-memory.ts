import { FIRST_FREE, SLACK_BYTES } from "./layout.ts";
import { SCALAR, SIMD } from "./modules.ts";

/** What core/index.ts exports; addresses are offsets into the memory, and nothing in there looks at bounds. */
export interface Core {
  countNewlines(from: number, to: number): number;
  lastLineEnd(from: number, to: number): number;
  lineEnd(from: number, to: number, number: number): number;
  stampLines(target: number, targetEnd: number): number;
  emptyGroups(): void;
  takeLines(): number;
  takeRecords(from: number, to: number): number;
}

const PAGE_BYTES = 65_536;

/** Steps of 16 bytes, or of 8, which are there on every processor. */
export type Width = "simd" | "scalar";

const compiled: Partial<Record<Width, WebAssembly.Module>> = {};

/**
 * Memory in which the vector core finds and copies lines. What is read into it and written out of it by calls of the
 * system is nowhere copied. Only what has been touched of it takes room.
 */
export class LineMemory {
  /** All of it: an offset into these bytes is an address for the core. */
  readonly bytes: Buffer;
  readonly core: Core;
  readonly #words: DataView;
  #free = FIRST_FREE;

  /**
   * @param byteCount How much of it will be given out, at most.
   * @param width By default what the processor can: the runtime's SIMD wants AVX.
   */
  constructor(byteCount: number, width: Width = bestWidth()) {
    const pages = Math.ceil((FIRST_FREE + byteCount + SLACK_BYTES) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.core = new WebAssembly.Instance(moduleOf(width), { env: { memory } }).exports as unknown as Core;
    this.bytes = Buffer.from(memory.buffer);
    this.#words = new DataView(memory.buffer);
  }

  /**
   * Gives out memory that nobody has yet, full of zeros.
   *
   * @param slackBytes So much behind it may be overwritten as well.
   * @returns where it begins, as a multiple of 16
   * @throws RangeError if there is not so much left
   */
  allot(byteCount: number, slackBytes = SLACK_BYTES): number {
    const at = this.#free;
    const end = at + byteCount + slackBytes;
    if (!(byteCount >= 0) || end > this.bytes.length) throw new RangeError("no such memory is left");
    this.#free = Math.ceil(end / 16) * 16;
    return at;
  }

  /** How much a use of `allot()` takes. */
  static sizeOf(byteCount: number): number {
    return Math.ceil((byteCount + SLACK_BYTES) / 16) * 16;
  }

  /** How many line ends there are. */
  countLines(from: number, to: number): number {
    this.check(from, to);
    return this.core.countNewlines(from, to) >>> 0;
  }

  /** Behind the last line end; `from` if there is none. */
  lastLineEnd(from: number, to: number): number {
    this.check(from, to);
    return this.core.lastLineEnd(from, to);
  }

  /** Behind the line end of this number, the first being 1; undefined if there are not so many. */
  lineEnd(from: number, to: number, number: number): number | undefined {
    this.check(from, to);
    if (!(number >= 1 && number < 2 ** 32)) throw new RangeError("there is no such line end");
    return this.core.lineEnd(from, to, number) || undefined;
  }

  wordAt(address: number): number {
    return this.#words.getUint32(address, true);
  }

  setWord(address: number, value: number): void {
    this.#words.setUint32(address, value, true);
  }

  /** @throws RangeError unless all of that, and what a step may reach beyond it, is in the memory */
  check(from: number, to: number): void {
    const isInside = from >= 0 && from <= to && to <= this.bytes.length - SLACK_BYTES;
    if (!isInside || !Number.isInteger(from) || !Number.isInteger(to))
      throw new RangeError(`${from} to ${to} is not in the memory`);
  }
}

/** What the core's steps are on this processor. */
export function bestWidth(): Width {
  try {
    moduleOf("simd");
    return "simd";
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return "scalar";
    throw error;
  }
}

/** Compiled when it is first used: a command that looks at no line pays nothing. */
function moduleOf(width: Width): WebAssembly.Module {
  compiled[width] ??= new WebAssembly.Module(Buffer.from(width === "simd" ? SIMD : SCALAR, "base64"));
  return compiled[width];
}
