import { type FSWatcher, statfsSync, watch } from "node:fs";
import { FatalError } from "../system/errors.ts";
import { statIfThere } from "./paths.ts";

export interface Pace {
  /**
   * How long to wait at most where the kernel reports nothing: on network file systems, without inotify, and for a
   * directory that is not there yet.
   */
  readonly atLeastEveryMs: number;
  /** How long to wait at most where the kernel reports all that happens; the same if it is left out. */
  readonly reportedEveryMs?: number;
  /** Reports that follow each other faster than this are answered by one look. */
  readonly gatherMs: number;
}

/** ext2 to ext4, XFS, Btrfs, F2FS and tmpfs: nobody but this host writes to them (statfs(2)). */
const LOCAL_FILE_SYSTEMS = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994]);
/** Something that happens seldom comes alone. */
const QUIET_MS = 3000;

/** For a person who watches. */
const AT_ONCE: Pace = { atLeastEveryMs: 250, gatherMs: 2 };

/**
 * Waits for something to happen in directories. It only tells when to look again: nothing depends on which reports
 * come, or whether they do, but how soon a line is seen.
 */
export class Changes {
  readonly #pace: Pace;
  #directories: readonly string[] = [];
  readonly #watchers = new Map<string, { watcher: FSWatcher; inode: number; isLocal: boolean }>();
  #isAllReported = false;
  #reportedAtMs = 0;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(pace = AT_ONCE) {
    this.#pace = pace;
  }

  /**
   * Says where things may happen. What has come into being, or has been replaced, since the last call counts as changed.
   *
   * @param isAll Nothing is waited for that could happen elsewhere.
   */
  watch(directories: readonly string[], isAll = false): void {
    this.#directories = directories;
    this.#watchAll();
    this.#isAllReported = isAll && directories.every((one) => this.#watchers.get(one)?.isLocal === true);
  }

  /** Resolves when something has happened since the last call, or after a while. */
  async next(): Promise<void> {
    if (!this.#hasChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#longestMs());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    if (this.#hasChanged) await Bun.sleep(this.#pace.gatherMs);
    else this.#watchAll();
    this.#hasChanged = false;
  }

  /** Makes `next()` resolve at once. */
  wake(): void {
    this.#report();
  }

  /** Lets the process end. */
  close(): void {
    for (const { watcher } of this.#watchers.values()) watcher.close();
  }

  #longestMs(): number {
    const { atLeastEveryMs, reportedEveryMs = atLeastEveryMs } = this.#pace;
    const isQuiet = this.#isAllReported && performance.now() - this.#reportedAtMs >= QUIET_MS;
    return isQuiet ? reportedEveryMs : atLeastEveryMs;
  }

  #watchAll(): void {
    for (const directory of this.#directories) {
      const inode = inodeOf(directory);
      const known = this.#watchers.get(directory);
      if (known?.inode === inode) continue;
      known?.watcher.close();
      this.#watchers.delete(directory);
      if (inode === undefined) continue;
      try {
        const watcher = watch(directory, () => this.#report());
        watcher.on("error", () => {});
        this.#watchers.set(directory, { watcher, inode, isLocal: isLocal(directory) });
        this.#hasChanged = true;
      } catch {
        // Too many watches, or none to be had: looking from time to time does.
      }
    }
  }

  #report(): void {
    this.#hasChanged = true;
    this.#reportedAtMs = performance.now();
    this.#wake?.();
  }
}

/** Undefined as well if a directory above it may not be searched: whoever looks into it will say so. */
function inodeOf(directory: string): number | undefined {
  try {
    return statIfThere(directory)?.ino;
  } catch (error) {
    if (error instanceof FatalError) return undefined;
    throw error;
  }
}

function isLocal(directory: string): boolean {
  return LOCAL_FILE_SYSTEMS.has(statfsSync(directory).type);
}
