import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { FatalError, unableTo } from "../system/errors.ts";

/** All names in a directory, sorted; none if it is not one. @throws FatalError `unable to read directory <path>: …` */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unableTo("read directory", directory, error);
  }
}

/** What is at a path; undefined if nothing is. @throws FatalError `unable to find <path>: <reason>` */
export function statIfThere(path: string): Stats | undefined {
  return found(path, statSync);
}

/** True if something is at a path, or if that cannot be seen. */
export function mayBeThere(path: string): boolean {
  try {
    return statIfThere(path) !== undefined;
  } catch (error) {
    if (error instanceof FatalError) return true;
    throw error;
  }
}

/** True if whoever writes to a file does so in the directory of this path: it is no link, and has no other name. */
export function hasOneName(path: string): boolean {
  try {
    const link = lstatSync(path);
    return link.isFile() && link.nlink === 1;
  } catch {
    return false;
  }
}

function found(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw unableTo("find", path, error);
  }
}

/** True if an error says that nothing is at a path. */
export function isAbsent(error: unknown): boolean {
  const name = errnoName(error);
  return name === "ENOENT" || name === "ENOTDIR";
}
