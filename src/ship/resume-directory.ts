import { dirname, join } from "node:path";
import {
  close,
  finishedNames,
  type Inode,
  isSameFile,
  type OpenFile,
  openIfThere,
  statIfThere,
} from "../follow/log-files.ts";
import { mayBeAt, resumeAt } from "../follow/place.ts";
import type { Snapshot } from "../follow/snapshot.ts";
import { isFinishedName } from "../system/finished-name.ts";
import type { HeldFiles } from "./held-files.ts";
import type { GenerationState, SourceState } from "./state.ts";

/** The files of a log directory, in the order in which they are to be shipped. */
export interface ResumedDirectory {
  /** Each with the generation that it is known as; what is new has none. */
  readonly files: readonly { readonly file: OpenFile; readonly known: GenerationState | undefined }[];
  /** Generations of which not all was cut, and whose files are gone. */
  readonly gone: readonly GenerationState[];
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
  const done = new Set(state?.done ?? []);
  const files: { file: OpenFile; known: GenerationState | undefined }[] = [];
  const met = new Set<GenerationState>();
  const add = (file: OpenFile) => {
    const known = generations.find((g) => !met.has(g) && mayBeAt(file, g.place) && resumeAt(file, g.place));
    if (known) met.add(known);
    files.push({ file, known });
  };
  const present = snapshot?.finished ?? finishedNames(directory);
  const names = new Set([...present, ...held.names]);
  const latest = [snapshot?.previous, snapshot?.current].filter((file) => file !== undefined);
  for (const name of [...names].filter((n) => !done.has(n)).sort()) {
    const file = openIfThere(join(directory, name)) ?? held.open(name);
    if (!file) continue;
    // `previous` may have its finished name already.
    if (latest.some((other) => isSameFile(other, file))) close(file);
    else add(Object.assign(file, { isAway: true }));
  }
  for (const file of latest) add(file);
  const gone = generations.filter((g) => !met.has(g) && (!g.isEnded || g.sizeBytes > g.place.offset));
  return { files, gone };
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
