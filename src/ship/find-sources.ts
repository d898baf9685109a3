import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { findLog } from "../follow/find-log.ts";
import type { Inode } from "../follow/log-files.ts";
import { mayBeThere, statIfThere } from "../follow/paths.ts";
import { basesOf, isPackedName } from "../follow/rotation-names.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { parseState, type SourceState } from "./state.ts";

/** What stands for bytes that are not UTF-8. */
const NOT_UTF8 = "\ufffd";

/** A log that is to be shipped. */
export interface FoundLog {
  /** Absolute, its directory without symbolic links, so that one log has one path. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Where something happens when it grows. */
  readonly directory: string;
  /** What was asked for when it was found: a path or a pattern, absolute, with the links in it. */
  readonly asked?: string;
}

/** A file that matches a pattern. */
export interface Match extends FoundLog, Inode {
  readonly size: number;
  /** The logs of which it may be an older file, by its name, as far as they match as well. */
  readonly bases: readonly string[];
}

/** A log that was shipped before. */
export interface RememberedLog extends FoundLog {
  /** Its files as they were when it was last looked at. */
  readonly files: readonly (Inode & { readonly path: string })[];
  /** It is gone, and all of it was shipped or told as lost: it takes nothing until it comes back. */
  readonly isFinished: boolean;
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

/** The logs that were shipped before and are asked for, whether or not they are there now. */
export function rememberedSources(
  stateDirectory: string,
  isWanted: (state: SourceState) => boolean,
): RememberedLog[] {
  const logs: RememberedLog[] = [];
  for (const name of namesOf(stateDirectory).filter((n) => n.endsWith(".json"))) {
    const path = join(stateDirectory, name);
    const content = readRegularFile(path);
    if (!Buffer.isBuffer(content) && content.kind !== "absent") throw unableTo("read", path, content.reason);
    const state = Buffer.isBuffer(content) ? parseState(content.toString()) : undefined;
    if (!state || !isWanted(state)) continue;
    const directory = state.kind === "file" ? dirname(state.source) : state.source;
    const files = state.generations.map(({ path, place: { device, inode } }) => ({ path, device, inode }));
    const isFinished = state.kind === "file" && files.length === 0 && !mayBeThere(state.source);
    logs.push({ path: state.source, kind: state.kind, directory, files, isFinished });
  }
  return logs;
}

/**
 * The files that match a pattern, each once, whatever links and other names lead to it, and without compressed ones.
 *
 * @param onUnnamed Called for each that cannot be opened because its name is not UTF-8.
 * @throws FatalError `unable to look for PATTERN: <reason>`
 */
export function matchingFiles(pattern: string, onUnnamed: (path: string) => void = () => {}): Match[] {
  const directories = new Map<string, string>();
  const matches = new Map<string, Match>();
  for (const found of scan(resolve(pattern)).filter((path) => !isPackedName(path))) {
    const stats = statIfThere(found);
    if (!stats && found.includes(NOT_UTF8)) onUnnamed(found);
    if (!stats?.isFile()) continue;
    const named = dirname(found);
    const directory = directories.get(named) ?? realpathSync(named);
    directories.set(named, directory);
    const path = join(directory, basename(found));
    const { dev: device, ino: inode, size } = stats;
    const match = { path, kind: "file" as const, directory, device, inode, size, bases: [] };
    const key = `${device}:${inode}`;
    const other = matches.get(key);
    if (!other || (isLink(other.path) && !isLink(path))) matches.set(key, match);
  }
  const paths = new Set([...matches.values()].map(({ path }) => path));
  return [...matches.values()].map((match) => {
    const bases = [...basesOf(basename(match.path)).keys()].map((base) => join(match.directory, base));
    return { ...match, bases: bases.filter((base) => paths.has(base)) };
  });
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
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
