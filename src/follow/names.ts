import { namesIn, statIfThere } from "./paths.ts";
import { basesOf } from "./rotation-names.ts";

/** The names in a directory, as they were when it was read. */
export interface Names {
  readonly all: ReadonlySet<string>;
  /** By the name of a log, those that its rotated files may have. */
  readonly rotated: ReadonlyMap<string, readonly string[]>;
}

interface Known extends Names {
  readonly inode: number;
  readonly changedMs: number;
}

/** A directory that was changed so shortly before it was read may have been changed again within the same tick. */
const TICK_MS = 50;
/** Of each, all names are kept. */
const MOST_DIRECTORIES = 100;

const known = new Map<string, Known>();

/**
 * The names in a directory, which is read again only if it has changed: many logs lie in one directory.
 *
 * @throws FatalError `unable to read directory <path>: …`
 */
export function namesAt(directory: string): Names {
  const stats = statIfThere(directory);
  const before = known.get(directory);
  if (before && before.inode === stats?.ino && before.changedMs === stats.mtimeMs) return before;
  known.delete(directory);
  const names = namesIn(directory);
  const rotated = new Map<string, string[]>();
  for (const name of names) {
    for (const base of basesOf(name).keys()) {
      const others = rotated.get(base);
      if (others) others.push(name);
      else rotated.set(base, [name]);
    }
  }
  const read = { all: new Set(names), rotated, inode: stats?.ino ?? 0, changedMs: stats?.mtimeMs ?? 0 };
  if (known.size >= MOST_DIRECTORIES) known.clear();
  if (Math.abs(Date.now() - read.changedMs) > TICK_MS) known.set(directory, read);
  return read;
}
