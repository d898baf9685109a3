/** Files that a program keeps for itself under fixed names, in a directory that may be another account's. */
import { closeSync, constants, fstatSync, lstatSync, openSync, unlinkSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { Refused } from "./errors.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * Opens a file by a name that whoever may write to its directory can have given to something else. A symbolic link is
 * followed only if it belongs to this account or to root: another account's would have a file elsewhere written to, or made.
 *
 * @param flags Without `O_NOFOLLOW`; never waits for the other end of a FIFO.
 * @throws Refused `a symbolic link of another account (uid N)`, or the system's error
 */
export function openOwnFile(path: string, flags: number, mode?: number): number {
  try {
    return openSync(path, flags | O_NONBLOCK | O_NOFOLLOW, mode);
  } catch (error) {
    if (errnoName(error) !== "ELOOP") throw error;
  }
  requireOwn(lstatSync(path));
  return openSync(path, flags | O_NONBLOCK, mode);
}

/** As `openOwnFile()`, for a file that is written over: it is regular and has no other name. */
export function openOwnRegularFile(path: string, flags: number, mode: number): number {
  const fd = openOwnFile(path, flags, mode);
  const status = fstatSync(fd);
  if (status.isFile() && status.nlink <= 1) return fd;
  closeSync(fd);
  throw new Refused(status.isFile() ? "it has another name as well" : "not a regular file");
}

/** Makes a file to write to, in place of what has its name; that is not touched. */
export function makeOwnFile(path: string, mode: number): number {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoName(error) !== "ENOENT") throw error;
  }
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL, mode);
}

/**
 * Calls with a path that leads into this very directory, whatever its name leads to meanwhile.
 *
 * @param ownerToo Another account that it may belong to, beside this one and root.
 * @throws Refused if it is a link or another account's, and the system's error
 */
export function withinOwnDirectory<T>(path: string, ownerToo: () => number, use: (path: string) => T): T {
  if (lstatSync(path).isSymbolicLink()) throw new Refused("a symbolic link");
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const { uid } = fstatSync(fd);
    if (uid !== 0 && uid !== process.geteuid!() && uid !== ownerToo())
      throw new Refused(`a directory of another account (uid ${uid})`);
    return use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function requireOwn({ uid }: { readonly uid: number }): void {
  if (uid !== 0 && uid !== process.geteuid!())
    throw new Refused(`a symbolic link of another account (uid ${uid})`);
}
