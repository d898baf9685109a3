import { existsSync } from "node:fs";
import { finishedNames } from "./finished-files.ts";
import { close, isDeleted, isNamed, type LogFile, openIfThere } from "./log-files.ts";

/** The files of a log directory as they were at one moment: finished, then `previous`, then `current`. */
export interface Snapshot {
  /** Oldest first. */
  readonly finished: string[];
  /** Being finished; may bear a finished name too by now. */
  readonly previous: LogFile | undefined;
  readonly current: LogFile;
  /**
   * `previous` has been replaced by what a processor made of it, which has no finished name yet: lines between the
   * last finished file and `current` are not to be had. It takes a moment, or lasts to the next start after a crash.
   */
  readonly hasGap: boolean;
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
    const hasGap = !previous && existsSync(`${directory}/processed`);
    const finished = finishedNames(directory);
    const isReplaced = previous !== undefined && isDeleted(previous);
    if (!isReplaced && isNamed(`${directory}/current`, current)) {
      return { finished, previous, current, hasGap };
    }
    closeSnapshot({ finished, previous, current, hasGap });
  }
}

export function closeSnapshot({ previous, current }: Snapshot): void {
  close(previous);
  close(current);
}
