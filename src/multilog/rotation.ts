import { archive } from "./archive.ts";
import {
  attemptPausing,
  COMPLETE_MODE,
  enter,
  type LogDirectory,
  NEW_MODE,
  UNFINISHED_MODE,
} from "./log-directory.ts";
import { processPrevious } from "./processor.ts";
import { prune } from "./prune.ts";
import type { Surroundings } from "./surroundings.ts";

type Step = (log: LogDirectory, surroundings: Surroundings) => void;

const BEGINNING = [syncCurrent, closeCurrent, renameCurrent, createCurrent, showCurrent, completePrevious];
const PLAIN_STEPS: readonly Step[] = [...BEGINNING, archivePrevious, pruneOld];
const PROCESSOR_STEPS: readonly Step[] = [
  ...BEGINNING,
  runProcessor,
  completeProcessed,
  syncNewState,
  removePrevious,
  renameNewState,
  archiveProcessed,
  pruneOld,
];

/**
 * Makes an old file of `current` and begins an empty one.
 *
 * Resumable: a step that fails throws and leaves `log.step` at that step, so the caller waits and calls again. Starting
 * over would put the new, empty `current` over the `previous` that is not saved yet. After a crash between any two
 * steps, `openLogDirectory()` finds every byte again: nothing is removed before its other name is there, and no name
 * or mode says that a file is complete before it is on disk.
 *
 * @throws FatalError `unable to <step> <path>, pausing: <reason>`
 */
export function rotate(log: LogDirectory, surroundings: Surroundings): void {
  const steps = log.settings.processor === undefined ? PLAIN_STEPS : PROCESSOR_STEPS;
  enter(log, surroundings.files);
  for (; log.step < steps.length; log.step++) steps[log.step]!(log, surroundings);
  log.step = 0;
}

function syncCurrent(log: LogDirectory, { files }: Surroundings): void {
  attemptPausing("write", `${log.name}/current to disk`, () => files.sync(log.current));
}

function closeCurrent(log: LogDirectory, { files }: Surroundings): void {
  files.close(log.current);
}

function renameCurrent(log: LogDirectory, { files }: Surroundings): void {
  const thing = `current to previous in directory ${log.name}`;
  attemptPausing("rename", thing, () => files.rename("current", "previous"));
}

function createCurrent(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/current`;
  log.current = attemptPausing("create", path, () => files.openToAppend("current", NEW_MODE));
  log.currentBytes = 0;
  log.isLeftOver = false;
  log.onNewCurrent();
}

function showCurrent(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/current`;
  attemptPausing("set mode of", path, () => files.setMode(log.current, UNFINISHED_MODE));
}

function completePrevious(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/previous`;
  attemptPausing("set mode of", path, () => files.setModeOf("previous", COMPLETE_MODE));
}

function archivePrevious(log: LogDirectory, surroundings: Surroundings): void {
  archive(log, "previous", "s", surroundings);
}

function runProcessor(log: LogDirectory, { files, processors }: Surroundings): void {
  processPrevious(log, log.settings.processor ?? "", files, processors);
}

function completeProcessed(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/processed`;
  const fd = attemptPausing("create", path, () => files.openToAppend("processed", NEW_MODE));
  try {
    attemptPausing("write", `${path} to disk`, () => files.sync(fd));
    attemptPausing("set mode of", path, () => files.setMode(fd, COMPLETE_MODE));
  } finally {
    files.close(fd);
  }
}

function syncNewState(log: LogDirectory, { files }: Surroundings): void {
  const path = `${log.name}/newstate`;
  const fd = attemptPausing("create", path, () => files.openToAppend("newstate", NEW_MODE));
  try {
    attemptPausing("write", `${path} to disk`, () => files.sync(fd));
  } finally {
    files.close(fd);
  }
}

function removePrevious(log: LogDirectory, { files }: Surroundings): void {
  attemptPausing("remove", `${log.name}/previous`, () => files.remove("previous"));
}

function renameNewState(log: LogDirectory, { files }: Surroundings): void {
  const thing = `newstate to state in directory ${log.name}`;
  attemptPausing("rename", thing, () => files.rename("newstate", "state"));
}

function archiveProcessed(log: LogDirectory, surroundings: Surroundings): void {
  archive(log, "processed", "s", surroundings);
}

function pruneOld(log: LogDirectory, { files }: Surroundings): void {
  prune(log, files);
}
