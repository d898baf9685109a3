import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { findLog } from "../follow/find-log.ts";
import { statIfThere } from "../follow/log-files.ts";
import { rotationOf } from "../follow/siblings.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { parseState } from "./state.ts";

/** A log that is to be shipped. */
export interface FoundLog {
  /** Absolute, its directory without symbolic links, so that one log has one path. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Where something happens when it grows. */
  readonly directory: string;
}

/** True if a person means all files that match it, now or later. */
export function isPattern(text: string): boolean {
  return /[*?[{]/.test(text) && !statIfThere(text);
}

/**
 * The log that a person means by a path.
 *
 * @returns undefined if there is nothing yet
 * @throws FatalError as `findLog()` does
 */
export function findSource(text: string): FoundLog | undefined {
  const found = findLog(resolve(text));
  if (!found) return undefined;
  return found.kind === "file" ? logFile(found.path) : logDirectory(found.path);
}

/** The logs that were shipped before and match, whether or not they are there now. */
export function rememberedSources(stateDirectory: string, isWanted: (path: string) => boolean): FoundLog[] {
  const logs: FoundLog[] = [];
  for (const name of namesOf(stateDirectory).filter((n) => n.endsWith(".json"))) {
    const path = join(stateDirectory, name);
    const content = readRegularFile(path);
    if (!Buffer.isBuffer(content) && content.kind !== "absent") throw unableTo("read", path, content.reason);
    const state = Buffer.isBuffer(content) ? parseState(content.toString()) : undefined;
    if (!state || !isWanted(state.source)) continue;
    const directory = state.kind === "file" ? dirname(state.source) : state.source;
    logs.push({ path: state.source, kind: state.kind, directory });
  }
  return logs;
}

/**
 * The files that match a pattern, without those that a rotation has made of another one that matches, and without
 * compressed ones.
 *
 * @throws FatalError `unable to look for PATTERN: <reason>`
 */
export function matchingFiles(pattern: string): FoundLog[] {
  const paths = scan(resolve(pattern)).filter((path) => !path.endsWith(".gz"));
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const directory = dirname(path);
    names.set(directory, (names.get(directory) ?? new Set()).add(basename(path)));
  }
  const isOriginal = (path: string) => {
    const name = basename(path);
    const bases = possibleBases(name).filter((base) => names.get(dirname(path))!.has(base));
    return !bases.some((base) => rotationOf(name, base) !== undefined);
  };
  const directories = new Map([...names.keys()].map((directory) => [directory, realpathSync(directory)]));
  return paths.filter(isOriginal).flatMap((path): FoundLog[] => {
    const directory = directories.get(dirname(path))!;
    if (!statIfThere(path)?.isFile()) return [];
    return [{ path: join(directory, basename(path)), kind: "file", directory }];
  });
}

/** The absolute pattern of a pattern, as found paths have it. */
export function realPattern(pattern: string): string {
  const absolute = resolve(pattern);
  const fixed = absolute.slice(0, absolute.search(/[*?[{]/)).replace(/\/[^/]*$/, "") || "/";
  try {
    return join(realpathSync(fixed), absolute.slice(fixed.length));
  } catch {
    return absolute;
  }
}

/** What the name of a rotated file may have been before: it with digits and what goes with them cut out. */
function possibleBases(name: string): string[] {
  const bases: string[] = [];
  for (const match of name.matchAll(/[.\-_](?=\d|old)/g)) {
    const start = match.index;
    bases.push(name.slice(0, start));
    const extension = /\.[^.\d][^.]*$/.exec(name.slice(start))?.[0];
    if (extension !== undefined) bases.push(name.slice(0, start) + extension);
  }
  return bases;
}

function scan(pattern: string): string[] {
  try {
    return [...new Bun.Glob(pattern).scanSync({ cwd: "/", absolute: true, onlyFiles: false })].sort();
  } catch (error) {
    if (errnoName(error) === "ENOENT" || errnoName(error) === "ENOTDIR") return [];
    throw unableTo("look for", pattern, error);
  }
}

function logFile(path: string): FoundLog {
  const directory = realpathSync(dirname(path));
  return { path: join(directory, basename(path)), kind: "file", directory };
}

function logDirectory(path: string): FoundLog {
  const directory = realpathSync(path);
  return { path: directory, kind: "directory", directory };
}

function namesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return [];
    throw unableTo("read directory", directory, error);
  }
}
