import { basename } from "node:path";
import { DirectoryFollower } from "../follow/directory-follower.ts";
import { FileFollower } from "../follow/file-follower.ts";
import { finishedNames } from "../follow/finished-files.ts";
import type { Follower } from "../follow/follower.ts";
import { close, type LogFile, openIfThere } from "../follow/log-files.ts";
import { closeSnapshot, type Snapshot, takeSnapshot } from "../follow/snapshot.ts";
import type { Neighbours } from "../follow/surroundings.ts";
import { atEnd, Generation, type Instant, rememberedFile } from "./generation.ts";
import type { HeldFiles } from "./held-files.ts";
import { resumeDirectory } from "./resume-directory.ts";
import type { GenerationState, SourceState } from "./state.ts";
import type { OpenedState } from "./state-file.ts";

/** What a source begins with. */
export interface Beginning {
  readonly follower: Follower;
  /** Oldest first. */
  readonly generations: Generation[];
  /** Those of which not all was cut, and whose files are gone. */
  readonly gone: readonly Generation[];
  /** Finished files that are not to be shipped. */
  readonly done: readonly string[];
}

export interface BeginOptions {
  readonly found: OpenedState;
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
export function beginFile(
  path: string,
  { found, from, at, nextId }: BeginOptions,
  neighbours: Neighbours,
): Beginning {
  const none = { gone: [], done: [] };
  if (found.kind === "state") return { ...resumeFile(path, found.state, at, neighbours), ...none };
  if (found.kind === "damaged") {
    const sinceMs = found.writtenMs - START_OVER_MS;
    return { follower: new FileFollower(path, { sinceMs }, neighbours), generations: [], ...none };
  }
  const file = from === "end" ? openIfThere(path) : undefined;
  const generations = file ? [new Generation(nextId(), atEnd(file), at)] : [];
  for (const generation of generations) generation.take();
  return { follower: new FileFollower(path, { followed: file }, neighbours), generations, ...none };
}

/** A restart is a look at which no file is open: the follower opens what is to be shipped. */
function resumeFile(path: string, state: SourceState, at: Instant, neighbours: Neighbours) {
  const all = state.generations.map((saved) => new Generation(saved.id, rememberedFile(saved), at, saved));
  // One that was left behind for another with the same content: that is known by it, and nothing was ever shipped of this one.
  const isLeftBehind = (g: Generation) =>
    g.wasEnded && g.start > 0 && g.cut === g.start && g.unstoredBytes === 0 && g.previous === undefined;
  const generations = all.filter((generation) => !isLeftBehind(generation));
  const isWanted = (g: Generation) => !g.wasEnded || g.uncutBytes > 0 || g.file.size < 0 || !g.isAcknowledged;
  for (const generation of generations) if (!isWanted(generation)) generation.status = "released";
  const files = generations.map(({ file }) => file);
  const followed = generations.findLast(({ wasEnded }) => !wasEnded)?.file;
  const wanted = generations.filter(isWanted).map(({ file }) => file);
  const follower = new FileFollower(path, { files, followed, wanted, left: state.older }, neighbours);
  return { follower, generations };
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
  const isFollowed = (file: LogFile) => file === snapshot?.current || file === snapshot?.previous;
  const generations: Generation[] = [];
  for (const { file, known } of files) {
    if (isFromEnd && file !== snapshot?.current) continue;
    if (isFromEnd) atEnd(file);
    const generation = new Generation(known?.id ?? nextId(), file, at, known);
    generation.take();
    if (!isFollowed(file)) close(file);
    generation.status = file === snapshot?.current ? "followed" : "ended";
    generations.push(generation);
  }
  const isMet = (id: string) => generations.some((generation) => generation.id === id);
  const unmet = (state?.generations ?? []).filter(({ id, intentions }) => {
    return !isMet(id) && (intentions.length > 0 || gone.some((g) => g.id === id));
  });
  const lost = unmet.map((saved) => new Generation(saved.id, rememberedFile(saved), at, saved));
  const isGone = ({ id }: Generation) => gone.some((saved: GenerationState) => saved.id === id);
  for (const generation of lost) if (!isGone(generation)) generation.status = "gone";
  return { follower, generations: [...lost, ...generations], gone: lost.filter(isGone), done };
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

/** What a source is called in keys: its path without the first slash. */
export function sourceNameOf(path: string): string {
  return path.replace(/^\/+/, "") || basename(path);
}
