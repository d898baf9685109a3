import { basename, dirname, join } from "node:path";
import { FatalError, unableTo } from "../system/errors.ts";
import { namesIn, statIfThere } from "./paths.ts";

/** Where lines come from: a log directory as multilog writes it, or one plain file. */
export type LogSource = { readonly kind: "directory" | "file"; readonly path: string };

/**
 * Finds the log that a person means by a path: a log directory, its `current`, a service, the log of a service, or any
 * other file.
 *
 * @returns undefined if there is nothing yet that could be read
 * @throws FatalError `unable to choose a log in DIR: it has logs in A and B`
 */
export function findLog(path: string): LogSource | undefined {
  const found = statIfThere(path);
  if (!found) return undefined;
  if (!found.isDirectory()) {
    const isCurrent = basename(path) === "current" && isLogDirectory(dirname(path));
    return isCurrent ? { kind: "directory", path: dirname(path) } : { kind: "file", path };
  }
  if (isLogDirectory(path)) return { kind: "directory", path };
  for (const directory of [join(path, "main"), join(path, "log", "main")]) {
    if (isLogDirectory(directory)) return { kind: "directory", path: directory };
  }
  return onlyLogIn(path) ?? onlyLogIn(join(path, "log"));
}

/** multilog makes all three in every log directory; supervise has a `lock` of its own. */
function isLogDirectory(path: string): boolean {
  const has = (name: string) => statIfThere(join(path, name)) !== undefined;
  return has("current") || (has("lock") && has("state"));
}

/** What may not be looked into, such as env/ and supervise/, or leads nowhere, is no log that a person could mean. */
function isReadableLogDirectory(path: string): boolean {
  try {
    return isLogDirectory(path);
  } catch (error) {
    if (error instanceof FatalError) return false;
    throw error;
  }
}

function onlyLogIn(path: string): LogSource | undefined {
  const logs = namesIn(path)
    .map((name) => join(path, name))
    .filter(isReadableLogDirectory);
  const [first] = logs;
  if (first === undefined) return undefined;
  if (logs.length > 1)
    throw unableTo("choose a log in", path, `it has logs in ${logs.join(" and ")}: name one of them`);
  return { kind: "directory", path: first };
}
