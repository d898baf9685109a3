import { readdirSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FatalError } from "../system/errors.ts";
import { type Inode, isSameFile } from "./log-files.ts";
import { namesAt } from "./names.ts";
import { statIfThere } from "./paths.ts";
import { isPackedName, type RotationName, rotationOf, unpackedName } from "./rotation-names.ts";

/** Where the files of a log lie: a real directory, without links, and the name that the log has in it. */
export interface Home {
  readonly directory: string;
  readonly base: string;
}

/** A file that may have been a log, by its name. */
export interface Entry extends Inode, RotationName {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Of its inode, in Unix milliseconds. */
  readonly changedMs: number;
  /** It bears the name of the log itself, in one of its homes. */
  readonly isNamed: boolean;
  /** Its name is not that of a rotated file: it was looked up by its inode number, and may be any other file. */
  readonly isFar?: true;
  /** The number that counts rotations grows with each, instead of with the age of the file. */
  readonly isAscending: boolean;
}

interface ListedFile extends RotationName {
  readonly path: string;
  readonly isNamed: boolean;
  readonly stats: Stats;
}

/** A link that leads nowhere is never there. */
const ATTEMPTS = 5;

/** The homes of a log: where its path leads to, behind all links, and where the path itself is. */
export function homesOf(path: string): Home[] {
  const real = realPathOf(path);
  const paths = new Set([real ?? path, join(realPathOf(dirname(path)) ?? dirname(path), basename(path))]);
  return [...paths].map((one) => ({ directory: dirname(one), base: basename(one) }));
}

/** A path without links; undefined if it leads nowhere for now. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/**
 * All files in the homes of a log that may have been it, oldest first; one that is being compressed only once, and one that
 * has several names only under the first of them.
 *
 * @throws FatalError `unable to read directory …`, `unable to find …`
 */
export function entriesOf(homes: readonly Home[]): Entry[] {
  const entries = homes.flatMap((home) => {
    const found = listed(home);
    const isAscending = doCountsAscend(found.filter(({ isNamed }) => !isNamed));
    return found.map((one) => entryFrom(one, isAscending));
  });
  const once = entries.filter((a, index) => entries.findIndex((b) => isSameFile(a, b)) === index);
  return once.sort((a, b) => (isNewer(a, b) ? 1 : isNewer(b, a) ? -1 : 0));
}

/** True if there are the same files under the same names: of files being renamed some are seen twice, and others not at all. */
export function areSame(before: readonly Entry[], now: readonly Entry[]): boolean {
  const files = new Map(now.map((entry) => [entry.path, entry]));
  const isThere = (entry: Entry) => {
    const other = files.get(entry.path);
    return other !== undefined && isSameFile(other, entry);
  };
  return now.length === before.length && before.every(isThere);
}

/** The path of a file with some inode number, whatever its name, in the homes of a log. */
export function findByInode(homes: readonly Home[], { inode }: Inode): string | undefined {
  for (const directory of new Set(homes.map((home) => home.directory)))
    for (const entry of entriesByInode(directory)) if (entry.inode === inode) return entry.path;
  return undefined;
}

/** The file at a path, with a name that tells nothing; undefined if it is none. */
export function entryAt(path: string): Entry | undefined {
  const stats = statIfThere(path);
  if (!stats?.isFile()) return undefined;
  return { ...entryFrom({ path, isNamed: false, stats, ...UNMARKED }, false), isFar: true };
}

/** True if the first was the log after the second: by the numbers in their names, or else by when they were written to. */
export function isNewer(a: Entry, b: Entry): boolean {
  if (isCount(a) && isCount(b) && a.numbers[0] !== b.numbers[0])
    return a.isAscending ? a.numbers[0]! > b.numbers[0]! : a.numbers[0]! < b.numbers[0]!;
  if (isDate(a) && isDate(b)) {
    const length = Math.max(a.numbers.length, b.numbers.length);
    for (let index = 0; index < length; index++) {
      const difference = (a.numbers[index] ?? -1) - (b.numbers[index] ?? -1);
      if (difference !== 0) return difference > 0;
    }
  }
  return a.modifiedMs > b.modifiedMs;
}

/** If a file goes while it is listed, its compressed copy is there by now, or it bears another name: it is listed again. */
function listed({ directory, base }: Home): ListedFile[] {
  for (let attempt = 1; ; attempt++) {
    const { all, rotated } = namesAt(directory);
    const candidates = [base, ...(rotated.get(base) ?? [])].flatMap((name) => {
      const isPlainThere = isPackedName(name) && all.has(unpackedName(name));
      const isNamed = name === base;
      const rotation = isNamed ? UNMARKED : rotationOf(name, base);
      const isThere = rotation !== undefined && all.has(name) && !isPlainThere;
      return isThere ? [{ path: join(directory, name), isNamed, ...rotation }] : [];
    });
    const found = candidates.flatMap((candidate) => {
      const stats = statIfThere(candidate.path);
      return stats ? [{ ...candidate, stats }] : [];
    });
    if (found.length === candidates.length || attempt === ATTEMPTS)
      return found.filter(({ stats }) => stats.isFile());
  }
}

const UNMARKED: RotationName = { numbers: [], isUnordered: true };

function* entriesByInode(directory: string): Generator<{ path: string; inode: number }> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    try {
      const stats = statIfThere(path);
      if (stats?.isFile()) yield { path, inode: stats.ino };
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
    }
  }
}

function isCount({ numbers, isUnordered }: RotationName): boolean {
  return !isUnordered && numbers.length === 1 && numbers[0]! < 1000;
}

function isDate(name: RotationName): boolean {
  return !name.isUnordered && !isCount(name);
}

/**
 * True if `app-2.log` was the log after `app-1.log`, as Log4j 2 has it unless told otherwise; logrotate and most others
 * have it the other way round, which is taken for granted unless the times of all files speak against it.
 */
function doCountsAscend(found: readonly ListedFile[]): boolean {
  const counted = found.filter((one) => isCount(one) && one.stats.size > 0);
  counted.sort((a, b) => a.numbers[0]! - b.numbers[0]!);
  return (
    counted.length > 1 && counted.slice(1).every((after, index) => isProvenLater(after, counted[index]!))
  );
}

/**
 * True if a file came into being after another one was last written to, and was last touched by a rotation after that.
 * Where files are renamed from number to number it is the one with the lower number of which the second holds.
 */
function isProvenLater(after: ListedFile, before: ListedFile): boolean {
  if (isPackedName(after.path) !== isPackedName(before.path)) return false;
  if (after.stats.ctimeMs <= before.stats.ctimeMs) return false;
  if (isPackedName(after.path)) return after.stats.mtimeMs > before.stats.mtimeMs;
  const { birthtimeMs, ctimeMs } = after.stats;
  // Kernels that do not tell it give some other time in its place.
  const isBirthKnown = birthtimeMs > 0 && birthtimeMs < ctimeMs;
  return isBirthKnown && birthtimeMs >= before.stats.mtimeMs;
}

function entryFrom({ path, numbers, isUnordered, isNamed, stats }: ListedFile, isAscending: boolean): Entry {
  const { dev: device, ino: inode, size, mtimeMs: modifiedMs, ctimeMs: changedMs } = stats;
  return { path, device, inode, size, modifiedMs, changedMs, numbers, isUnordered, isNamed, isAscending };
}
