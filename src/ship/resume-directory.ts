import { basename, dirname, join } from "node:path";
import { holds, startAt } from "../follow/content.ts";
import { cursorAt, type Place } from "../follow/cursor.ts";
import { finishedNames, labelOf } from "../follow/finished-files.ts";
import { close, type Inode, isSameFile, type LogFile, openIfThere } from "../follow/log-files.ts";
import { statIfThere } from "../follow/paths.ts";
import type { Snapshot } from "../follow/snapshot.ts";
import { isFinishedName } from "../system/finished-name.ts";
import type { HeldFiles } from "./held-files.ts";
import type { GenerationState, SourceState } from "./state.ts";

/** The files of a log directory, in the order in which they are to be shipped. */
export interface ResumedDirectory {
  /** Each with the generation that it is known as; what is new has none. */
  readonly files: readonly { readonly file: LogFile; readonly known: GenerationState | undefined }[];
  /** Generations of which not all was cut, and whose files are gone. */
  readonly gone: readonly GenerationState[];
  /** Finished files that nobody saw may have been deleted before those that are there. */
  readonly hasGap: boolean;
}

/**
 * Finds what is there of a log directory: finished files, also those that are only held, then `previous` and `current`,
 * without those that are done with.
 *
 * @param snapshot Undefined if there is no `current` now. Its files stay open.
 */
export function resumeDirectory(
  directory: string,
  snapshot: Snapshot | undefined,
  held: HeldFiles,
  state: SourceState | undefined,
): ResumedDirectory {
  const generations = state?.generations ?? [];
  const done = new Set((state?.done ?? []).map(labelOf));
  const files: { file: LogFile; known: GenerationState | undefined }[] = [];
  const met = new Set<GenerationState>();
  const add = (file: LogFile) => {
    const known = generations.find((g) => !met.has(g) && resumeAt(file, g.place));
    if (known) met.add(known);
    files.push({ file, known });
  };
  const present = snapshot?.finished ?? finishedNames(directory);
  const names = new Set([...present, ...held.names]);
  const newestKnown = [...(state?.done ?? []), ...generations.map(({ path }) => basename(path))]
    .filter((name) => name.startsWith("@"))
    .sort()
    .at(-1);
  const latest = [snapshot?.previous, snapshot?.current].filter((file) => file !== undefined);
  for (const name of [...names].sort()) {
    if (done.has(labelOf(name))) continue;
    done.add(labelOf(name));
    const file = openIfThere(join(directory, name)) ?? held.open(name);
    if (!file) continue;
    // `previous` may have its finished name already.
    if (latest.some((other) => isSameFile(other, file))) close(file);
    else add(Object.assign(file, { isAway: true }));
  }
  for (const file of latest) add(file);
  const hasHeld = (g: GenerationState) => g.sizeBytes > 0 || g.intentions.length > 0;
  const isMissed = (g: GenerationState) => hasHeld(g) && (!g.isEnded || g.sizeBytes > g.place.offset);
  const gone = generations.filter((g) => !met.has(g) && isMissed(g));
  const isProven = files.some(({ known }) => known?.isEnded === false && known.place.head.bytes > 0);
  const isTold = isProven || gone.length > 0;
  return { files, gone, hasGap: !isTold && isGapAfter(newestKnown, present) };
}

/**
 * After a stop at which `current` was empty its inode number alone would tell which file it became, and that is given to
 * new files. multilog deletes the oldest first: what is there follows without a gap if the newest that was known is there.
 */
function isGapAfter(newestKnown: string | undefined, present: readonly string[]): boolean {
  if (newestKnown === undefined || present.map(labelOf).includes(labelOf(newestKnown))) return false;
  return present.some((name) => name > newestKnown);
}

/** If a file holds what the file of a place held up to the offset, goes on reading it from there. */
function resumeAt(file: LogFile, place: Place): boolean {
  if (file.inode !== place.inode || !holds(file, cursorAt(place))) return false;
  startAt(file, place.offset);
  return true;
}

/** The finished name that a file has by now, in the log directory or where it is held. */
export function finishedNameOf(
  directory: string,
  file: Inode & { readonly path: string },
): string | undefined {
  const name = file.path.slice(dirname(file.path).length + 1);
  if (isFinishedName(name)) return name;
  return finishedNames(directory)
    .toReversed()
    .find((finished) => {
      const stats = statIfThere(join(directory, finished));
      return stats?.ino === file.inode && stats.dev === file.device;
    });
}
