import { close, isSameFile, type OpenFile } from "../follow/log-files.ts";
import { findEmpty, findFile } from "./find-file.ts";
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
 *
 * @param generations Oldest first.
 */
export async function resumeFiles(
  path: string,
  generations: readonly GenerationState[],
): Promise<ResumedFiles> {
  // A compressed copy may have been met as a file of its own, just before a crash; nothing was shipped of it as that.
  const places = generations.filter(isTouched).map(({ place }) => place);
  const isOneKnown = generations.some(({ place }) => place.head.bytes > 0);
  const files = new Map<string, OpenFile>();
  const gone: GenerationState[] = [];
  let newest: OpenFile | undefined;
  for (const generation of generations.toReversed()) {
    if (isOneKnown && generation.place.head.bytes === 0) {
      const file = newest && findEmpty(path, generation.place, newest);
      if (file) files.set(generation.id, file);
      continue;
    }
    // What comes after the newest that is there is new: so that one has to be found, also if it is done with.
    // Nor may what was met since be its copy.
    const mayHaveTwin = generations.some((other) => files.has(other.id) && !isTouched(other));
    const isDone = !isUnfinished(generation) && generation.intentions.length === 0;
    const isNeeded = files.size === 0 || !isDone || mayHaveTwin;
    const file = await findFile(path, generation, isNeeded, places);
    if (file) {
      forgetTwins(files, file);
      files.set(generation.id, file);
    }
    newest ??= file;
    if (!file && isUnfinished(generation) && isBegun(generation)) gone.unshift(generation);
  }
  return { files, gone };
}

/** True if some of it was shipped, or was to be. */
function isTouched(generation: GenerationState): boolean {
  return isBegun(generation) || generation.intentions.length > 0;
}

function forgetTwins(files: Map<string, OpenFile>, file: OpenFile): void {
  for (const [id, twin] of files) {
    if (!isSameFile(twin, file)) continue;
    close(twin);
    files.delete(id);
  }
}

/** True if there may be more of it to ship than the intentions have. */
function isUnfinished({ isEnded, sizeBytes, place }: GenerationState): boolean {
  return !isEnded || sizeBytes > place.offset;
}

/** A file that was seen, but never cut, is as good as a new one if it turns up again under another name. */
function isBegun({ place, start }: GenerationState): boolean {
  return place.offset > 0 || start > 0;
}
