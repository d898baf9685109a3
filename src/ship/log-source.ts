import type { Follower } from "../follow/follower.ts";
import { measureGzip } from "../follow/gzip.ts";
import { close, hasOneName, hold, isSameFile, type OpenFile } from "../follow/log-files.ts";
import { placeOf } from "../follow/place.ts";
import { FatalError } from "../system/errors.ts";
import { Trouble } from "../system/trouble.ts";
import { cutPiece, takeCut } from "./cut.ts";
import { findCompressed } from "./find-file.ts";
import { Generation, type Instant, type Lag, lagOf, type Pending } from "./generation.ts";
import type { Journal } from "./journal.ts";
import { Labels } from "./labels.ts";
import { recover, tellOfGone } from "./recovery.ts";
import { isRipe, mayCutLine } from "./ripeness.ts";
import type { OutgoingPiece, ShipHost, ShipSettings, Source } from "./source.ts";
import type { Beginning } from "./source-files.ts";
import type { GenerationState } from "./state.ts";

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
  readonly directory: string;
  readonly outlastsStop = false;
  readonly journal: Journal;
  shippedBytes = 0;
  generations: Generation[];
  readonly #follower: Follower;
  readonly #tidier: Tidier;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  readonly #labels: Labels;
  readonly #lookTrouble: Trouble;
  #retryAtMs = 0;
  /** What was there at the first look, for `isDrained`. */
  #ends: Map<Generation, number> | undefined;

  constructor(
    log: { path: string; kind: "file" | "directory"; directory: string },
    begin: Beginning,
    parts: { journal: Journal; tidier: Tidier; settings: ShipSettings; host: ShipHost },
  ) {
    this.name = log.path;
    this.kind = log.kind;
    this.directory = log.directory;
    this.journal = parts.journal;
    this.generations = begin.generations.filter((g) => g.file !== undefined || !g.isAcknowledged);
    this.#follower = begin.follower;
    this.#tidier = parts.tidier;
    this.#settings = parts.settings;
    this.#host = parts.host;
    this.#labels = new Labels(log.path, parts.settings);
    // With --once it is the reason of the end, and is told there.
    this.#lookTrouble = new Trouble(parts.settings.isOnce ? SILENT : parts.host.messages);
    for (const gone of begin.gone) this.#warnOfGone(gone);
  }

  get acknowledgedMs(): number {
    return this.journal.acknowledgedMs;
  }

  get lag(): Lag {
    return lagOf(this.generations);
  }

  get isDrained(): boolean {
    if (!this.#ends) return false;
    const isDrained = (g: Generation, end: number) => {
      if (g.isMissing || g.isUnmeasured || g.hasLeftOvers) return false;
      // The writer may be in the middle of a line.
      return g.cut >= end || (g.searchedTo >= end && g.file?.isAway === false);
    };
    return this.generations.every((g) => isDrained(g, this.#ends!.get(g) ?? 0));
  }

  get isReported(): boolean {
    const isDone = (g: Generation) => g.unstoredBytes === 0 && !g.isMissing && !g.isUnmeasured;
    if (this.problem !== undefined || this.journal.isUnsaved || !this.generations.every(isDone)) return false;
    return this.kind === "directory" || hasOneName(this.name);
  }

  get intendedCount(): number {
    return this.generations.reduce((sum, { pending }) => sum + pending.length, 0);
  }

  get problem(): string | undefined {
    return this.#lookTrouble.text;
  }

  look(): void {
    const at = this.#host.clock();
    const changed = new Set<OpenFile>();
    try {
      this.#follower.look({
        readsGzip: true,
        read: (file) => {
          changed.add(file);
          this.#meet(file, at);
        },
        end: (file) => this.#end(file),
        lose: (file) => this.#miss(file),
      });
      this.#lookTrouble.isOver(`${this.name} can be read again`);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#lookTrouble.warn(error.message);
    }
    for (const generation of this.generations)
      generation.observe(at, generation.isEnded || changed.has(generation.file!));
    const { journal } = this;
    journal.noteLook(this.generations, this.#follower.older);
    this.#tidier.tidy(this, at);
    this.#ends ??= new Map(this.generations.map((g) => [g, g.file?.size ?? 0]));
    if (journal.isUnsaved) this.#save(at);
  }

  async nextPiece(): Promise<OutgoingPiece | undefined> {
    const at = this.#host.clock();
    if (at.elapsedMs < this.#retryAtMs) return undefined;
    try {
      return await this.#nextPiece(at);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
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
      if (generation.isUnmeasured) await measureGzip(generation.file!);
      const leftOver = await this.#nextLeftOver(generation);
      if (leftOver) return leftOver;
      const isLineCut = mayCutLine(this.kind, generation, at);
      if (!isRipe(this.kind, this.#settings, generation, at, isLineCut)) continue;
      const piece = await this.#cut(generation, at, isLineCut);
      if (piece || at.elapsedMs < this.#retryAtMs) return piece;
      if (generation.isMissing) return this.#nextPiece(at);
    }
    return undefined;
  }

  /** Tells that what was not shipped of a generation is lost. */
  giveUp(generation: Generation, warning: string): void {
    this.journal.lostBytes += generation.uncutBytes;
    this.#host.messages.warning(warning);
    generation.isEnded = true;
    generation.letGo();
    generation.isLetGo = false;
    this.journal.isUnsaved = true;
  }

  close(): void {
    this.#tidier.tidy(this, this.#host.clock());
    if (this.journal.isUnsaved) this.#save(this.#host.clock());
    this.journal.close();
  }

  /** The first time a file is handed over it begins a generation. */
  #meet(file: OpenFile, at: Instant): void {
    // While it is held open, no other file has its inode number.
    const isIt = (g: Generation) => g.file !== undefined && !g.isMissing && isSameFile(g.file, file);
    if (this.generations.some(isIt)) return;
    this.generations.push(new Generation(this.journal.nextId(at), hold(file), at));
    this.journal.isUnsaved = true;
  }

  #end(file: OpenFile): void {
    const generation = this.generations.find((g) => g.file === file);
    if (generation) generation.isEnded = true;
    this.journal.isUnsaved = true;
  }

  #miss(file: OpenFile): void {
    const generation = this.generations.find((g) => g.file === file);
    if (generation) generation.isMissing = true;
  }

  /** Goes on in the compressed copy of a file that was emptied, or tells what is lost. */
  async #findRest(generation: Generation): Promise<void> {
    const file = generation.file!;
    const copy = await findCompressed(this.name, placeOf(file));
    const { uncutBytes } = generation;
    generation.isMissing = false;
    if (!copy) {
      const lost = `${file.path} was emptied, and no copy of it is there: ${uncutBytes} bytes that were not shipped are gone`;
      if (uncutBytes > 0) this.giveUp(generation, lost);
      else generation.letGo();
      return;
    }
    generation.letGo();
    generation.isLetGo = false;
    generation.file = copy;
    // It may have been taken for a file of its own.
    const isTwin = (g: Generation) => g !== generation && g.file !== undefined && isSameFile(g.file, copy);
    for (const twin of this.generations.filter(isTwin)) close(twin.file);
    this.generations = this.generations.filter((g) => !isTwin(g));
    this.journal.isUnsaved = true;
  }

  async #nextLeftOver(generation: Generation): Promise<OutgoingPiece | undefined> {
    for (const pending of generation.pending.filter(({ isLeftOver }) => isLeftOver)) {
      const bytes = await recover(this.name, generation, pending, this.#host);
      if (bytes === "later") {
        generation.isMissing ||= generation.isEnded;
        return undefined;
      }
      pending.isLeftOver = false;
      if (bytes === "stored") this.#acknowledge(generation, pending);
      else if (bytes === "lost") {
        this.journal.lostBytes += pending.intention.last - pending.intention.first;
        generation.pending = generation.pending.filter((other) => other !== pending);
        this.journal.isUnsaved = true;
      } else return this.#outgoing(generation, pending, bytes);
    }
    return undefined;
  }

  async #cut(generation: Generation, at: Instant, isLineCut: boolean): Promise<OutgoingPiece | undefined> {
    const { allocate, release } = this.#host;
    const cut = await cutPiece(generation, this.#settings.limits, allocate, release, isLineCut);
    if (!cut) {
      // Of one that is still followed the follower finds out what became of it.
      generation.isMissing = generation.isEnded && !generation.isIntact();
      return undefined;
    }
    const undo = [takeCut(generation, cut), this.journal.noteCut(generation)];
    const begunAtMs = this.journal.begunAt(generation.seenAt ?? at);
    const intention = this.#labels.intention(generation.id, cut, begunAtMs);
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

  #outgoing(generation: Generation, pending: Pending, bytes: Uint8Array): OutgoingPiece {
    return {
      ...this.#labels.of(generation, pending.intention),
      bytes,
      acknowledge: () => this.#acknowledge(generation, pending),
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

  #warnOfGone(gone: GenerationState): void {
    this.journal.lostBytes += tellOfGone(this.name, gone, this.#host.messages);
  }
}
