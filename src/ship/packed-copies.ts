import { endOf, holds, isIntact } from "../follow/content.ts";
import type { Cursor } from "../follow/cursor.ts";
import type { Follower } from "../follow/follower.ts";
import { become, close, isOpen, type LogFile } from "../follow/log-files.ts";
import { type Contents, contentsOf } from "../follow/packed.ts";

/**
 * Looks for the compressed copy of a file that was emptied, or is nowhere; it is then that file, open, up to its cursor.
 *
 * @returns what is known of the copy; undefined if there is none
 */
export async function findRest(file: LogFile, follower: Follower): Promise<Contents | undefined> {
  const packed = follower.openPacked?.(file) ?? [];
  try {
    for (const copy of packed) {
      const contents = await contentsOf(copy, [file.cursor]);
      const cursor = contents.held.get(file.cursor);
      if (!cursor) continue;
      goOnIn(file, copy, contents, cursor);
      return contents;
    }
    return undefined;
  } finally {
    for (const copy of packed) close(copy);
    follower.settle?.(file);
  }
}

/** What a compressed file turned out to be. */
export interface Proof {
  readonly contents: Contents;
  /** The file that it is a copy of, whose cursor it holds. */
  readonly original: LogFile | undefined;
  /** Where that ends in the copy; undefined if the copy has nothing more. */
  readonly upTo: Cursor | undefined;
}

/** Reads a compressed file of which nothing was shipped yet, and finds out whether it is a copy of one that is known. */
export async function prove(packed: LogFile, files: readonly LogFile[]): Promise<Proof> {
  const { head } = packed.cursor;
  const isAlike = ({ cursor }: LogFile) =>
    cursor.head.bytes > 0 && cursor.head.equals(head.content!.subarray(0, cursor.head.bytes));
  const others = files.filter((file) => file !== packed && isAlike(file));
  const known = new Map(others.map((file) => [file, knownUpTo(file)]));
  const contents = await contentsOf(packed, [...known.values()]);
  const isOf = (file: LogFile) =>
    contents.held.has(known.get(file)!) || (isReadable(file) && holds(file, contents.end));
  const originals = others.filter(isOf).sort((a, b) => known.get(b)!.offset - known.get(a)!.offset);
  const [original] = originals;
  return { contents, original, upTo: original && contents.held.get(known.get(original)!) };
}

/** Of a file that can be read all is known. */
function knownUpTo(file: LogFile): Cursor {
  return isReadable(file) ? endOf(file) : file.cursor;
}

function isReadable(file: LogFile): boolean {
  return isOpen(file) && !file.packing && isIntact(file);
}

/** Goes on in a compressed copy, which belongs to the file from then on. */
export function goOnIn(file: LogFile, copy: LogFile, { size }: Contents, cursor: Cursor): void {
  become(file, copy);
  file.cursor = cursor;
  file.size = size;
  file.isAway = true;
}
