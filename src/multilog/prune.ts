import type { Files } from "../system/files.ts";
import { LABEL_LENGTH } from "../tai64n/label.ts";
import { attemptPausing, type LogDirectory } from "./log-directory.ts";

/**
 * Removes the oldest files of the entered directory until one fewer than its number of files is left, `current` being
 * the last. A file counts by its name alone, as it does for daemontools: `@` and 24 more bytes, whatever follows.
 *
 * @throws FatalError `unable to read <directory>, pausing: <reason>`
 */
export function prune(log: LogDirectory, files: Files): void {
  attemptPausing("read", log.name, () => {
    const old = files.list(".").filter(isCounted);
    const surplus = old.length - log.settings.files + 1;
    if (surplus <= 0) return;
    for (const name of old.sort().slice(0, surplus)) files.remove(name);
  });
}

function isCounted(name: string): boolean {
  return name.startsWith("@") && name.length >= LABEL_LENGTH;
}
