import { createHash } from "node:crypto";
import { bytesAt, holds, type Inode, type OpenFile, sizeOf, startAt, WINDOW_BYTES } from "./log-files.ts";

/** Bytes known by their number and hash alone. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * An offset in a file, with all that is needed to tell later whether a file is still this one: inode numbers are given to
 * new files, and files begin alike, so device and inode count only together with hashes of the first bytes and of those
 * before the offset.
 */
export interface Place extends Inode {
  readonly offset: number;
  /** Of the first 1024 bytes, or fewer if the file had fewer. */
  readonly head: Digest;
  /** Of the 1024 bytes before the offset, or fewer if there are fewer. */
  readonly tail: Digest;
}

/** Where an open file has been read up to. */
export function placeOf({ device, inode, offset, head, tail }: OpenFile): Place {
  return { device, inode, offset, head: digestOf(head), tail: digestOf(tail) };
}

export function digestOf(bytes: Uint8Array): Digest {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** True if the name of the place, device and inode, is that of the file. */
export function isAtInode(file: Inode, place: Place): boolean {
  return file.device === place.device && file.inode === place.inode;
}

/**
 * True if the file may be that of the place, which what it holds has to tell: btrfs, LVM and NFS give their disks other
 * device numbers when they are mounted again.
 */
export function mayBeAt({ inode }: Inode, place: Place): boolean {
  return inode === place.inode;
}

/** True if the file, whichever it is, holds what the file of the place held up to the offset. */
export function holdsPlace(file: OpenFile, { offset, head, tail }: Place): boolean {
  if (sizeOf(file) < offset) return false;
  const isSame = (position: number, { bytes, sha256 }: Digest) =>
    digestOf(bytesAt(file, position, bytes)).sha256 === sha256;
  return isSame(0, head) && isSame(offset - tail.bytes, tail);
}

/** True if the file holds what another one held up to its offset, before it was emptied. */
export function isCopyOf(file: OpenFile, { offset, head, tail }: OpenFile): boolean {
  // Of a file of which nothing is known, everything would be a copy.
  if (head.length === 0 || sizeOf(file) < offset) return false;
  return holds(file, 0, head) && holds(file, offset - tail.length, tail);
}

/** True if another file begins with all that a file holds, as far as the beginning and the end of that tell. */
export function isBeginningOf(file: OpenFile, other: OpenFile): boolean {
  const size = sizeOf(file);
  const isSame = (position: number) => holds(other, position, bytesAt(file, position, WINDOW_BYTES));
  return isSame(0) && isSame(Math.max(0, size - WINDOW_BYTES));
}

/** If a file holds what the file of a place held up to its offset, goes on reading it from there. */
export function resumeAt(file: OpenFile, place: Place): boolean {
  if (!holdsPlace(file, place)) return false;
  startAt(file, place.offset);
  return true;
}
