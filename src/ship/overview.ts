import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { momentOf } from "../contract/generation-id.ts";
import { statIfThere } from "../follow/paths.ts";
import { errnoName } from "../system/errno.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { readRegularFile, type Unread } from "../system/regular-file.ts";
import { type GenerationState, parseState, type SourceState } from "./state.ts";

/** How a source is doing, as far as its state and its files tell anybody who may read them. */
export interface ShippedSource {
  readonly source: string;
  /** Of the process that ships it, or did last; undefined if that is not known. */
  readonly pid: number | undefined;
  /** The latest generation, and up to where all of it is acknowledged. */
  readonly generation: string | undefined;
  readonly position: number;
  /** Where each generation that is remembered begins, and up to where all of it is acknowledged, by its id. */
  readonly acknowledged: ReadonlyMap<string, { readonly start: number; readonly position: number }>;
  /** Bytes that are there and not acknowledged. */
  readonly lagBytes: number;
  /** Bytes known to be lost since it was first shipped. */
  readonly lostBytes: number;
  /** For how long, at most, the oldest of these have been there. */
  readonly lagSeconds: number;
  /** Undefined if nothing was acknowledged yet. */
  readonly acknowledgedMs: number | undefined;
}

/** A state file as it was found. */
export interface FoundState {
  readonly path: string;
  /** Why there is no source. */
  readonly problem: Unread | undefined;
  readonly shipped: ShippedSource | undefined;
}

/**
 * All sources whose states are in a directory or in one of those in it, by name; none if it is not there or may not be read. Damaged states are left out.
 *
 * @throws FatalError `unable to read directory DIR: <reason>`
 */
export function shippedSources(stateDirectory: string, nowMs: number): ShippedSource[] {
  return foundStates(stateDirectory, nowMs).flatMap(({ shipped }) => shipped ?? []);
}

/** As `shippedSources()`, with those that cannot be read. */
export function foundStates(stateDirectory: string, nowMs: number): FoundState[] {
  return statePaths(stateDirectory).map((path) => {
    const content = readRegularFile(path);
    if (!Buffer.isBuffer(content)) return { path, problem: content, shipped: undefined };
    const state = parseState(content.toString());
    if (!state) return { path, problem: { kind: "broken", reason: "damaged" }, shipped: undefined };
    const lock = readRegularFile(path.replace(/json$/, "lock"));
    const pid = Buffer.isBuffer(lock) ? Number(lock.toString()) || undefined : undefined;
    return { path, problem: undefined, shipped: overviewOf(state, pid, nowMs) };
  });
}

function overviewOf(state: SourceState, pid: number | undefined, nowMs: number): ShippedSource {
  const { generations, acknowledgedMs, source } = state;
  const latest = generations.at(-1);
  const lagBytes = generations.reduce((sum, generation) => sum + lagBytesOf(generation), 0);
  const intended = generations.flatMap(({ intentions }) => intentions.map(({ begunAtMs }) => begunAtMs));
  const metMs = generations.filter((g) => lagBytesOf(g) > 0).map(({ id }) => momentOf(id));
  const sinceMs = Math.min(...intended, Math.max(acknowledgedMs, ...metMs.slice(0, 1)));
  return {
    source,
    pid,
    generation: latest?.id,
    position: latest ? positionOf(latest) : 0,
    acknowledged: new Map(generations.map((g) => [g.id, { start: g.start, position: positionOf(g) }])),
    lagBytes,
    lostBytes: state.allLostBytes ?? state.lostBytes,
    lagSeconds: lagBytes > 0 ? Math.max(0, (nowMs - sinceMs) / 1000) : 0,
    acknowledgedMs: acknowledgedMs || undefined,
  };
}

function positionOf({ intentions, place }: GenerationState): number {
  return intentions[0]?.first ?? place.offset;
}

function lagBytesOf(generation: GenerationState): number {
  const { path, place, sizeBytes, isGzip } = generation;
  const stats = isGzip ? undefined : statQuietly(path);
  const isThere = stats?.ino === place.inode && stats.dev === place.device;
  return Math.max(0, (isThere ? stats.size : sizeBytes) - positionOf(generation));
}

function statQuietly(path: string) {
  try {
    return statIfThere(path);
  } catch (error) {
    if (error instanceof FatalError) return undefined;
    throw error;
  }
}

/** `setup --ship` makes a directory for positions in that of its own record, which is not the account's. */
function statePaths(directory: string): string[] {
  const isState = (path: string) => path.endsWith(".json");
  const own = pathsIn(directory, (entry) => !entry.isDirectory()).filter(isState);
  const inner = pathsIn(directory, (entry) => entry.isDirectory());
  return [...own, ...inner.flatMap((path) => pathsIn(path, (entry) => !entry.isDirectory()).filter(isState))];
}

function pathsIn(directory: string, isWanted: (entry: Dirent) => boolean): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true }).filter(isWanted);
    return entries.map(({ name }) => join(directory, name)).sort();
  } catch (error) {
    if (["ENOENT", "EACCES"].includes(errnoName(error) ?? "")) return [];
    throw unableTo("read directory", directory, error);
  }
}
