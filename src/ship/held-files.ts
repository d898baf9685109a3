import { linkSync, mkdirSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type LogFile, openIfThere } from "../follow/log-files.ts";
import { errnoName } from "../system/errno.ts";
import { FatalError, Refused, unableTo } from "../system/errors.ts";
import { isFinishedName } from "../system/finished-name.ts";
import { withinOwnDirectory } from "../system/own-file.ts";

/**
 * Keeps finished files of a log directory from being lost when its writer deletes them: by hard links in `DIR.held`
 * beside it, under the same names. Since others may be able to write beside it, that is looked at each time: it is no link,
 * and belongs to this account, to root or to whom the log directory belongs.
 */
export class HeldFiles {
  readonly #log: string;
  readonly #directory: string;
  readonly #held: Set<string>;

  /** @throws FatalError `unable to read directory PATH: <reason>` */
  constructor(logDirectory: string) {
    this.#log = logDirectory;
    this.#directory = `${logDirectory}.held`;
    this.#held = new Set(this.#names());
  }

  /** Oldest first. */
  get names(): string[] {
    return [...this.#held].sort();
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  /** Opens a held file to read; undefined if it is not there. @throws FatalError as `openIfThere()` */
  open(name: string): LogFile | undefined {
    if (!this.#held.has(name)) return undefined;
    const path = join(this.#directory, name);
    try {
      const file = this.#within((directory) => openIfThere(join(directory, name)));
      return file && Object.assign(file, { path });
    } catch (error) {
      if (errnoName(error) === "ENOENT") return undefined;
      throw error instanceof FatalError ? error : unableTo("open", path, error);
    }
  }

  /** Takes hold of a file. @throws FatalError `unable to hold PATH: <reason>`, unless it is gone already */
  hold(name: string): void {
    if (this.#held.has(name)) return;
    const path = join(this.#log, name);
    try {
      this.#link(path, name);
      this.#held.add(name);
    } catch (error) {
      if (errnoName(error) !== "ENOENT") throw unableTo("hold", path, error);
    }
  }

  /** Lets go of a file. @throws FatalError `unable to delete PATH: <reason>` */
  release(name: string): void {
    if (!this.#held.has(name)) return;
    try {
      this.#within((directory) => unlinkSync(join(directory, name)));
    } catch (error) {
      if (errnoName(error) !== "ENOENT") throw unableTo("delete", join(this.#directory, name), error);
    }
    this.#held.delete(name);
  }

  #link(from: string, name: string): void {
    const link = () => this.#within((directory) => linkSync(from, join(directory, name)));
    try {
      link();
    } catch (error) {
      if (errnoName(error) === "EEXIST") return;
      if (errnoName(error) !== "ENOENT") throw error;
      mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
      link();
    }
  }

  #names(): string[] {
    try {
      return this.#within((directory) => readdirSync(directory).filter(isFinishedName));
    } catch (error) {
      // What is not ours holds nothing of ours; who wants to hold a file there is told so.
      if (error instanceof Refused || ["ENOENT", "ENOTDIR"].includes(errnoName(error) ?? "")) return [];
      throw unableTo("read directory", this.#directory, error);
    }
  }

  #within<T>(use: (directory: string) => T): T {
    return withinOwnDirectory(this.#directory, () => statSync(this.#log).uid, use);
  }
}
