import type { Stats } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type Inode, isSameFile, namesIn, statIfThere } from "./log-files.ts";

/** A file that is an older one of the same log, by its name. */
export interface Sibling extends Inode {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly isGzip: boolean;
  /** The numbers in its name: one of up to three digits counts rotations, anything else is a date. */
  readonly numbers: readonly number[];
  /** The number that counts rotations grows with each, instead of with the age of the file. */
  readonly isAscending: boolean;
}

interface FoundSibling {
  readonly path: string;
  readonly numbers: readonly number[];
  readonly stats: Stats;
}

/** What logrotate and others put behind a name, or before its extension: `.1`, `-20170112`, `.2017-01-12`. */
const NUMBERED = /^[.\-_]\d[\dT:._-]*$/;
const OLD = /^[.\-_]old$/;
const GZIP = ".gz";

/** A link that leads nowhere is never there. */
const ATTEMPTS = 5;

/**
 * The numbers by which a name is that of an older file of a log: `access.log.1`, `access.log-20170112.gz`,
 * `access-2017-01-12.log`, `access.log.old`; undefined for any other name.
 *
 * @param base The name of the log: `access.log`.
 */
export function rotationOf(name: string, base: string): readonly number[] | undefined {
  const plain = name.endsWith(GZIP) ? name.slice(0, -GZIP.length) : name;
  const suffix = plain.startsWith(base) ? plain.slice(base.length) : betweenStemAndExtension(plain, base);
  if (suffix === undefined) return undefined;
  if (OLD.test(suffix)) return [0];
  return NUMBERED.test(suffix) ? (suffix.match(/\d+/g) ?? []).map(Number) : undefined;
}

/** All older files of a log that are there, oldest first; one that is being compressed only once. */
export function siblingsOf(path: string): Sibling[] {
  const found = listed(path);
  const isAscending = doCountsAscend(found);
  const siblings = found.map((sibling) => siblingFrom(sibling, isAscending));
  return siblings.sort((a, b) => (isNewer(a, b) ? 1 : isNewer(b, a) ? -1 : 0));
}

/** If a file goes while it is listed, its compressed copy is there by now, or it bears another name: it is listed again. */
function listed(path: string): FoundSibling[] {
  const directory = dirname(path);
  const base = basename(path);
  for (let attempt = 1; ; attempt++) {
    const names = namesIn(directory);
    const isPlainThere = (name: string) => name.endsWith(GZIP) && names.includes(name.slice(0, -GZIP.length));
    const candidates = names.flatMap((name) => {
      const numbers = isPlainThere(name) ? undefined : rotationOf(name, base);
      return numbers ? [{ path: join(directory, name), numbers }] : [];
    });
    const found = candidates.flatMap((candidate) => {
      const stats = statIfThere(candidate.path);
      return stats ? [{ ...candidate, stats }] : [];
    });
    if (found.length === candidates.length || attempt === ATTEMPTS)
      return found.filter(({ stats }) => stats.isFile());
  }
}

/** True if the older files of a log are still those: of files being renamed some are seen twice, and others not at all. */
export function areUnchanged(path: string, siblings: readonly Sibling[]): boolean {
  const now = new Map(siblingsOf(path).map((sibling) => [sibling.path, sibling]));
  const isThere = (sibling: Sibling) => {
    const other = now.get(sibling.path);
    return other !== undefined && isSameFile(other, sibling);
  };
  return now.size === siblings.length && siblings.every(isThere);
}

/** True if the first was the log after the second: by the numbers in their names, or else by when they were written to. */
export function isNewer(a: Sibling, b: Sibling): boolean {
  if (isCount(a) && isCount(b))
    return a.isAscending ? a.numbers[0]! > b.numbers[0]! : a.numbers[0]! < b.numbers[0]!;
  if (isCount(a) || isCount(b)) return a.modifiedMs > b.modifiedMs;
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let index = 0; index < length; index++) {
    const difference = (a.numbers[index] ?? -1) - (b.numbers[index] ?? -1);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function isCount({ numbers }: Pick<Sibling, "numbers">): boolean {
  return numbers.length === 1 && numbers[0]! < 1000;
}

/**
 * True if `app-2.log` was the log after `app-1.log`, as Log4j 2 has it unless told otherwise; logrotate and most others
 * have it the other way round, which is taken for granted unless the times of all files speak against it.
 */
function doCountsAscend(found: readonly FoundSibling[]): boolean {
  const counted = found.filter((sibling) => isCount(sibling) && sibling.stats.size > 0);
  counted.sort((a, b) => a.numbers[0]! - b.numbers[0]!);
  return (
    counted.length > 1 && counted.slice(1).every((after, index) => isProvenLater(after, counted[index]!))
  );
}

/**
 * True if a file came into being after another one was last written to, and was last touched by a rotation after that.
 * Where files are renamed from number to number it is the one with the lower number of which the second holds.
 */
function isProvenLater(after: FoundSibling, before: FoundSibling): boolean {
  if (after.path.endsWith(GZIP) !== before.path.endsWith(GZIP)) return false;
  if (after.stats.ctimeMs <= before.stats.ctimeMs) return false;
  if (after.path.endsWith(GZIP)) return after.stats.mtimeMs > before.stats.mtimeMs;
  const { birthtimeMs, ctimeMs } = after.stats;
  // Kernels that do not tell it give some other time in its place.
  const isBirthKnown = birthtimeMs > 0 && birthtimeMs < ctimeMs;
  return isBirthKnown && birthtimeMs >= before.stats.mtimeMs;
}

function betweenStemAndExtension(name: string, base: string): string | undefined {
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  const isBetween = extension !== "" && name.startsWith(stem) && name.endsWith(extension);
  const end = name.length - extension.length;
  return isBetween && end > stem.length ? name.slice(stem.length, end) : undefined;
}

function siblingFrom({ path, numbers, stats }: FoundSibling, isAscending: boolean): Sibling {
  const { dev: device, ino: inode, size, mtimeMs: modifiedMs } = stats;
  return { path, device, inode, size, modifiedMs, isGzip: path.endsWith(GZIP), numbers, isAscending };
}
