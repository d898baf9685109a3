import { statSync } from "node:fs";
import { close, finishedNames, isDeleted, isNamed, type OpenFile, openIfThere } from "./log-files.ts";

/** The files of a log directory as they were at one moment: finished, then `previous`, then `current`. */
export interface Snapshot {
  /** Oldest first. */
  readonly finished: string[];
  /** Being finished; may bear a finished name too by now. */
  readonly previous: OpenFile | undefined;
  readonly current: OpenFile;
}

/**
 * Looks at a log directory while its writer may be rotating.
 *
 * All of it holds for one moment, because `current` is the same file before and after the look: whatever else was
 * found had been finished by then.
 *
 * @returns undefined if there is no `current`: nothing written yet, or in the midst of a rotation
 */
export function takeSnapshot(directory: string): Snapshot | undefined {
  for (;;) {
    const current = openIfThere(`${directory}/current`);
    if (!current) return undefined;
    const previous = openIfThere(`${directory}/previous`);
    const finished = finishedNames(directory);
    // A processor's result gets its name a moment after `previous` has lost its own.
    const isBetween = previous !== undefined && isDeleted(previous);
    if (!isBetween && isNamed(`${directory}/current`, current)) return { finished, previous, current };
    close(previous);
    close(current);
  }
}

/** Changes whenever a processor has run in a log directory, and when multilog has started after a crash. */
export function stateFileMark(directory: string): string {
  const state = statSync(`${directory}/state`, { throwIfNoEntry: false });
  return state ? `${state.dev}:${state.ino}:${state.ctimeMs}` : "";
}
