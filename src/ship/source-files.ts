import { basename } from "node:path";
import { DirectoryFollower } from "../follow/directory-follower.ts";
import { FileFollower } from "../follow/file-follower.ts";
import type { Follower } from "../follow/follower.ts";
import { finishedNames, hold, type OpenFile, openIfThere } from "../follow/log-files.ts";
import { placeOf } from "../follow/place.ts";
import { closeSnapshot, type Snapshot, takeSnapshot } from "../follow/snapshot.ts";
import { olderFilesSince } from "./find-file.ts";
import { atEnd, Generation, type Instant } from "./generation.ts";
import type { HeldFiles } from "./held-files.ts";
import { resumeDirectory } from "./resume-directory.ts";
import { resumeFiles } from "./resume-file.ts";
import type { GenerationState, SourceState } from "./state.ts";
import type { Found } from "./state-file.ts";

/** What a source begins with. */
export interface Beginning {
  readonly follower: Follower;
  /** Oldest first. */
  readonly generations: Generation[];
  /** Generations of which not all was cut, and whose files are gone. */
  readonly gone: readonly GenerationState[];
  /** Finished files that are not to be shipped. */
  readonly done: readonly string[];
}

export interface BeginOptions {
  readonly found: Found;
  /** Where to begin if nothing is remembered. */
  readonly from: "start" | "end";
  readonly at: Instant;
  nextId(): string;
}

const STEADY_ATTEMPTS = 25;
const STEADY_WAIT_MS = 20;

/** How far back rotated files are shipped again whose state was damaged: nobody knows how far they had been shipped. */
const START_OVER_MS = 24 * 3_600_000;

/** Finds where to go on in a log file. */
export async function beginFile(path: string, options: BeginOptions): Promise<Beginning> {
  const { found, from, at, nextId } = options;
  const none = { gone: [], done: [] };
  if (found.kind === "state") return resumeFile(path, found.state, at);
  if (found.kind === "damaged") {
    const files = await olderFilesSince(path, found.writtenMs - START_OVER_MS);
    const generations = files.map((file) => ended(new Generation(nextId(), file, at)));
    return { follower: new FileFollower(path, undefined, files.map(placeOf)), generations, ...none };
  }
  const file = from === "end" ? openIfThere(path) : undefined;
  const generations = file ? [new Generation(nextId(), hold(atEnd(file)), at)] : [];
  return { follower: new FileFollower(path, file), generations, ...none };
}

async function resumeFile(path: string, state: SourceState, at: Instant): Promise<Beginning> {
  const { files, gone } = await resumeFiles(path, state.generations);
  const generations = state.generations.map(
    (saved) => new Generation(saved.id, files.get(saved.id), at, saved),
  );
  // Whatever bore the log's name after the newest file that is known is new.
  const newest = generations.findLast(({ file }) => file !== undefined);
  const reading = newest?.file && hold(newest.file);
  for (const generation of generations.filter((g) => g !== newest)) {
    generation.isEnded = true;
    if (generation.file) generation.file.isAway = true;
  }
  const known = [...files.values()].filter((file) => file !== reading).map(placeOf);
  const lostMs = reading ? undefined : state.modifiedMs || undefined;
  const saved = state.generations.find(({ id }) => id === newest?.id);
  const wasEmpty = saved?.place.head.bytes === 0 && reading?.isGzip === false;
  const older = wasEmpty ? state.older : undefined;
  if (wasEmpty && older) takeForEmpty(reading, saved.modifiedMs);
  return { follower: new FileFollower(path, reading, known, lostMs, older), generations, gone, done: [] };
}

/** What a log holds by now may not be the first that it has held since it was empty, which the follower finds out. */
function takeForEmpty(log: OpenFile, modifiedMs: number): void {
  Object.assign(log, { head: Buffer.alloc(0), size: 0, modifiedMs });
}

/** Finds where to go on in a log directory. */
export async function beginDirectory(
  directory: string,
  held: HeldFiles,
  onLoss: () => void,
  { found, from, at, nextId }: BeginOptions,
): Promise<Beginning> {
  const snapshot = await steadySnapshot(directory);
  const present = snapshot?.finished ?? finishedNames(directory);
  const state = found.kind === "state" ? found.state : undefined;
  const isFromEnd = found.kind === "nothing" && from === "end";
  const done = isFromEnd ? present : (state?.done ?? []);
  for (const name of held.names) if (done.includes(name)) held.release(name);
  const { files, gone, hasGap } = resumeDirectory(directory, snapshot, held, state && { ...state, done });
  if (hasGap) onLoss();
  const follower = new DirectoryFollower(directory, snapshot, onLoss, present);
  const isFollowed = (file: OpenFile) => file === snapshot?.current || file === snapshot?.previous;
  const generations: Generation[] = [];
  for (const { file, known } of files) {
    if (isFromEnd && file !== snapshot?.current) continue;
    if (isFollowed(file)) hold(file);
    if (isFromEnd) atEnd(file);
    const generation = new Generation(known?.id ?? nextId(), file, at, known);
    generation.isEnded = file !== snapshot?.current;
    generations.push(generation);
  }
  const isMet = (id: string) => generations.some((generation) => generation.id === id);
  const orphans = (state?.generations ?? []).filter(
    ({ id, intentions }) => !isMet(id) && intentions.length > 0,
  );
  const lost = orphans.map((saved) => ended(new Generation(saved.id, undefined, at, saved)));
  return { follower, generations: [...lost, ...generations], gone, done };
}

/**
 * A moment's wait for a rotation under way: until there is a new `current`, and a processor has put its result in the place
 * of the finished file. After a crash of the writer there may be none until it is started again.
 */
async function steadySnapshot(directory: string): Promise<Snapshot | undefined> {
  for (let attempt = 0; ; attempt++) {
    const snapshot = takeSnapshot(directory);
    const isSteady = snapshot ? !snapshot.hasGap : finishedNames(directory).length === 0;
    if (isSteady || attempt === STEADY_ATTEMPTS) return snapshot;
    if (snapshot) closeSnapshot(snapshot);
    await Bun.sleep(STEADY_WAIT_MS);
  }
}

function ended(generation: Generation): Generation {
  generation.isEnded = true;
  return generation;
}

/** What a source is called in keys: its path without the first slash. */
export function sourceNameOf(path: string): string {
  return path.replace(/^\/+/, "") || basename(path);
}
