import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { lockFile } from "../system/libc.ts";
import { makeOwnFile, openOwnRegularFile } from "../system/own-file.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { formatState, parseState, type SourceState } from "./state.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;

/** What was found when a state file was opened. */
export type OpenedState =
  | { readonly kind: "nothing" }
  | { readonly kind: "state"; readonly state: SourceState }
  /** Kept aside; it was last written at this moment. */
  | { readonly kind: "damaged"; readonly keptAs: string; readonly writtenMs: number };

/**
 * The state of one source on disk: NAME.json, with NAME.lock beside it, which is locked by flock(2) as long as the source
 * is shipped, and NAME.json.tmp while it is written. It is whole at any moment, also after a crash or a loss of power.
 */
export class StateFile {
  readonly path: string;
  readonly #directory: string;
  #lock: number | undefined;

  /** @param name The escaped name of the source. */
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.path = join(directory, `${name}.json`);
  }

  /**
   * Takes the lock and reads what is there.
   *
   * @returns undefined if another process ships this source
   * @throws FatalError `unable to open …`, `unable to lock …`, `unable to read …`
   */
  open(): OpenedState | undefined {
    const lockPath = this.path.replace(/json$/, "lock");
    const lock = attempt("open", lockPath, () =>
      openOwnRegularFile(lockPath, O_WRONLY | O_APPEND | O_CREAT, 0o644),
    );
    try {
      lockFile(lock);
    } catch (error) {
      closeSync(lock);
      if (errnoName(error) === "EAGAIN") return undefined;
      throw unableTo("lock", lockPath, error);
    }
    this.#lock = lock;
    writePid(lock);
    return this.#read();
  }

  /**
   * Replaces the state: temporary name, fsync, rename, fsync of the directory. When it fails, the one before is there.
   *
   * @throws FatalError `unable to write PATH: <reason>`
   */
  write(state: SourceState): void {
    const temporary = `${this.path}.tmp`;
    attempt("write", this.path, () => {
      const fd = makeOwnFile(temporary, 0o644);
      try {
        writeAll(fd, Buffer.from(formatState(state)));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, this.path);
      syncDirectory(this.#directory);
    });
  }

  close(): void {
    if (this.#lock !== undefined) closeSync(this.#lock);
    this.#lock = undefined;
  }

  #read(): OpenedState {
    const content = readRegularFile(this.path);
    if (!Buffer.isBuffer(content)) {
      if (content.kind === "absent") return { kind: "nothing" };
      throw unableTo("read", this.path, content.reason);
    }
    const state = parseState(content.toString());
    if (state) return { kind: "state", state };
    const writtenMs = statSync(this.path).mtimeMs;
    const keptAs = `${this.path}.damaged`;
    attempt("rename", this.path, () => {
      renameSync(this.path, keptAs);
      syncDirectory(this.#directory);
    });
    return { kind: "damaged", keptAs, writtenMs };
  }
}

/** Makes the directory of the state files, if need be. @throws FatalError `unable to create PATH: <reason>` */
export function makeStateDirectory(path: string): void {
  attempt("create", path, () => mkdirSync(path, { recursive: true, mode: 0o755 }));
}

/** Tells others who ships; they know that it is so by the lock alone. */
function writePid(fd: number): void {
  try {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
  } catch {
    // A full disk; `status` then does not tell the process.
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
}

function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function attempt<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw unableTo(verb, path, error);
  }
}
