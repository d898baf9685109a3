import type { Follower } from "../follow/follower.ts";
import { type Inode, isSameFile, type LogFile } from "../follow/log-files.ts";
import { hasOneName, mayBeThere } from "../follow/paths.ts";
import { FatalError } from "../system/errors.ts";
import { Trouble } from "../system/trouble.ts";
import { cutPiece, takeCut } from "./cut.ts";
import { Descriptions } from "./descriptions.ts";
import type { FoundLog } from "./find-sources.ts";
import { Generation, type Instant, type Lag, lagOf, type Pending } from "./generation.ts";
import type { Journal } from "./journal.ts";
import type { Judgement } from "./judge.ts";
import { findRest, goOnIn, prove } from "./packed-copies.ts";
import { recover, tellOfGone } from "./recovery.ts";
import { DestinationRefusal } from "./refusal.ts";
import { isRipe, mayCutLine } from "./ripeness.ts";
import type { OutgoingPiece, ShipHost, ShipSettings, Source } from "./source.ts";
import type { Beginning } from "./source-files.ts";
import { giveUpTaken, goOnAnew, isUnderWay } from "./taken.ts";

const RETRY_MS = 1000;
/** For what is told otherwise. */
export const SILENT = { warning() {}, info() {} };

/** Lets go of files that are done with, and keeps those that are not from being lost, within bounds. */
export interface Tidier {
  /** Called at each look, after what is there has been looked at. */
  tidy(source: LogSource, at: Instant): void;
}

/** A log file or log directory that is shipped exactly once. */
export class LogSource implements Source {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly outlastsStop = false;
  readonly journal: Journal;
  shippedBytes = 0;
  generations: Generation[];
  readonly #directory: string;
  readonly #follower: Follower;
  readonly #judgement: Judgement;
  readonly #tidier: Tidier;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  readonly #descriptions: Descriptions;
  readonly #lookTrouble: Trouble;
  #retryAtMs = 0;
  /** What was there at the first look, for `isDrained`. */
  #ends: Map<Generation, number> | undefined;

  constructor(
    log: FoundLog,
    begin: Beginning,
    parts: {
      journal: Journal;
      judgement: Judgement;
      tidier: Tidier;
      settings: ShipSettings;
      host: ShipHost;
    },
  ) {
    this.name = log.path;
    this.kind = log.kind;
    this.#directory = log.directory;
    this.journal = parts.journal;
    this.#judgement = parts.judgement;
    this.generations = begin.generations;
    this.#follower = begin.follower;
    this.#tidier = parts.tidier;
    this.#settings = parts.settings;
    this.#host = parts.host;
    this.#descriptions = new Descriptions(log.path, parts.settings);
    // With --once it is the reason of the end, and is told there.
    this.#lookTrouble = new Trouble(parts.settings.isOnce ? SILENT : parts.host.messages);
    for (const gone of begin.gone) this.#giveUpGone(gone);
  }

  get directories(): readonly string[] {
    return [this.#directory, ...(this.#follower.directories ?? [])];
  }

  get acknowledgedMs(): number {
    return this.journal.acknowledgedMs;
  }

  /** All of it is shipped, and no file of it is there. */
  get isFinished(): boolean {
    if (this.kind !== "file" || this.generations.length > 0 || this.journal.isUnsaved) return false;
    return this.problem === undefined && !mayBeThere(this.name);
  }

  get lostBytes(): number {
    return this.journal.allLostBytes;
  }

  get lag(): Lag {
    return lagOf(this.generations);
  }

  get isDrained(): boolean {
    if (!this.#ends) return false;
    if (this.#follower.isSettled === false) return false;
    const isDrained = (g: Generation, end: number) => {
      if (g.isMissing || g.isUnmeasured || g.hasLeftOvers) return false;
      // What cannot be stored under its key is cut again.
      if (g.pending.some((pending) => isUnderWay(pending) || (pending.taken && g.isOpen))) return false;
      // The writer may be in the middle of a line.
      return g.uncutBytes === 0 || g.cut >= end || (g.searchedTo >= end && !g.file.isAway);
    };
    return this.generations.every((g) => isDrained(g, this.#ends!.get(g) ?? 0));
  }

  get isReported(): boolean {
    const isDone = (g: Generation) => g.unstoredBytes === 0 && !g.isMissing && !g.isUnmeasured;
    if (this.problem !== undefined || this.journal.isUnsaved || !this.generations.every(isDone)) return false;
    if (this.#follower.isSettled === false) return false;
    return this.kind === "directory" || hasOneName(this.name);
  }

  get intendedCount(): number {
    return this.generations.reduce((sum, { pending }) => sum + pending.length, 0);
  }

  get problem(): string | undefined {
    return this.#lookTrouble.text;
  }

  /** True if a file is one of its own, open or the log itself. */
  owns({ device, inode }: Inode): boolean {
    return this.generations.some(
      ({ file, isOpen }) => isOpen && file.inode === inode && file.device === device,
    );
  }

  /** True if a file beside the log is no file of it, and has grown since it was first seen. */
  hasSeenGrow({ device, inode, size }: Inode & { readonly size: number }): boolean {
    const left = this.#follower.left?.find((file) => file.inode === inode && file.device === device);
    return left !== undefined && !left.isOlder && (left.hasGrown === true || size > left.size);
  }

  look(): void {
    const at = this.#host.clock();
    const changed = new Set<LogFile>();
    try {
      this.#follower.look({
        readsPacked: true,
        read: (file) => {
          changed.add(file);
          this.#meet(file, at);
        },
        end: (file) => this.#end(file),
        lose: (file) => this.#miss(file),
        doubt: (path, reason) => this.#host.messages.warning(`${path}: ${reason}`),
      });
      this.#lookTrouble.isOver(`${this.name} can be read again`);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#lookTrouble.warn(error.message);
    }
    for (const generation of this.generations)
      generation.observe(at, generation.isEnded || changed.has(generation.file));
    const { journal } = this;
    journal.noteLook(this.generations, this.#follower.left);
    this.#tidier.tidy(this, at);
    this.#ends ??= new Map(this.generations.map((g) => [g, g.file.size]));
    if (journal.isUnsaved) this.#save(at);
  }

  async nextPiece(): Promise<OutgoingPiece | undefined> {
    const at = this.#host.clock();
    if (at.elapsedMs < this.#retryAtMs) return undefined;
    try {
      return await this.#nextPiece(at);
    } catch (error) {
      if (!(error instanceof FatalError) || error instanceof DestinationRefusal) throw error;
      this.#lookTrouble.warn(error.message);
      this.#retryAtMs = at.elapsedMs + RETRY_MS;
      return undefined;
    }
  }

  async #nextPiece(at: Instant): Promise<OutgoingPiece | undefined> {
    for (const generation of this.generations) {
      if (generation.isMissing) {
        await this.#findRest(generation);
        return this.#nextPiece(at);
      }
      if (generation.isUnmeasured) {
        await this.#measure(generation);
        return this.#nextPiece(at);
      }
      if (generation.pending.some(({ taken }) => taken)) {
        if (!generation.pending.some(isUnderWay)) await this.#goOnAnew(generation, at);
        continue;
      }
      const leftOver = await this.#nextLeftOver(generation);
      if (leftOver) return leftOver;
      const isLineCut = mayCutLine(this.kind, generation, at);
      if (!isRipe(this.kind, this.#settings, generation, at, isLineCut)) continue;
      if (!this.#judgement.isOver(this)) continue;
      const piece = await this.#cut(generation, at, isLineCut);
      if (piece || at.elapsedMs < this.#retryAtMs) return piece;
      if (generation.isMissing) return this.#nextPiece(at);
    }
    return undefined;
  }

  /** Tells that what was not shipped of a generation is lost. */
  giveUp(generation: Generation, warning: string): void {
    this.journal.noteLost(generation.uncutBytes);
    this.#host.messages.warning(warning);
    generation.letGo("gone");
  }

  close(): void {
    this.#tidier.tidy(this, this.#host.clock());
    if (this.journal.isUnsaved) this.#save(this.#host.clock());
    this.journal.close();
  }

  /** The first time a file is handed over it begins a generation. */
  #meet(file: LogFile, at: Instant): void {
    let generation = this.generations.find((g) => g.file === file);
    if (!generation) {
      generation = new Generation(this.journal.nextId(at), file, at);
      this.generations.push(generation);
      this.journal.isUnsaved = true;
    }
    // An older file may get the log's name again, or may have grown after it was closed.
    if (!file.isAway) generation.status = "followed";
    else if (generation.status !== "followed") generation.status = "ended";
    generation.take();
  }

  #end(file: LogFile): void {
    const generation = this.generations.find((g) => g.file === file);
    if (generation?.status === "followed") generation.status = "ended";
    this.journal.isUnsaved = true;
  }

  #miss(file: LogFile): void {
    const generation = this.generations.find((g) => g.file === file);
    if (!generation) return;
    generation.status = "missing";
    if (file.cursor.head.bytes > 0 || !generation.isAcknowledged) return;
    // It was empty: there is nothing that could be found.
    generation.letGo("gone");
    this.#follower.settle?.(file);
  }

  /**
   * For a log that was compressed before it was shipped, while ship ran or after it was killed: goes on in the compressed copy of
   * a file that is nowhere else, or tells what is lost. After a kill in the middle of this it is missing again.
   */
  async #findRest(generation: Generation): Promise<void> {
    const { file } = generation;
    const { isOpen: wasOpen, isUntouched } = generation;
    const twin = await findRest(file, this.#follower);
    this.journal.isUnsaved = true;
    if (twin) {
      generation.found();
      if (twin.problem !== undefined)
        this.#host.messages.warning(unreadable(file.path, twin.problem, twin.size));
      // Nothing was shipped of it as a file of its own: it may be the copy of another one.
      if (isUntouched) file.size = -1;
      const isTwin = (g: Generation) => g !== generation && g.isUntouched && isSameFile(g.file, file);
      const twins = this.generations.filter(isTwin);
      for (const other of twins) other.letGo("gone");
      this.generations = this.generations.filter((g) => !twins.includes(g));
      return;
    }
    const { uncutBytes } = generation;
    if (!wasOpen) this.#giveUpGone(generation);
    else if (uncutBytes > 0) this.giveUp(generation, emptied(file.path, uncutBytes));
    else generation.letGo("gone");
  }

  /**
   * Finds out what a compressed file holds, of which nothing is shipped before that: after a kill it is done again. A copy of a file that is known is not shipped again: that one goes on in it, if
   * there is more of it and it is nowhere else.
   */
  async #measure(generation: Generation): Promise<void> {
    const { file } = generation;
    const { contents, original, upTo } = await prove(
      file,
      this.generations.map((g) => g.file),
    );
    const { size, end, problem } = contents;
    file.size = size;
    this.journal.isUnsaved = true;
    if (problem !== undefined) this.#host.messages.warning(unreadable(file.path, problem, size));
    const known = original && this.generations.find((g) => g.file === original);
    if (!known) return;
    if (upTo && size > upTo.offset && (!known.isOpen || known.isDeleted())) {
      goOnIn(original, file, contents, known.isOpen ? original.cursor : upTo);
      known.found();
      this.generations = this.generations.filter((g) => g !== generation);
      return;
    }
    // From now on it is by this one that what was shipped is known.
    file.cursor = end;
    generation.letGo("released");
  }

  async #nextLeftOver(generation: Generation): Promise<OutgoingPiece | undefined> {
    for (const pending of generation.pending.filter(({ isLeftOver }) => isLeftOver)) {
      const bytes = await recover(this.name, generation, pending, this.#host);
      if (bytes === "later") {
        if (generation.isEnded) generation.status = "missing";
        return undefined;
      }
      pending.isLeftOver = false;
      if (bytes === "stored") this.#acknowledge(generation, pending);
      else if (bytes === "lost") {
        this.journal.noteLost(pending.intention.last - pending.intention.first);
        generation.pending = generation.pending.filter((other) => other !== pending);
      } else return this.#outgoing(generation, pending, bytes);
    }
    return undefined;
  }

  async #cut(generation: Generation, at: Instant, isLineCut: boolean): Promise<OutgoingPiece | undefined> {
    const { allocate, release } = this.#host;
    const cut = await cutPiece(generation, this.#settings.limits, allocate, release, isLineCut);
    if (!cut) {
      // Of one that is still followed the follower finds out what became of it.
      if (generation.isEnded && !generation.isIntact()) generation.status = "missing";
      return undefined;
    }
    const undo = [takeCut(generation, cut), this.journal.noteCut(generation)];
    const begunAtMs = this.journal.begunAt(generation.seenAt ?? at);
    const intention = this.#descriptions.intention(generation.id, cut, begunAtMs);
    const pending: Pending = { intention, isStored: false, isLeftOver: false };
    generation.pending.push(pending);
    if (this.#save(at)) {
      generation.seenAt = generation.uncutBytes > 0 ? at : undefined;
      return this.#outgoing(generation, pending, cut.bytes);
    }
    // Without the intention on disk nothing is uploaded.
    generation.pending.pop();
    for (const step of undo) step();
    release(cut.bytes);
    return undefined;
  }

  async #goOnAnew(generation: Generation, at: Instant): Promise<void> {
    if (!generation.isOpen) this.journal.noteLost(giveUpTaken(this.name, generation, this.#host));
    else if (!(await goOnAnew(this.name, generation, () => this.journal.nextId(at), this.#host))) {
      // Of one that is still followed the follower finds out what became of it.
      if (generation.isEnded) generation.status = "missing";
      return;
    }
    this.#save(at);
  }

  #outgoing(generation: Generation, pending: Pending, bytes: Uint8Array): OutgoingPiece {
    return {
      ...this.#descriptions.of(generation, pending.intention),
      bytes,
      acknowledge: () => this.#acknowledge(generation, pending),
      taken: (why) => {
        pending.taken = why;
      },
    };
  }

  #acknowledge(generation: Generation, pending: Pending): void {
    const at = this.#host.clock();
    pending.isStored = true;
    generation.pending = generation.pending.filter(({ isStored }) => !isStored);
    this.journal.acknowledgedMs = at.wallMs;
    this.shippedBytes += pending.intention.last - pending.intention.first;
    this.#save(at);
  }

  /** @returns false if it could not be done; it is tried again later */
  #save({ elapsedMs }: Instant): boolean {
    const isSaved = this.journal.save(this.generations);
    if (!isSaved) this.#retryAtMs = elapsedMs + RETRY_MS;
    return isSaved;
  }

  /** For a file that was deleted, or moved to where it is not looked for, while logship was not running. */
  #giveUpGone(generation: Generation): void {
    this.journal.noteLost(tellOfGone(this.name, generation, this.#host.messages));
    generation.letGo("gone");
  }
}

function unreadable(path: string, problem: string, size: number): string {
  return `unable to read all of ${path}: ${problem}: what it holds behind byte ${size} is not shipped`;
}

function emptied(path: string, bytes: number): string {
  return `${path} was emptied, and no copy of it is there: ${bytes} bytes that were not shipped are gone`;
}
