import { type Boundary, PieceBoundaries, type SplitLimits } from "./boundaries.ts";

export type { SplitLimits } from "./boundaries.ts";

/** Whole records that belong together, in memory. */
export interface Piece {
  /** A view into a buffer that `allocate` returned. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** More of the stream is known to follow; if false, nothing may follow. */
  readonly isFollowed: boolean;
}

const FIRST_BUFFER_BYTES = 256 * 1024;
const LARGEST_FIRST_BUFFER_BYTES = 64 * 1024 * 1024;

/**
 * Splits a stream into pieces of whole records; the last one may have no end and is kept as it is.
 *
 * The source may reuse a chunk once it is asked for the next one. A buffer belongs to the piece that is yielded from
 * it; one that proves too small, which with a limit in bytes needs a record larger than the limit, is given up.
 *
 * @param allocate Returns a buffer of at least the given size that nobody else uses.
 */
export async function* splitRecords(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: SplitLimits,
  allocate: (sizeBytes: number) => Uint8Array,
): AsyncGenerator<Piece> {
  const boundaries = new PieceBoundaries(limits);
  const collector = new Collector(limits, allocate);
  for await (const chunk of source) {
    const chunkStart = boundaries.seen;
    let taken = 0;
    for (const boundary of boundaries.add(chunk)) {
      const upTo = Math.max(taken, boundary.end - chunkStart);
      collector.append(chunk, taken, upTo);
      taken = upTo;
      yield collector.take(boundary, boundary.end < boundaries.seen);
    }
    collector.append(chunk, taken, chunk.length);
  }
  const last = boundaries.finish();
  if (last) yield collector.take(last, false);
}

/** Gathers the bytes of the piece in the making. */
class Collector {
  readonly #allocate: (sizeBytes: number) => Uint8Array;
  #firstBytes: number;
  readonly #isHintFixed: boolean;
  #buffer: Uint8Array | undefined;
  #used = 0;
  /** Where the piece in the making starts, from the start of the stream. */
  #start = 0;

  constructor(limits: SplitLimits, allocate: (sizeBytes: number) => Uint8Array) {
    this.#allocate = allocate;
    this.#isHintFixed = limits.bytes !== undefined && limits.bytes <= LARGEST_FIRST_BUFFER_BYTES;
    this.#firstBytes = this.#isHintFixed ? limits.bytes! : FIRST_BUFFER_BYTES;
  }

  append(chunk: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    const buffer = this.#reserve(this.#used + to - from);
    buffer.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), this.#used);
    this.#used += to - from;
  }

  /** Hands over the piece that ends at a boundary; what has been gathered beyond it begins the next piece. */
  take({ end, records }: Boundary, isFollowed: boolean): Piece {
    const buffer = this.#buffer!;
    const sizeBytes = end - this.#start;
    const rest = buffer.subarray(sizeBytes, this.#used);
    if (!this.#isHintFixed) this.#firstBytes = Math.max(FIRST_BUFFER_BYTES, sizeBytes);
    this.#buffer = undefined;
    this.#used = 0;
    this.#start = end;
    this.append(rest, 0, rest.length);
    return { bytes: buffer.subarray(0, sizeBytes), records, isFollowed };
  }

  #reserve(sizeBytes: number): Uint8Array {
    const buffer = this.#buffer;
    if (buffer && sizeBytes <= buffer.length) return buffer;
    const larger = this.#allocate(Math.max(sizeBytes, buffer ? 2 * buffer.length : this.#firstBytes));
    if (buffer) larger.set(buffer.subarray(0, this.#used));
    this.#buffer = larger;
    return larger;
  }
}
