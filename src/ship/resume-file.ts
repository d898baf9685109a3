import { measureGzip, resumeInGzip } from "../follow/gzip.ts";
import { close, isSameFile, type OpenFile, openIfThere } from "../follow/log-files.ts";
import { isAtInode, type Place, resumeAt } from "../follow/place.ts";
import { type Sibling, siblingsOf } from "../follow/siblings.ts";
import type { GenerationState } from "./state.ts";

/** The files of a log file that are remembered, as far as they are there. */
export interface ResumedFiles {
  /** By the generation's id; open, and read up to where they were cut. */
  readonly files: ReadonlyMap<string, OpenFile>;
  /** Generations of which not all was cut, and whose files are gone. */
  readonly gone: readonly GenerationState[];
}

/**
 * Finds remembered files again: by device and inode under whatever name a rotation has given them, if what they hold is
 * still what it was; as a copy, if they were emptied; or compressed.
 */
export async function resumeFiles(
  path: string,
  generations: readonly GenerationState[],
): Promise<ResumedFiles> {
  const search = new Search(path, generations);
  const files = new Map<string, OpenFile>();
  const gone: GenerationState[] = [];
  for (const generation of generations) {
    const file = await search.find(generation);
    if (file) files.set(generation.id, file);
    else if (isUnfinished(generation)) gone.push(generation);
  }
  return { files, gone };
}

/** True if there may be more of it to ship than the intentions have. */
function isUnfinished({ isEnded, sizeBytes, place }: GenerationState): boolean {
  return !isEnded || sizeBytes > place.offset;
}

class Search {
  readonly #path: string;
  readonly #places: readonly Place[];
  #siblings: readonly Sibling[] | undefined;

  constructor(path: string, generations: readonly GenerationState[]) {
    this.#path = path;
    this.#places = generations.map(({ place }) => place);
  }

  async find(generation: GenerationState): Promise<OpenFile | undefined> {
    const { place, path } = generation;
    for (const candidate of [path, this.#path]) {
      const file = openAt(candidate, (opened) => isAtInode(opened, place));
      const found = file && (await resumed(file, place, generation.isGzip));
      if (found) return found;
    }
    this.#siblings ??= siblingsOf(this.#path);
    for (const sibling of this.#siblings.filter((s) => isAtInode(s, place))) {
      const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
      const found = file && (await resumed(file, place, sibling.isGzip));
      if (found) return found;
    }
    const isNeeded = isUnfinished(generation) || generation.intentions.length > 0;
    return isNeeded ? this.#findCopy(place) : undefined;
  }

  /** The newest other file that holds all that was cut, not compressed or else compressed. */
  async #findCopy(place: Place): Promise<OpenFile | undefined> {
    // Of a file that nothing is known of, everything would be a copy.
    if (place.head.bytes === 0) return undefined;
    const others = this.#siblings!.filter((s) => !this.#places.some((known) => isAtInode(s, known)));
    for (const isGzip of [false, true]) {
      for (const sibling of others.filter((s) => s.isGzip === isGzip).toReversed()) {
        const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
        const found = file && (await resumed(file, place, isGzip));
        if (found) return found;
      }
    }
    return undefined;
  }
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

/**
 * Looks for the compressed copy of a file that was emptied or deleted while it was followed.
 *
 * @returns the copy, read up to the place
 */
export async function findCompressed(path: string, place: Place): Promise<OpenFile | undefined> {
  if (place.head.bytes === 0) return undefined;
  for (const sibling of siblingsOf(path)
    .filter((s) => s.isGzip)
    .toReversed()) {
    const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
    const found = file && (await resumed(file, place, true));
    if (found) return found;
  }
  return undefined;
}

/** Older files of a log that were last written to after a moment, oldest first. */
export async function olderFilesSince(path: string, sinceMs: number): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  for (const sibling of siblingsOf(path).filter(({ modifiedMs }) => modifiedMs >= sinceMs)) {
    const file = openAt(sibling.path, (opened) => isSameFile(opened, sibling));
    if (!file) continue;
    file.isAway = true;
    if (sibling.isGzip) await measureGzip(file);
    files.push(file);
  }
  return files;
}
