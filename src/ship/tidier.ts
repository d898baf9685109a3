import { fstatSync } from "node:fs";
import { readAt } from "../follow/content.ts";
import type { FileFollower } from "../follow/file-follower.ts";
import { finishedNames, labelOf } from "../follow/finished-files.ts";
import { sizeOf } from "../follow/log-files.ts";
import { FatalError } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { Trouble } from "../system/trouble.ts";
import type { Generation, Instant } from "./generation.ts";
import type { HeldFiles } from "./held-files.ts";
import type { LogSource, Tidier } from "./log-source.ts";
import { finishedNameOf } from "./resume-directory.ts";

/** A file that was rotated away is done with when it has not grown for so long. */
const SETTLED_MS = 5000;
/** One that was deleted without a successor may still be written to. */
const ABANDONED_MS = 600_000;
/** So many rotated files are kept open, because somebody may still write to them. */
const KEPT_OPEN = 3;

/** For a log file, whose older files bear any name, or none. */
export class FileTidier implements Tidier {
  readonly #follower: FileFollower;
  readonly #holdMaxBytes: number;

  constructor(follower: FileFollower, holdMaxBytes: number) {
    this.#follower = follower;
    this.#holdMaxBytes = holdMaxBytes;
  }

  tidy(source: LogSource, { elapsedMs }: Instant): void {
    const before = source.generations;
    const isSettled = (g: Generation, ms: number) =>
      g.isAcknowledged && g.uncutBytes === 0 && !g.isUnmeasured && elapsedMs - g.grownAt.elapsedMs >= ms;
    const open = before.filter((g) => g.isOpen && g.file.isAway);
    for (const generation of open.filter((g) => g.isDeleted())) {
      if (!isSettled(generation, generation.isEnded ? SETTLED_MS : ABANDONED_MS)) continue;
      this.#follower.release(generation.file);
      generation.letGo("gone");
      this.#follower.settle(generation.file);
    }
    const isDeleted = (g: Generation) => g.file.isAway && g.isDeleted();
    boundDeleted(source, this.#holdMaxBytes, isDeleted, ({ file }) => this.#follower.release(file));
    const done = source.generations.filter(
      (g) => g.isOpen && g.status === "ended" && isSettled(g, SETTLED_MS),
    );
    for (const generation of done.slice(0, -KEPT_OPEN)) generation.letGo("released");
    // A compressed file may turn out to be a copy of any of them.
    const isUnproven = source.generations.some(({ file }) => file.packing !== undefined && file.size < 0);
    const isRemembered = (g: Generation) => g.status === "released" && this.#follower.remembers(g.file);
    const mayBeCopied = (g: Generation) => isUnproven && g.file.cursor.head.bytes > 0;
    const isDone = (g: Generation) => g.isAcknowledged && (g.status === "released" || g.status === "gone");
    const isNeeded = (g: Generation) => !isDone(g) || isRemembered(g) || mayBeCopied(g);
    source.generations = source.generations.filter(isNeeded);
    if (source.generations.length !== before.length) source.journal.isUnsaved = true;
  }
}

/** For a log directory, whose writer deletes finished files. */
export class DirectoryTidier implements Tidier {
  readonly #directory: string;
  readonly #held: HeldFiles;
  readonly #holdMaxBytes: number;
  readonly #trouble: Trouble;

  constructor(directory: string, held: HeldFiles, holdMaxBytes: number, messages: Messages) {
    this.#directory = directory;
    this.#held = held;
    this.#holdMaxBytes = holdMaxBytes;
    this.#trouble = new Trouble(messages);
  }

  tidy(source: LogSource, _at: Instant): void {
    try {
      for (const generation of source.generations.filter((g) => g.isEnded))
        this.#keepOrRelease(source, generation);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#trouble.warn(`${error.message}; what is deleted of it while logship is not running will be lost`);
    }
    const nameOf = ({ file }: Generation) => finishedNameOf(this.#directory, file) ?? "";
    const isDeleted = (g: Generation) =>
      g.isEnded && fstatSync(g.file.fd).nlink <= (this.#held.has(nameOf(g)) ? 1 : 0);
    boundDeleted(source, this.#holdMaxBytes, isDeleted, (g) => this.#held.release(nameOf(g)));
    source.generations = source.generations.filter((g) => g.isOpen || !g.isAcknowledged);
  }

  #keepOrRelease(source: LogSource, generation: Generation): void {
    const { file } = generation;
    if (!generation.isOpen) return;
    const name = finishedNameOf(this.#directory, file);
    if (name !== undefined && !file.path.endsWith(name)) file.path = `${this.#directory}/${name}`;
    const isDone = generation.isAcknowledged && generation.uncutBytes === 0;
    if (!isDone) {
      if (name !== undefined && !generation.isDeleted()) this.#held.hold(name);
      return;
    }
    // Done only under its name, so that it is known again.
    if (name === undefined && !generation.isDeleted()) return;
    if (name !== undefined) {
      const present = new Set(finishedNames(this.#directory).map(labelOf));
      const { journal } = source;
      journal.done = [...journal.done.filter((n) => present.has(labelOf(n))), name];
    }
    generation.letGo("released");
    source.journal.isUnsaved = true;
    if (name !== undefined) this.#held.release(name);
  }
}

/** Gives up the oldest deleted files that nothing but logship keeps on the disk, if they take too much of it. */
function boundDeleted(
  source: LogSource,
  maxBytes: number,
  isDeleted: (generation: Generation) => boolean,
  release: (generation: Generation) => void,
): void {
  const deleted = source.generations.filter((g) => g.isOpen && isDeleted(g));
  // A file may have been written to between the last look and its end.
  for (const { file } of deleted) if (!file.packing) file.size = Math.max(file.size, sizeOf(file));
  let total = deleted.reduce((sum, g) => sum + g.file.size, 0);
  for (const generation of deleted) {
    if (total <= maxBytes) return;
    const { size, path } = generation.file;
    total -= size;
    const lost = generation.uncutBytes;
    const lines = countRest(generation);
    release(generation);
    source.giveUp(
      generation,
      `${path} was deleted, and ${source.name} holds more deleted data than --hold-max: ${lost} bytes, ${lines} lines of it are lost`,
    );
  }
}

function countRest(generation: Generation): number {
  const buffer = new Uint8Array(1024 * 1024);
  let lines = 0;
  for (let position = generation.cut; ; ) {
    const count = readAt(generation.file, buffer, position);
    if (count === 0) return lines;
    for (let at = buffer.indexOf(0x0a); at >= 0 && at < count; at = buffer.indexOf(0x0a, at + 1)) lines++;
    position += count;
  }
}
