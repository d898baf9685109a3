import { Candidate } from "./candidate.ts";
import { areSame, type Entry, entriesOf, entryAt, findByInode, type Home, homesOf } from "./listing.ts";
import { type Inode, isNamed, isSameFile, type LogFile } from "./log-files.ts";
import { statIfThere } from "./paths.ts";

/** What there is around a log beside its own name. */
export interface Neighbours {
  /** Directories where files are moved to when they are rotated. */
  readonly older?: readonly string[];
  /** True if a file belongs to another log that is followed. */
  isOthers?(file: Inode & { readonly path: string }): boolean;
  /** True if the path is that of another log that is followed. */
  isLog?(path: string): boolean;
}

/** The files around a log at one moment. */
export interface Scene {
  /** Oldest first; whoever looks at them has to close them. */
  readonly candidates: readonly Candidate[];
  /** The one of them that has the log's name. */
  readonly log: Candidate | undefined;
  /** True if nothing was renamed since. */
  isStill(): boolean;
}

/** A directory that was changed so shortly before it was listed may have been changed again within the same tick. */
const TICK_MS = 50;

/** The directories in which the files of a log are: behind all links, where it was, and where its older files go. */
export class Surroundings {
  readonly #path: string;
  readonly #neighbours: Neighbours;
  readonly #isOwn: (file: Inode) => boolean;
  #homes: readonly Home[] = [];
  /** When each directory had been changed when it was listed. */
  #listed = new Map<string, number>();

  /** @param isOwn Whether a file is one of the log, as far as its inode number tells. */
  constructor(path: string, neighbours: Neighbours, isOwn: (file: Inode) => boolean) {
    this.#path = path;
    this.#neighbours = neighbours;
    this.#isOwn = isOwn;
    this.#homes = homesOf(path);
  }

  get directories(): string[] {
    return [...new Set(this.#homes.map(({ directory }) => directory))];
  }

  /** True if no name has come or gone since the last look. */
  get areAsListed(): boolean {
    return this.directories.every((directory) => changedMs(directory) === this.#listed.get(directory));
  }

  isOthers(file: LogFile): boolean {
    return this.#neighbours.isOthers?.(file) === true;
  }

  /** All files that may be files of the log. */
  entries(): Entry[] {
    const { isOthers, isLog } = this.#neighbours;
    const isFree = (entry: Entry) => !isOthers?.(entry) && (!isLog?.(entry.path) || this.#isOwn(entry));
    return entriesOf(this.#homes).filter((entry) => entry.isNamed || isFree(entry));
  }

  /**
   * Lists them.
   *
   * @param named The file that has the log's name.
   * @param wanted Files of the log that are looked for under any name.
   * @returns undefined if files were renamed meanwhile
   */
  look(named: LogFile | undefined, wanted: readonly LogFile[]): Scene | undefined {
    this.#homes = this.#findHomes(wanted);
    const nowMs = Date.now();
    const times = this.directories.map((directory) => [directory, changedMs(directory)] as const);
    const entries = this.entries();
    const far = wanted.flatMap((file) => this.#farEntry(file, entries));
    const candidates = [...far, ...entries].map((entry) => new Candidate(entry));
    const log = named && candidates.find(({ entry }) => isSameFile(entry, named));
    if (named && !log) return undefined;
    const isStill = () => {
      if (!areSame(entries, this.entries()) || (named && !isNamed(this.#path, named))) return false;
      this.#listed = new Map(times.filter(([, ms]) => Math.abs(nowMs - ms) > TICK_MS));
      return true;
    };
    return { candidates, log, isStill };
  }

  #findHomes(wanted: readonly LogFile[]): Home[] {
    const before = wanted.flatMap(({ path }) => (path === "" ? [] : homesOf(path)));
    const homes = [...homesOf(this.#path), ...before];
    const bases = new Set(homes.map(({ base }) => base));
    for (const directory of this.#neighbours.older ?? [])
      for (const base of bases) homes.push({ directory, base });
    const isFirst = ({ directory, base }: Home, index: number) =>
      homes.findIndex((home) => home.directory === directory && home.base === base) === index;
    return homes.filter(isFirst);
  }

  /** A file that was renamed to something else than rotations do is found by its inode number. */
  #farEntry(file: LogFile, entries: readonly Entry[]): Entry[] {
    if (file.inode === 0 || entries.some(({ inode }) => inode === file.inode)) return [];
    const path = findByInode(this.#homes, file);
    const entry = path === undefined ? undefined : entryAt(path);
    return entry && !this.#neighbours.isOthers?.(entry) ? [entry] : [];
  }
}

function changedMs(directory: string): number {
  return statIfThere(directory)?.mtimeMs ?? 0;
}
