import type { Generation, Instant } from "./generation.ts";
import type { ShipSettings } from "./source.ts";

/** A last line without newline is shipped as it is when its file has been rotated away and not grown for so long. */
const SETTLED_MS = 5000;
/** A file that was rotated away may still be written to for a moment. */
const QUIET_MS = 1000;

/** True if what is there of a last line without newline is to be shipped too. */
export function mayCutLine(
  kind: "file" | "directory",
  { file, grownAt, isEnded }: Generation,
  { elapsedMs }: Instant,
): boolean {
  if (kind === "directory" && isEnded) return true;
  return file.isAway && elapsedMs - grownAt.elapsedMs >= SETTLED_MS;
}

/** True if a piece is to be cut of a generation now: it is full, old, or all there will be. */
export function isRipe(
  kind: "file" | "directory",
  { limits, maxAgeMs, isOnce }: ShipSettings,
  { file, isOpen, uncutBytes, seenAt, grownAt, searchedTo, isMissing, isEnded }: Generation,
  { elapsedMs }: Instant,
  isLineCut: boolean,
): boolean {
  if (!isOpen || isMissing || uncutBytes === 0) return false;
  if (file.size <= searchedTo && !isLineCut) return false;
  const isQuiet = kind === "directory" ? isEnded : file.isAway && elapsedMs - grownAt.elapsedMs >= QUIET_MS;
  const isOld = seenAt !== undefined && elapsedMs - seenAt.elapsedMs >= maxAgeMs;
  return isOnce || isQuiet || isOld || uncutBytes >= limits.pieceBytes;
}
