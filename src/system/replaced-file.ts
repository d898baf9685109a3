/** What has to be so before a file is renamed to a name that something else may have: that is gone then. */
import { fstatSync, lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { errnoName } from "./errno.ts";
import { Refused } from "./errors.ts";

/**
 * Nothing, a regular file or a link to one may be replaced. A device of the host, a FIFO or a socket is somebody else's.
 *
 * @throws Refused `not a regular file`, or the system's error
 */
export function requireReplaceable(path: string): void {
  requireFile(statSync(path, { throwIfNoEntry: false }));
}

/** As `requireReplaceable()`, without keeping all others waiting where a file system hangs. */
export async function requireReplaceableLater(path: string): Promise<void> {
  requireFile(await stat(path).catch(absent));
}

/**
 * The name under which a file is put that a person has named: where a link leads that they have there, so that it stays.
 *
 * @throws Refused, also where this program's own output goes, or the system's error
 */
export function replaceableName(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    if (lstatSync(path, { throwIfNoEntry: false })) throw new Refused("a link that leads nowhere");
    return path;
  }
  if (found.isDirectory()) throw new Refused("is a directory");
  requireFile(found);
  if ([1, 2].some((fd) => isAt(fd, found))) throw new Refused("what this command prints goes there");
  return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
}

/** What a directory is replaced by fails anyway, and says so. */
function requireFile(found: Stats | undefined): void {
  if (found && !found.isFile() && !found.isDirectory()) throw new Refused("not a regular file");
}

function isAt(fd: number, { dev, ino }: Stats): boolean {
  try {
    const own = fstatSync(fd);
    return own.dev === dev && own.ino === ino;
  } catch {
    return false; // it is closed
  }
}

function absent(error: unknown): undefined {
  if (["ENOENT", "ENOTDIR"].includes(errnoName(error) ?? "")) return undefined;
  throw error;
}
