import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { CopySource } from "../system/copy-range.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { requireReplaceable } from "../system/replaced-file.ts";
import { temporaryName } from "../system/temporary-name.ts";
import type { CopiedPieceFile, CopiedPieceStore } from "./copied-pieces.ts";
import type { PieceFile, PieceStore } from "./piece-files.ts";

/**
 * Pieces as files; one has a temporary name, `.UUID.tmp`, until it is complete.
 *
 * @param input The file that is split, or `-`; no piece replaces it, nor what is no file.
 * @param copyRange `system/copy-range.ts`, where pieces are copied.
 */
export function pieceDirectory(input: string, copyRange?: CopyRange): PieceStore & CopiedPieceStore {
  return {
    create(path) {
      if (attempt("create", path, () => isSameFile(path, input)))
        throw unableTo("create", path, "it is the file that is split");
      attempt("create", path, () => requireReplaceable(path));
      return new TemporaryFile(path, temporaryName(path), copyRange);
    },
  };
}

type CopyRange = typeof import("../system/copy-range.ts").copyRange;

class TemporaryFile implements PieceFile, CopiedPieceFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #copyRange: CopyRange | undefined;
  readonly #fd: number;

  constructor(path: string, temporary: string, copyRange: CopyRange | undefined) {
    this.#path = path;
    this.#temporary = temporary;
    this.#copyRange = copyRange;
    this.#fd = attempt("create", path, () => openSync(temporary, "wx+", 0o666));
  }

  write(bytes: Uint8Array): void {
    attempt("write to", this.#path, () => {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(this.#fd, rest));
    });
  }

  copy(source: CopySource, start: number, byteCount: number): number {
    return attempt("write to", this.#path, () => this.#copyRange!(source, start, this.#fd, byteCount));
  }

  lastByte(sizeBytes: number): number {
    const byte = new Uint8Array(1);
    attempt("read", this.#path, () => readSync(this.#fd, byte, 0, 1, sizeBytes - 1));
    return byte[0]!;
  }

  complete(): void {
    attempt("write to", this.#path, () => closeSync(this.#fd));
    attempt("create", this.#path, () => renameSync(this.#temporary, this.#path));
  }

  discard(): void {
    for (const step of [() => closeSync(this.#fd), () => unlinkSync(this.#temporary)]) {
      try {
        step();
      } catch {
        // The failure that led here is the one to report.
      }
    }
  }
}

function isSameFile(path: string, input: string): boolean {
  const one = statusOf(path);
  const other = input === "-" ? fstatSync(0) : statusOf(input);
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function statusOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function attempt<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof FatalError ? error : unableTo(verb, path, error); // the former is of the other side
  }
}
