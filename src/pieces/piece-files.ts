import { type Boundary, PieceBoundaries, type SplitLimits } from "./boundaries.ts";

/** The file calls a piece needs; all throw the system's error. */
export interface PieceStore {
  /** Begins a piece under a temporary name. */
  create(name: string): PieceFile;
}

export interface PieceFile {
  write(bytes: Uint8Array): void;
  /** Gives the piece its name, in place of what had it before. */
  complete(): void;
  /** Takes the unfinished piece away. */
  discard(): void;
}

/**
 * Splits a stream into files of whole records. It keeps no more in memory than the beginning of a record that may be too
 * much for its piece, and that up to 16 MiB: so a piece, and a record, may be of any size.
 *
 * Whatever happens, a file under the name of a piece is complete; after a failure the pieces before it are there.
 *
 * @param names Taken one for each piece.
 */
export async function splitIntoFiles(
  source: AsyncIterable<Uint8Array>,
  limits: SplitLimits,
  names: Iterator<string, unknown>,
  store: PieceStore,
): Promise<void> {
  const boundaries = new PieceBoundaries({ ...limits, isUncounted: true, openBytes: OPEN_BYTES });
  const writer = new PieceWriter(names, store);
  try {
    for await (const chunk of source) {
      writer.add(chunk);
      for (const boundary of boundaries.add(chunk)) writer.finish(boundary);
      writer.writeUpTo(boundaries.settled);
      writer.keepRest();
    }
    const last = boundaries.finish();
    if (last) writer.finish(last);
  } catch (error) {
    writer.discard();
    throw error;
  }
}

const OPEN_BYTES = 16 * 1024 * 1024;
const FIRST_REST_BYTES = 64 * 1024;

/** Writes a stream to one file after the other; positions count from the start of the stream. */
class PieceWriter {
  readonly #names: Iterator<string, unknown>;
  readonly #store: PieceStore;
  #file: PieceFile | undefined;
  /** What came before the chunk and is not written yet: the beginning of a record. */
  #rest = new Uint8Array(FIRST_REST_BYTES);
  #restBytes = 0;
  #chunk: Uint8Array = new Uint8Array();
  /** Where the chunk begins, and up to where the stream is written. */
  #chunkStart = 0;
  #written = 0;

  constructor(names: Iterator<string, unknown>, store: PieceStore) {
    this.#names = names;
    this.#store = store;
  }

  add(chunk: Uint8Array): void {
    this.#chunkStart += this.#chunk.length;
    this.#chunk = chunk;
  }

  writeUpTo(position: number): void {
    if (position <= this.#written) return;
    const file = this.#open();
    if (this.#restBytes > 0) {
      const bytes = Math.min(this.#restBytes, position - this.#written);
      file.write(this.#rest.subarray(0, bytes));
      this.#rest.copyWithin(0, bytes, this.#restBytes);
      this.#restBytes -= bytes;
      this.#written += bytes;
    }
    if (position <= this.#written) return;
    file.write(this.#chunk.subarray(this.#written - this.#chunkStart, position - this.#chunkStart));
    this.#written = position;
  }

  finish({ end }: Boundary): void {
    this.writeUpTo(end);
    this.#open().complete();
    this.#file = undefined;
  }

  /** Copies what is not written of the chunk, which its source is about to overwrite. */
  keepRest(): void {
    const from = Math.max(0, this.#written - this.#chunkStart);
    const unwritten = this.#chunk.subarray(from);
    const bytes = this.#restBytes + unwritten.length;
    if (bytes > this.#rest.length) {
      const larger = new Uint8Array(2 * bytes);
      larger.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = larger;
    }
    this.#rest.set(unwritten, this.#restBytes);
    this.#restBytes = bytes;
  }

  discard(): void {
    this.#file?.discard();
  }

  #open(): PieceFile {
    this.#file ??= this.#store.create(this.#names.next().value as string);
    return this.#file;
  }
}
