import { archive } from "./archive.ts";
import {
  attempt,
  COMPLETE_BIT,
  COMPLETE_MODE,
  enter,
  type LogDirectory,
  NEW_MODE,
  UNFINISHED_MODE,
} from "./log-directory.ts";
import { prune } from "./prune.ts";
import type { DirectorySettings } from "./script.ts";
import type { Surroundings } from "./surroundings.ts";

const NEWLINE = 0x0a;

/**
 * Opens the log directories of a script in their order, recovering each from whatever its last writer left. If one
 * cannot be opened, those before it are left complete, or as they were left over.
 *
 * @param start The directory that names are relative to.
 * @param hasMoreFor Asked of each directory when it is locked and entered and everything in it is as it was left:
 *   whether something belongs behind what a killed writer left in `current`. Then that stays until `setAside()`.
 * @throws FatalError `unable to <verb> <path>: <reason>`
 */
export function openLogDirectories(
  settings: readonly DirectorySettings[],
  start: number,
  surroundings: Surroundings,
  hasMoreFor: (log: LogDirectory) => boolean,
): LogDirectory[] {
  const { files } = surroundings;
  const opened: LogDirectory[] = [];
  try {
    for (const one of settings) opened.push(openLogDirectory(one, start, surroundings, hasMoreFor));
  } catch (error) {
    for (const { current, isLeftOver } of opened) {
      if (!isLeftOver) attemptQuietly(() => files.setMode(current, COMPLETE_MODE));
    }
    throw error;
  }
  return opened;
}

/**
 * Opens a log directory, making it if necessary (only its last component), and locks it. A complete `current` is
 * continued; everything else that a crash left becomes an old file, and a new `current` begins, unless there is
 * something to be put behind the old one.
 *
 * @throws FatalError `unable to lock directory <name>: temporary failure` if another writer has it, and the like
 */
export function openLogDirectory(
  settings: DirectorySettings,
  start: number,
  surroundings: Surroundings,
  hasMoreFor: (log: LogDirectory) => boolean,
): LogDirectory {
  const { files } = surroundings;
  const { name } = settings;
  attempt("switch to", "starting directory", () => files.enter(start));
  try {
    files.makeDirectory(name, 0o700);
  } catch {
    // It is there already; or it cannot be made, and then opening it says why.
  }
  const fd = attempt("open", `directory ${name}`, () => {
    const directory = files.openDirectory(name);
    files.enter(directory);
    return directory;
  });
  attempt("lock", `directory ${name}`, () => files.lock(files.openToAppend("lock", NEW_MODE)));
  const log: LogDirectory = {
    ...{ settings, name, fd, current: -1, currentBytes: 0, writtenBytes: 0, isInLine: false },
    ...{ isLeftOver: false, step: 0 },
    onNewCurrent: () => {},
  };
  const hasMore = hasMoreFor(log);
  const current = attempt("stat", `${name}/current`, () => files.statusOf("current"));
  if (current && current.mode & COMPLETE_BIT) continueCurrent(log, surroundings);
  else recover(log, current !== undefined && hasMore, surroundings);
  return log;
}

/**
 * Makes an old file of the `current` that a killed writer left, once all that belongs behind it is there, and begins
 * an empty one.
 */
export function setAside(log: LogDirectory, surroundings: Surroundings): void {
  const { files } = surroundings;
  log.isLeftOver = false;
  enter(log, files);
  files.close(log.current);
  rescue(log, "current", "u", surroundings);
  beginCurrent(log, surroundings);
  log.currentBytes = 0;
  log.onNewCurrent();
}

function continueCurrent(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/current`;
  attempt("append to", path, () => {
    log.current = files.openToAppend("current", NEW_MODE);
    log.currentBytes = files.status(log.current).sizeBytes;
  });
  attempt("set mode of", path, () => files.setMode(log.current, UNFINISHED_MODE));
}

/** @param hasMore Something belongs behind what is in `current`. */
function recover(log: LogDirectory, hasMore: boolean, surroundings: Surroundings): void {
  const { files } = surroundings;
  const removeIfThere = (file: string) => attemptQuietly(() => files.remove(file));
  removeIfThere("state");
  removeIfThere("newstate");
  const processed = attempt("stat", `${log.name}/processed`, () => files.statusOf("processed"));
  if (processed && processed.mode & COMPLETE_BIT) {
    removeIfThere("previous");
    rescue(log, "processed", "s", surroundings);
  } else {
    removeIfThere("processed");
    rescue(log, "previous", "u", surroundings);
  }
  if (!hasMore) rescue(log, "current", "u", surroundings);
  attempt("write to", `${log.name}/state`, () => files.close(files.openEmpty("state", UNFINISHED_MODE)));
  if (!hasMore) beginCurrent(log, surroundings);
  else {
    continueCurrent(log, surroundings);
    log.isLeftOver = true;
    log.isInLine = log.currentBytes > 0 && files.lastByteOf("current") !== NEWLINE;
  }
}

/** Makes an old file of one that a killed writer left, if it is there. */
function rescue(log: LogDirectory, file: string, suffix: "s" | "u", surroundings: Surroundings): void {
  const { files, obstacles } = surroundings;
  const isThere = obstacles.overcome(() => archive(log, file, suffix, surroundings));
  if (isThere) obstacles.overcome(() => prune(log, files));
}

function beginCurrent(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/current`;
  log.current = attempt("write to", path, () => files.openToAppend("current", NEW_MODE));
  attempt("set mode of", path, () => files.setMode(log.current, UNFINISHED_MODE));
}

function attemptQuietly(call: () => void): void {
  try {
    call();
  } catch {
    // Most often it is not there. If it could not be removed, the steps that follow run into the same cause.
  }
}
