import { archive } from "./archive.ts";
import {
  attempt,
  COMPLETE_BIT,
  COMPLETE_MODE,
  type LogDirectory,
  NEW_MODE,
  UNFINISHED_MODE,
} from "./log-directory.ts";
import { prune } from "./prune.ts";
import type { DirectorySettings } from "./script.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Opens the log directories of a script in their order, recovering each from whatever its last writer left. If one
 * cannot be opened, those before it are left complete.
 *
 * @param start The directory that names are relative to.
 * @param beforeRecovery Called with each directory when it is locked and entered and everything in it is as it was left.
 * @throws FatalError `unable to <verb> <path>: <reason>`
 */
export function openLogDirectories(
  settings: readonly DirectorySettings[],
  start: number,
  surroundings: Surroundings,
  beforeRecovery: (log: LogDirectory) => void,
): LogDirectory[] {
  const { files } = surroundings;
  const opened: LogDirectory[] = [];
  try {
    for (const one of settings) opened.push(openLogDirectory(one, start, surroundings, beforeRecovery));
  } catch (error) {
    for (const { current } of opened) attemptQuietly(() => files.setMode(current, COMPLETE_MODE));
    throw error;
  }
  return opened;
}

/**
 * Opens a log directory, making it if necessary (only its last component), and locks it. A complete `current` is
 * continued; everything else that a crash left becomes an old file, and a new `current` begins.
 *
 * @throws FatalError `unable to lock directory <name>: temporary failure` if another writer has it, and the like
 */
export function openLogDirectory(
  settings: DirectorySettings,
  start: number,
  surroundings: Surroundings,
  beforeRecovery: (log: LogDirectory) => void,
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
    ...{ settings, name, fd, current: -1, currentBytes: 0, writtenBytes: 0, isInLine: false, step: 0 },
    onNewCurrent: () => {},
  };
  beforeRecovery(log);
  const current = attempt("stat", `${name}/current`, () => files.statusOf("current"));
  if (current && current.mode & COMPLETE_BIT) continueCurrent(log, surroundings);
  else recover(log, surroundings);
  return log;
}

function continueCurrent(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/current`;
  attempt("append to", path, () => {
    log.current = files.openToAppend("current", NEW_MODE);
    log.currentBytes = files.status(log.current).sizeBytes;
  });
  attempt("set mode of", path, () => files.setMode(log.current, UNFINISHED_MODE));
}

function recover(log: LogDirectory, surroundings: Surroundings): void {
  const { files, obstacles } = surroundings;
  const rescue = (file: string, suffix: "s" | "u") => {
    const isThere = obstacles.overcome(() => archive(log, file, suffix, surroundings));
    if (isThere) obstacles.overcome(() => prune(log, files));
  };
  const removeIfThere = (file: string) => attemptQuietly(() => files.remove(file));
  removeIfThere("state");
  removeIfThere("newstate");
  const processed = attempt("stat", `${log.name}/processed`, () => files.statusOf("processed"));
  if (processed && processed.mode & COMPLETE_BIT) {
    removeIfThere("previous");
    rescue("processed", "s");
  } else {
    removeIfThere("processed");
    rescue("previous", "u");
  }
  rescue("current", "u");
  attempt("write to", `${log.name}/state`, () => files.close(files.openEmpty("state", UNFINISHED_MODE)));
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
