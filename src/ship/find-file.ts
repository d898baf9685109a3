import { measureGzip, resumeInGzip } from "../follow/gzip.ts";
import { close, isNamed, isSameFile, type OpenFile, openIfThere, startAt } from "../follow/log-files.ts";
import { mayBeAt, type Place, resumeAt } from "../follow/place.ts";
import { isRemembered } from "../follow/remembered.ts";
import { areUnchanged, isNewer, type Sibling, siblingsOf } from "../follow/siblings.ts";
import type { GenerationState } from "./state.ts";

/** Renamed while they were looked for so often, files count as gone. */
const ATTEMPTS = 20;

/**
 * Finds the file that was empty when it was last looked at. Its inode number alone tells; that may have been given to a
 * new file since, but not to one that is older than one that is known.
 */
export function findEmpty(path: string, place: Place, known: OpenFile): OpenFile | undefined {
  const siblings = siblingsOf(path);
  const own = siblings.find((sibling) => isSameFile(sibling, known));
  if (!own && !isNamed(path, known)) return undefined;
  const found = siblings.find((s) => !s.isGzip && mayBeAt(s, place) && (!own || isNewer(own, s)));
  const file = found && openAt(found.path, (opened) => isSameFile(opened, found));
  if (file) startAt(file, 0);
  return file;
}

/**
 * Finds the file of a generation again, read up to its place: by its inode number, or as a copy.
 *
 * @param isNeeded Whether a copy is looked for too.
 * @param places Of files that are no copies of this one.
 */
export async function findFile(
  path: string,
  generation: GenerationState,
  isNeeded: boolean,
  places: readonly Place[],
): Promise<OpenFile | undefined> {
  const { place, isGzip } = generation;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const candidate of [generation.path, path]) {
      const file = openAt(candidate, (opened) => mayBeAt(opened, place));
      const found = file && (await resumed(file, place, isGzip));
      if (found) return found;
    }
    const siblings = siblingsOf(path);
    for (const sibling of siblings.filter((s) => mayBeAt(s, place))) {
      const found = await resumedSibling(sibling, place);
      if (found) return found;
    }
    if (!isNeeded) return undefined;
    const others = siblings.filter((s) => !places.some((known) => isStill(s, known)));
    const copy = await findCopy(others, place);
    if (copy) return copy;
    // Of what is being renamed some files are seen twice, and others not at all.
    if (areUnchanged(path, siblings)) return undefined;
  }
  return undefined;
}

function isStill(sibling: Sibling, place: Place): boolean {
  if (!mayBeAt(sibling, place)) return false;
  const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
  const isIt = file !== undefined && isRemembered(file, sibling.isGzip, place);
  close(file);
  return isIt;
}

/** The newest file that holds all that was cut, not compressed or else compressed. */
async function findCopy(siblings: readonly Sibling[], place: Place): Promise<OpenFile | undefined> {
  // Of a file that nothing is known of, everything would be a copy.
  if (place.head.bytes === 0) return undefined;
  for (const isGzip of [false, true]) {
    for (const sibling of siblings.filter((s) => s.isGzip === isGzip).toReversed()) {
      const found = await resumedSibling(sibling, place);
      if (found) return found;
    }
  }
  return undefined;
}

/**
 * Looks for the compressed copy of a file that was emptied while it was followed.
 *
 * @returns the copy, read up to the place
 */
export async function findCompressed(path: string, place: Place): Promise<OpenFile | undefined> {
  return findCopy(
    siblingsOf(path).filter(({ isGzip }) => isGzip),
    place,
  );
}

/** Older files of a log that were last written to after a moment, oldest first. */
export async function olderFilesSince(path: string, sinceMs: number): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  for (const sibling of siblingsOf(path).filter(({ modifiedMs }) => modifiedMs >= sinceMs)) {
    const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
    if (!file) continue;
    file.isAway = true;
    if (sibling.isGzip) await measureGzip(file);
    else startAt(file, 0);
    files.push(file);
  }
  return files;
}

async function resumedSibling(sibling: Sibling, place: Place): Promise<OpenFile | undefined> {
  const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
  return file && resumed(file, place, sibling.isGzip);
}

/** The file as read up to the place; undefined, and closed, if it does not hold what the place's file held. */
async function resumed(file: OpenFile, place: Place, isGzip: boolean): Promise<OpenFile | undefined> {
  const isResumed = isGzip ? await resumeInGzip(file, place) : resumeAt(file, place);
  if (isResumed) return file;
  close(file);
  return undefined;
}

function openAt(path: string, isWanted: (file: OpenFile) => boolean): OpenFile | undefined {
  const file = path === "" ? undefined : openIfThere(path);
  if (file && isWanted(file)) return file;
  close(file);
  return undefined;
}
