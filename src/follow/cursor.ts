import { createHash } from "node:crypto";

/** How much of a file's beginning, and of what stands before a position, is remembered to know the file again. */
export const WINDOW_BYTES = 1024;

/** Bytes known by their number and hash alone. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

export function digestOf(bytes: Uint8Array): Digest {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Bytes of a file that were seen at some position: themselves, or, after a restart, their hash alone. */
export class Window {
  readonly bytes: number;
  /** Undefined if only the hash is known. */
  readonly content: Buffer | undefined;
  #digest: Digest | undefined;

  private constructor(bytes: number, content: Buffer | undefined, digest: Digest | undefined) {
    this.bytes = bytes;
    this.content = content;
    this.#digest = digest;
  }

  static of(content: Buffer): Window {
    return new Window(content.length, content, undefined);
  }

  static remembered(digest: Digest): Window {
    return new Window(digest.bytes, undefined, digest);
  }

  get digest(): Digest {
    this.#digest ??= digestOf(this.content!);
    return this.#digest;
  }

  /** True if these are the bytes. */
  equals(bytes: Buffer): boolean {
    if (bytes.length !== this.bytes) return false;
    return this.content ? this.content.equals(bytes) : digestOf(bytes).sha256 === this.digest.sha256;
  }
}

/**
 * How far a file has been read, with all that is needed to tell later whether a file is still this one, under whatever name
 * or inode number: what it begins with, and what stands before the position.
 */
export interface Cursor {
  readonly offset: number;
  /** The first 1024 bytes, or fewer if no more of them were seen. */
  readonly head: Window;
  /** The 1024 bytes before the offset, or fewer if there are fewer. */
  readonly tail: Window;
}

const NOTHING = Window.of(Buffer.alloc(0));
/** Of a file of which nothing was read; it tells nothing of it. */
export const UNREAD: Cursor = { offset: 0, head: NOTHING, tail: NOTHING };

/** The cursor behind bytes that were read at it. */
export function advanced({ offset, head, tail }: Cursor, bytes: Uint8Array): Cursor {
  const isHead = head.bytes === offset && offset < WINDOW_BYTES;
  const kept = Math.max(0, WINDOW_BYTES - bytes.length);
  const before = kept === 0 ? Buffer.alloc(0) : tail.content!.subarray(Math.max(0, tail.bytes - kept));
  return {
    offset: offset + bytes.length,
    head: isHead ? Window.of(Buffer.concat([head.content!, bytes.subarray(0, WINDOW_BYTES - offset)])) : head,
    tail: Window.of(Buffer.concat([before, bytes.subarray(-WINDOW_BYTES)])),
  };
}

/**
 * True if bytes are not what another file would be likely to hold as well: not one short line, and not the same line again and
 * again.
 */
export function areTelling(bytes: Buffer): boolean {
  const lines = bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
  const isVaried = new Set(lines).size * 2 > lines.length && lines.length > 2;
  return isVaried || (lines.length < 3 && new Set(bytes).size > VARIED_BYTES);
}

/** Of a line that is words and numbers, and no ruler. */
const VARIED_BYTES = 16;

/** An offset in a file as it is kept on disk. */
export interface Place {
  readonly device: number;
  readonly inode: number;
  readonly offset: number;
  readonly head: Digest;
  readonly tail: Digest;
}

export function cursorAt({ offset, head, tail }: Place): Cursor {
  return { offset, head: Window.remembered(head), tail: Window.remembered(tail) };
}
