import { linkSync, mkdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { finishedNames } from "../follow/log-files.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";

/**
 * Keeps finished files of a log directory from being lost when its writer deletes them: by hard links in `DIR.held`
 * beside it, under the same names.
 */
export class HeldFiles {
  readonly #log: string;
  readonly directory: string;
  readonly #held: Set<string>;

  constructor(logDirectory: string) {
    this.#log = logDirectory;
    this.directory = `${logDirectory}.held`;
    this.#held = new Set(finishedNames(this.directory));
  }

  /** Oldest first. */
  get names(): string[] {
    return [...this.#held].sort();
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  /** Takes hold of a file. @throws FatalError `unable to hold PATH: <reason>`, unless it is gone already */
  hold(name: string): void {
    if (this.#held.has(name)) return;
    const path = join(this.#log, name);
    try {
      this.#link(path, join(this.directory, name));
      this.#held.add(name);
    } catch (error) {
      if (errnoName(error) !== "ENOENT") throw unableTo("hold", path, error);
    }
  }

  /** Lets go of a file. @throws FatalError `unable to delete PATH: <reason>` */
  release(name: string): void {
    if (!this.#held.has(name)) return;
    const path = join(this.directory, name);
    try {
      unlinkSync(path);
    } catch (error) {
      if (errnoName(error) !== "ENOENT") throw unableTo("delete", path, error);
    }
    this.#held.delete(name);
  }

  #link(from: string, to: string): void {
    try {
      linkSync(from, to);
    } catch (error) {
      if (errnoName(error) === "EEXIST") return;
      if (errnoName(error) !== "ENOENT") throw error;
      mkdirSync(this.directory, { recursive: true, mode: 0o755 });
      linkSync(from, to);
    }
  }
}
