import { closeSync, fsync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { unableTo } from "../system/errors.ts";

const fsyncLater = promisify(fsync);

/**
 * The directory of the state files. What is made or renamed in it is on disk after an fsync of the directory itself, and one
 * does for all that came before it.
 */
export class StateDirectory {
  readonly path: string;
  #changes = 0;
  #synced = 0;
  #syncing: Promise<void> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** A name has come or was given to another file. @returns what to ask for, to know that this is on disk */
  noteChange(): number {
    return ++this.#changes;
  }

  isSynced(change: number): boolean {
    return this.#synced >= change;
  }

  /** Brings to disk what was changed until then. @throws the system's error */
  async sync(change = this.#changes): Promise<void> {
    while (!this.isSynced(change)) {
      // Who comes while it is under way shares the next one.
      await this.#syncing?.catch(() => {});
      if (this.isSynced(change)) return;
      this.#syncing ??= this.#syncNow().finally(() => {
        this.#syncing = undefined;
      });
      await this.#syncing;
    }
  }

  /** As `sync()`, at once. */
  syncAtOnce(): void {
    const changes = this.#changes;
    const fd = openSync(this.path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.#synced = Math.max(this.#synced, changes);
  }

  async #syncNow(): Promise<void> {
    const changes = this.#changes;
    const fd = openSync(this.path, "r");
    try {
      await fsyncLater(fd);
    } finally {
      closeSync(fd);
    }
    this.#synced = Math.max(this.#synced, changes);
  }
}

/** Makes the directory of the state files, if need be. @throws FatalError `unable to create PATH: <reason>` */
export function makeStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw unableTo("create", path, error);
  }
}
