/**
 * A log directory as daemontools has it. `current` is the file being written: mode 0644, and 0744 once it is complete
 * and on disk. `@label.s` is an older, complete file, `@label.u` one that a crash left over. `lock` is held by the
 * writer; `previous`, `processed` and `newstate` exist only between the steps of a rotation.
 */
import { unableTo } from "../system/errors.ts";
import type { Files } from "../system/files.ts";
import type { DirectorySettings } from "./script.ts";

export const COMPLETE_MODE = 0o744;
export const UNFINISHED_MODE = 0o644;
export const NEW_MODE = 0o600;
/** The execute bit of the owner says that a file is complete and on disk. */
export const COMPLETE_BIT = 0o100;

/** An open log directory, whose lock this process holds. */
export interface LogDirectory {
  readonly settings: DirectorySettings;
  readonly name: string;
  readonly fd: number;
  /** The descriptor of `current`. */
  current: number;
  currentBytes: number;
  /** All that was written since the directory was opened, over all files. */
  writtenBytes: number;
  /** The last byte written was not a newline, so what follows belongs to the same line. */
  isInLine: boolean;
  /** `current` is what a killed writer left: what is missing belongs behind it, and then it becomes an old file. */
  isLeftOver: boolean;
  /** Which step of a rotation comes next; 0 if none has begun. */
  step: number;
  /** Called when a new, empty `current` has been opened, before anything is done to the one before. */
  onNewCurrent: () => void;
}

/**
 * Makes one call that the operator can mend.
 *
 * @throws FatalError `unable to <verb> <thing>: <reason>`
 */
export function attempt<T>(verb: string, thing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw unableTo(verb, thing, error);
  }
}

/** As `attempt()`, for work that is waited for: `unable to <verb> <thing>, pausing: <reason>`. */
export function attemptPausing<T>(verb: string, thing: string, call: () => T): T {
  return attempt(verb, `${thing}, pausing`, call);
}

/**
 * Makes the directory the one that file names mean.
 *
 * @throws FatalError `unable to switch to <directory>, pausing: <reason>`
 */
export function enter(log: LogDirectory, files: Files): void {
  attemptPausing("switch to", log.name, () => files.enter(log.fd));
}
