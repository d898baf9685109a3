import type { Files } from "../system/files.ts";
import { isFinishedName } from "../system/finished-name.ts";
import { attemptPausing, type LogDirectory } from "./log-directory.ts";

/**
 * Removes the oldest finished files of the entered directory until one fewer than its number of files is left,
 * `current` being the last. Only names as multilog writes them count; daemontools takes all of `@` and 24 more bytes.
 *
 * @throws FatalError `unable to read <directory>, pausing: <reason>`
 */
export function prune(log: LogDirectory, files: Files): void {
  attemptPausing("read", log.name, () => {
    const old = files.list(".").filter(isFinishedName);
    const surplus = old.length - log.settings.files + 1;
    if (surplus <= 0) return;
    for (const name of old.sort().slice(0, surplus)) files.remove(name);
  });
}
