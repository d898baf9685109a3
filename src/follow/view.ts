import { type Candidate, Gone } from "./candidate.ts";
import type { Cursor } from "./cursor.ts";
import { type Identified, identify } from "./identify.ts";
import type { KnownFiles } from "./known-files.ts";
import type { LogFile } from "./log-files.ts";
import type { Scene, Surroundings } from "./surroundings.ts";

/** What is around a log, and which file is which. */
export type View = Scene & Identified;

/**
 * Looks around a log.
 *
 * @param named The file that has its name.
 * @param readsPacked Compressed files count.
 * @returns undefined if files were renamed meanwhile; whoever has it has to close its candidates
 */
export function viewOf(
  named: LogFile | undefined,
  surroundings: Surroundings,
  { lookedFor, remembered }: KnownFiles,
  readsPacked = false,
): View | undefined {
  const scene = surroundings.look(named, lookedFor);
  if (!scene) return undefined;
  let view: View | undefined;
  try {
    const candidates = scene.candidates.filter((c) => c === scene.log || readsPacked || !c.packing);
    const identified = identify(candidates, scene.log, remembered);
    if (scene.isStill()) view = { ...scene, ...identified };
    return view;
  } finally {
    if (!view) for (const candidate of scene.candidates) candidate.close();
  }
}

/** Compressed files around a log that begin as a file does, open, newest first. */
export function packedLike({ head }: Cursor, surroundings: Surroundings): LogFile[] {
  const candidates = surroundings.look(undefined, [])?.candidates ?? [];
  try {
    const isIt = (c: Candidate) => c.packing !== undefined && c.beginsWith(head);
    return candidates.toReversed().flatMap((c) => (head.bytes > 0 && isIt(c) ? [c.take()] : []));
  } catch (error) {
    if (error instanceof Gone) return [];
    throw error;
  } finally {
    for (const candidate of candidates) candidate.close();
  }
}
