import type { Inode } from "../follow/log-files.ts";
import type { RememberedLog } from "./find-sources.ts";
import type { LogSource } from "./log-source.ts";

/** Which file belongs to which log, by inode, so that it is found at once however many logs there are. */
export class Owners {
  readonly #byFile = new Map<string, Set<LogSource>>();
  readonly #filesOf = new Map<LogSource, readonly string[]>();

  /** Looks at all of them anew. */
  rebuild(logs: Iterable<LogSource>): void {
    this.#byFile.clear();
    this.#filesOf.clear();
    for (const log of logs) this.update(log);
  }

  /** Looks at one of them anew. */
  update(log: LogSource): void {
    for (const key of this.#filesOf.get(log) ?? []) this.#byFile.get(key)?.delete(log);
    const keys = log.openFiles.map(keyOf);
    this.#filesOf.set(log, keys);
    for (const key of keys) {
      const owners = this.#byFile.get(key);
      if (owners) owners.add(log);
      else this.#byFile.set(key, new Set([log]));
    }
  }

  /** True if a file is that of a log, or of another one than this. */
  has(file: Inode, exceptPath?: string): boolean {
    for (const { name } of this.#byFile.get(keyOf(file)) ?? []) if (name !== exceptPath) return true;
    return false;
  }
}

/** Logs that were shipped before and are about to be opened, by their paths and those of their files. */
export class ExpectedLogs {
  readonly #paths: ReadonlySet<string>;
  readonly #byFile = new Map<string, Set<string>>();

  constructor(logs: readonly RememberedLog[]) {
    this.#paths = new Set(logs.map(({ path }) => path));
    for (const { path, files } of logs) {
      for (const file of files) {
        const key = `${keyOf(file)}:${file.path}`;
        this.#byFile.set(key, (this.#byFile.get(key) ?? new Set()).add(path));
      }
    }
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** The paths of the logs that a file was a file of, where it was then. */
  ownersOf(file: Inode & { readonly path: string }): ReadonlySet<string> {
    return this.#byFile.get(`${keyOf(file)}:${file.path}`) ?? new Set();
  }
}

function keyOf({ device, inode }: Inode): string {
  return `${device}:${inode}`;
}
