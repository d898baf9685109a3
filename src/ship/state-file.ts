import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  renameSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { errnoName } from "../system/errno.ts";
import { Refused, unableTo } from "../system/errors.ts";
import { lockFile } from "../system/libc.ts";
import { makeOwnFile, openOwnRegularFile } from "../system/own-file.ts";
import { readRegularFile } from "../system/regular-file.ts";
import type { SourceState } from "./state.ts";
import type { StateDirectory } from "./state-directory.ts";
import { formatStep, partsOf, type StateParts } from "./state-steps.ts";
import { formatState, parseState } from "./state-text.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;
const fdatasyncLater = promisify(fdatasync);

/** With so many bytes of steps a file is begun anew, so that it stays small. */
const STEPS_BYTES = 128 * 1024;

/** What was found when a state file was opened. */
export type OpenedState =
  | { readonly kind: "nothing" }
  | { readonly kind: "state"; readonly state: SourceState }
  /** Kept aside; it was last written at this moment. */
  | { readonly kind: "damaged"; readonly keptAs: string; readonly writtenMs: number };

type Inode = Pick<Stats, "ino" | "dev">;

/** The file that this process has made, and appends to: never one that it has found. */
interface MadeFile {
  readonly device: number;
  readonly inode: number;
  readonly stateBytes: number;
  sizeBytes: number;
}

/**
 * The state of one source on disk: NAME.json, with NAME.lock beside it, which is locked by flock(2) as long as the source is
 * shipped, and NAME.json.tmp while it is made anew. It holds a line with the state, and one more for each step since: a kill at
 * any moment leaves the state before a step or after it. A loss of power leaves one that is no older than the last `sync()`.
 */
export class StateFile {
  readonly path: string;
  readonly #directory: StateDirectory;
  #lock: number | undefined;
  /** What stands in the file; undefined if there is none, or if nothing is known of it. */
  #parts: StateParts | undefined;
  #isThere = false;
  /** It is one line, as an earlier version has it. */
  #isPlain = true;
  #made: MadeFile | undefined;
  /** Lines written, and how many of them are on disk. */
  #written = 0;
  #synced = 0;
  #change = 0;
  #syncing: Promise<void> | undefined;

  /** @param name The escaped name of the source. */
  constructor(directory: StateDirectory, name: string) {
    this.#directory = directory;
    this.path = join(directory.path, `${name}.json`);
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

  /** All that was written is on disk. */
  get isSynced(): boolean {
    return this.#synced === this.#written && this.#directory.isSynced(this.#change);
  }

  /**
   * Writes what has changed, so that it outlasts this process; the host only after `sync()`. When it fails, the state before
   * is there.
   *
   * @throws FatalError `unable to write PATH: <reason>`
   */
  write(state: SourceState): void {
    attempt("write", this.path, () => {
      const parts = partsOf(state);
      const step = this.#parts && formatStep(this.#parts, parts);
      if (this.#parts && step === undefined) return;
      if (step === undefined || !this.#append(step)) this.#replace(state);
      this.#parts = parts;
    });
  }

  /**
   * Brings to disk all that was written before, without keeping this thread from other work. When it fails, nobody knows what
   * is on disk, and the next `write()` begins the file anew.
   *
   * @throws FatalError `unable to write PATH: <reason>`
   */
  async sync(): Promise<void> {
    try {
      for (const written = this.#written; this.#synced < written; ) {
        // What was written while it is under way needs another one.
        await this.#syncing?.catch(() => {});
        if (this.#synced >= written) break;
        this.#syncing ??= this.#syncNow().finally(() => {
          this.#syncing = undefined;
        });
        await this.#syncing;
      }
      await this.#directory.sync(this.#change);
    } catch (error) {
      this.#parts = undefined;
      this.#forget();
      throw unableTo("write", this.path, error);
    }
  }

  /**
   * Makes one line of it, which an earlier version reads as well; the name of that is on disk when the directory is.
   *
   * @throws FatalError `unable to write PATH: <reason>`
   */
  async finish(state: SourceState): Promise<void> {
    const parts = partsOf(state);
    const isUpToDate = this.#parts !== undefined && formatStep(this.#parts, parts) === undefined;
    if (isUpToDate && this.#isPlain && this.#synced === this.#written) return;
    await this.#syncing?.catch(() => {});
    try {
      const { fd, sizeBytes } = this.#makeTemporary(state);
      try {
        await fdatasyncLater(fd);
        this.#putInPlace(fd, sizeBytes);
      } finally {
        closeSync(fd);
      }
      this.#parts = parts;
    } catch (error) {
      throw unableTo("write", this.path, error);
    }
  }

  close(): void {
    this.#forget();
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
    if (state) {
      this.#isThere = true;
      this.#isPlain = content.indexOf("\n") === content.length - 1;
      this.#parts = partsOf(state);
      return { kind: "state", state };
    }
    const writtenMs = statSync(this.path).mtimeMs;
    const keptAs = `${this.path}.damaged`;
    attempt("rename", this.path, () => {
      renameSync(this.path, keptAs);
      this.#directory.syncAtOnce();
    });
    return { kind: "damaged", keptAs, writtenMs };
  }

  /** @returns false if there is no file of this process to append to, or it has become long */
  #append(line: string): boolean {
    const made = this.#made;
    const bytes = Buffer.from(line);
    if (!made || made.sizeBytes - made.stateBytes + bytes.length > STEPS_BYTES) return false;
    const fd = this.#opened(made);
    if (fd === undefined) return false;
    try {
      writeAll(fd, bytes);
    } catch (error) {
      this.#takeBack(fd, made);
      throw error;
    } finally {
      closeSync(fd);
    }
    made.sizeBytes += bytes.length;
    this.#written++;
    this.#isPlain = false;
    return true;
  }

  /** Undefined if somebody has taken it away, or has put another file in its place. */
  #opened(made: MadeFile): number | undefined {
    const isIt = ({ ino, dev }: Inode) => ino === made.inode && dev === made.device;
    try {
      const fd = openOwnRegularFile(this.path, O_WRONLY | O_APPEND, 0o644);
      if (isIt(fstatSync(fd))) return fd;
      closeSync(fd);
    } catch {
      // Whatever is in its place is replaced.
    }
    return undefined;
  }

  /** Of a line that found no room, what was written of it is taken back. */
  #takeBack(fd: number, { sizeBytes }: MadeFile): void {
    try {
      ftruncateSync(fd, sizeBytes);
    } catch {
      this.#forget();
    }
  }

  /**
   * Begins the file anew: temporary name, fsync, rename. Where no state is yet, none can be damaged, and nothing is stored
   * before `sync()`: it does without the fsync.
   */
  #replace(state: SourceState): void {
    const isFirst = !this.#isThere;
    const { fd, sizeBytes } = this.#makeTemporary(state);
    try {
      if (!isFirst) fsyncSync(fd);
      this.#putInPlace(fd, sizeBytes);
    } finally {
      closeSync(fd);
    }
    if (isFirst) this.#written++;
  }

  #makeTemporary(state: SourceState): { readonly fd: number; readonly sizeBytes: number } {
    const fd = makeOwnFile(`${this.path}.tmp`, 0o644);
    const bytes = Buffer.from(formatState(state));
    try {
      writeAll(fd, bytes);
      return { fd, sizeBytes: bytes.length };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #putInPlace(fd: number, sizeBytes: number): void {
    const { dev: device, ino: inode } = fstatSync(fd);
    renameSync(`${this.path}.tmp`, this.path);
    this.#forget();
    this.#made = { device, inode, stateBytes: sizeBytes, sizeBytes };
    this.#synced = this.#written;
    this.#change = this.#directory.noteChange();
    this.#isThere = true;
    this.#isPlain = true;
  }

  async #syncNow(): Promise<void> {
    const written = this.#written;
    const fd = this.#made && this.#opened(this.#made);
    // Once it has failed, the system may say that all is well.
    if (fd === undefined) throw new Refused("what was written before could not be brought to disk");
    try {
      await fdatasyncLater(fd);
    } finally {
      // To free a file that has lost its name meanwhile takes the system a while.
      close(fd, () => {});
    }
    this.#synced = Math.max(this.#synced, written);
  }

  /** The next line begins the file anew. */
  #forget(): void {
    this.#made = undefined;
  }
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

function attempt<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw unableTo(verb, path, error);
  }
}
