import type { CopySource } from "../system/copy-range.ts";
import type { PieceFile } from "./piece-files.ts";

const NEWLINE = 0x0a;
const FIRST_LOOK_BYTES = 4096;
const LOOK_BYTES = 256 * 1024;
/** Copied at once: more would keep others waiting. */
const STEP_BYTES = 8 * 1024 * 1024;

/** A file of which any part can be read. */
export interface PieceSource extends CopySource {
  /** What is behind that is not looked at. */
  readonly sizeBytes: number;
  /** @throws what is said of a file that is not what it was */
  failChanged(): never;
}

/** The file calls that a piece needs which is copied; all throw the system's error. */
export interface CopiedPieceStore {
  create(name: string): CopiedPieceFile;
}

export interface CopiedPieceFile extends Pick<PieceFile, "complete" | "discard"> {
  /** Writes bytes of the source. @returns how many; fewer than asked for only at its end */
  copy(source: CopySource, start: number, byteCount: number): number;
  /** The last of so many bytes that it has. */
  lastByte(sizeBytes: number): number;
}

/**
 * Splits a file into files of whole lines, each as large as `mostBytes` allows and only larger if one line is. Of the
 * file only what is around the borders is looked at; the store copies the pieces.
 *
 * Whatever happens, a file under the name of a piece is complete; after a failure the pieces before it are there.
 *
 * @param names Taken one for each piece.
 * @param copied Told how many bytes more are copied.
 */
export async function copyIntoFiles(
  source: PieceSource,
  mostBytes: number,
  names: Iterator<string, unknown>,
  store: CopiedPieceStore,
  copied: (byteCount: number) => void | Promise<void>,
): Promise<void> {
  const borders = new Borders(source);
  for (let start = 0; start < source.sizeBytes; ) {
    const end = borders.after(start, mostBytes);
    const file = store.create(names.next().value as string);
    try {
      for (let at = start; at < end; ) {
        const step = Math.min(STEP_BYTES, end - at);
        if (file.copy(source, at, step) < step) source.failChanged();
        at += step;
        await copied(step);
      }
      if (end < source.sizeBytes && file.lastByte(end - start) !== NEWLINE) source.failChanged();
      file.complete();
    } catch (error) {
      file.discard();
      throw error;
    }
    start = end;
  }
}

/** Finds where lines end. */
class Borders {
  readonly #source: PieceSource;
  readonly #buffer = Buffer.allocUnsafe(LOOK_BYTES);

  constructor(source: PieceSource) {
    this.#source = source;
  }

  /** Where a piece ends that begins at `start`. */
  after(start: number, mostBytes: number): number {
    const { sizeBytes } = this.#source;
    const limit = start + mostBytes;
    if (limit >= sizeBytes) return sizeBytes;
    return this.#lastEnd(start, limit) ?? this.#firstEnd(limit) ?? sizeBytes;
  }

  /** Behind the last line end between two positions. */
  #lastEnd(from: number, to: number): number | undefined {
    let lookBytes = FIRST_LOOK_BYTES;
    for (let end = to; end > from; end -= lookBytes, lookBytes = LOOK_BYTES) {
      const start = Math.max(from, end - lookBytes);
      const found = this.#read(start, end - start).lastIndexOf(NEWLINE);
      if (found >= 0) return start + found + 1;
    }
    return undefined;
  }

  /** Behind the first line end from a position on. */
  #firstEnd(from: number): number | undefined {
    const { sizeBytes } = this.#source;
    for (let start = from; start < sizeBytes; start += LOOK_BYTES) {
      const found = this.#read(start, Math.min(LOOK_BYTES, sizeBytes - start)).indexOf(NEWLINE);
      if (found >= 0) return start + found + 1;
    }
    return undefined;
  }

  #read(position: number, byteCount: number): Buffer {
    const bytes = this.#buffer.subarray(0, byteCount);
    for (let length = 0; length < byteCount; ) {
      const count = this.#source.readAt(bytes.subarray(length), position + length);
      if (count === 0) this.#source.failChanged();
      length += count;
    }
    return bytes;
  }
}
