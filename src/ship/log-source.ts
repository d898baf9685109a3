import type { Follower } from "../follow/follower.ts";
import { hold, type OpenFile } from "../follow/log-files.ts";
import { placeOf } from "../follow/place.ts";
import { FatalError } from "../system/errors.ts";
import { Trouble } from "../system/trouble.ts";
import { cutPiece, takeCut } from "./cut.ts";
import { Generation, type Instant, type Pending } from "./generation.ts";
import { escapeName, keyOf, metadataOf, nextGeneration, pieceNameOf } from "./keys.ts";
import { recover } from "./recovery.ts";
import { findCompressed } from "./resume-file.ts";
import type { Lag, OutgoingPiece, ShipHost, ShipSettings, Source } from "./source.ts";
import { type Beginning, sourceNameOf } from "./source-files.ts";
import type { GenerationState, Previous, SourceState } from "./state.ts";
import type { StateFile } from "./state-file.ts";

/** A last line without newline is shipped as it is when its file has been rotated away and not grown for so long. */
const SETTLED_MS = 5000;
/** A file that was rotated away may still be written to for a moment. */
const QUIET_MS = 1000;
const RETRY_MS = 1000;
/** A clock that was set back by less does not put later pieces before earlier ones. */
const BACKSTEP_MS = 3_600_000;

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
  acknowledgedMs: number;
  shippedBytes = 0;
  generations: Generation[];
  /** Bytes known to be lost since the last piece was cut. */
  lostBytes: number;
  done: readonly string[];
  readonly #follower: Follower;
  readonly #stateFile: StateFile;
  readonly #tidier: Tidier;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  readonly #sourceName: string;
  readonly #lookTrouble: Trouble;
  readonly #stateTrouble: Trouble;
  #latest: Previous | undefined;
  #latestId: string | undefined;
  #lastBegunMs: number;
  #modifiedMs: number;
  #retryAtMs = 0;
  #isUnsaved = true;
  /** What was there at the first look, for `isDrained`. */
  #ends: Map<Generation, number> | undefined;

  constructor(
    log: { path: string; kind: "file" | "directory"; directory: string },
    begin: Beginning,
    saved: SourceState | undefined,
    parts: { stateFile: StateFile; tidier: Tidier; settings: ShipSettings; host: ShipHost },
  ) {
    this.name = log.path;
    this.kind = log.kind;
    this.directory = log.directory;
    this.generations = begin.generations.filter((g) => g.file !== undefined || !g.isAcknowledged);
    this.done = begin.done;
    this.#follower = begin.follower;
    this.#stateFile = parts.stateFile;
    this.#tidier = parts.tidier;
    this.#settings = parts.settings;
    this.#host = parts.host;
    this.#sourceName = escapeName(sourceNameOf(log.path));
    this.#lookTrouble = new Trouble(parts.host.messages);
    this.#stateTrouble = new Trouble(parts.host.messages);
    this.#latest = saved?.latest;
    this.#latestId = saved?.generations.at(-1)?.id ?? saved?.latest?.generation;
    for (const { id } of begin.generations) if (id > (this.#latestId ?? "")) this.#latestId = id;
    this.#lastBegunMs = saved?.lastBegunMs ?? 0;
    this.#modifiedMs = saved?.modifiedMs ?? 0;
    this.acknowledgedMs = saved?.acknowledgedMs ?? 0;
    this.lostBytes = saved?.lostBytes ?? 0;
    for (const gone of begin.gone) this.#warnOfGone(gone);
  }

  get lag(): Lag {
    let bytes = 0;
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const { unstoredBytes, seenAt, pending } of this.generations) {
      bytes += unstoredBytes;
      if (seenAt) sinceMs = Math.min(sinceMs, seenAt.wallMs);
      for (const { intention, isStored } of pending)
        if (!isStored) sinceMs = Math.min(sinceMs, intention.begunAtMs);
    }
    return { bytes, sinceMs: bytes > 0 && Number.isFinite(sinceMs) ? sinceMs : undefined };
  }

  get isDrained(): boolean {
    if (!this.#ends) return false;
    return this.generations.every((g) => {
      return !g.isMissing && !g.hasLeftOvers && g.cut >= (this.#ends!.get(g) ?? 0);
    });
  }

  get intendedCount(): number {
    return this.generations.reduce((sum, { pending }) => sum + pending.length, 0);
  }

  get problem(): string | undefined {
    return this.#lookTrouble.text;
  }

  look(): void {
    const at = this.#host.clock();
    try {
      this.#follower.look({
        readsGzip: true,
        read: (file) => this.#meet(file, at),
        end: (file) => this.#end(file),
        lose: (file) => this.#miss(file),
      });
      for (const generation of this.generations) generation.observe(at);
      this.#lookTrouble.isOver(`${this.name} can be read again`);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#lookTrouble.warn(error.message);
    }
    for (const { file } of this.generations)
      this.#modifiedMs = Math.max(this.#modifiedMs, file?.modifiedMs ?? 0);
    this.#tidier.tidy(this, at);
    this.#ends ??= new Map(this.generations.map((g) => [g, g.file?.size ?? 0]));
    if (this.#isUnsaved) this.#save(at);
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
      if (generation.isMissing) await this.#findRest(generation);
      const leftOver = await this.#nextLeftOver(generation);
      if (leftOver) return leftOver;
      const isLineCut = this.#mayCutLine(generation, at);
      if (!this.#isRipe(generation, at, isLineCut)) continue;
      const piece = await this.#cut(generation, at, isLineCut);
      if (piece || at.elapsedMs < this.#retryAtMs) return piece;
    }
    return undefined;
  }

  /** Tells that what was not shipped of a generation is lost. */
  giveUp(generation: Generation, warning: string): void {
    this.lostBytes += generation.uncutBytes;
    this.#host.messages.warning(warning);
    generation.isEnded = true;
    generation.letGo();
    generation.isLetGo = false;
    this.changed();
  }

  /** The state on disk is to be brought up to date at the next look. */
  changed(): void {
    this.#isUnsaved = true;
  }

  close(): void {
    if (this.#isUnsaved) this.#save(this.#host.clock());
    this.#stateFile.close();
  }

  /** The first time a file is handed over it begins a generation. */
  #meet(file: OpenFile, at: Instant): void {
    if (this.generations.some((generation) => generation.file === file)) return;
    this.#latestId = nextGeneration(at.wallMs, this.#latestId);
    this.generations.push(new Generation(this.#latestId, hold(file), at));
    this.changed();
  }

  #end(file: OpenFile): void {
    const generation = this.generations.find((g) => g.file === file);
    if (generation) generation.isEnded = true;
    this.changed();
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
      const lost = `${this.name} was emptied, and no copy of it is there: ${uncutBytes} bytes that were not shipped are gone`;
      if (uncutBytes > 0) this.giveUp(generation, lost);
      else generation.letGo();
      return;
    }
    generation.letGo();
    generation.isLetGo = false;
    generation.file = copy;
    this.changed();
  }

  async #nextLeftOver(generation: Generation): Promise<OutgoingPiece | undefined> {
    for (const pending of generation.pending.filter(({ isLeftOver }) => isLeftOver)) {
      const bytes = await recover(this.name, generation, pending, this.#host);
      pending.isLeftOver = false;
      if (bytes === "stored") this.#acknowledge(generation, pending);
      else if (bytes === "lost") {
        this.lostBytes += pending.intention.last - pending.intention.first;
        generation.pending = generation.pending.filter((other) => other !== pending);
        this.changed();
      } else return this.#outgoing(generation, pending, bytes);
    }
    return undefined;
  }

  #mayCutLine({ file, grownAt, isEnded }: Generation, { elapsedMs }: Instant): boolean {
    if (this.kind === "directory" && isEnded) return true;
    const isSettled = elapsedMs - grownAt.elapsedMs >= SETTLED_MS;
    return isSettled && (file?.isAway === true || this.#settings.isOnce);
  }

  #isRipe(generation: Generation, { elapsedMs }: Instant, isLineCut: boolean): boolean {
    const { file, uncutBytes, seenAt, grownAt, searchedTo, isMissing, isEnded } = generation;
    if (!file || isMissing || uncutBytes === 0) return false;
    if (file.size <= searchedTo && !isLineCut) return false;
    const { limits, maxAgeMs, isOnce } = this.#settings;
    const isQuiet =
      this.kind === "directory" ? isEnded : file.isAway && elapsedMs - grownAt.elapsedMs >= QUIET_MS;
    const isOld = seenAt !== undefined && elapsedMs - seenAt.elapsedMs >= maxAgeMs;
    return isOnce || isQuiet || isOld || uncutBytes >= limits.pieceBytes;
  }

  async #cut(generation: Generation, at: Instant, isLineCut: boolean): Promise<OutgoingPiece | undefined> {
    const { allocate, release } = this.#host;
    const { limits, isGzip, template, host } = this.#settings;
    const cut = await cutPiece(generation, limits, allocate, release, isLineCut);
    if (!cut) return undefined;
    const before = { latest: this.#latest, lost: this.lostBytes, previous: generation.previous };
    const undo = takeCut(generation, cut);
    this.#noteCut(generation);
    const begunAtMs = this.#begunAt(generation.seenAt ?? at);
    const key = keyOf(template, {
      host,
      source: this.#sourceName,
      name: pieceNameOf(this.name),
      generation: generation.id,
      offset: cut.first,
      begunAtMs,
    });
    const { first, records, crc32 } = cut;
    const last = first + cut.bytes.length;
    const intention = { first, last, key: isGzip ? `${key}.gz` : key, isGzip, records, crc32, begunAtMs };
    const pending: Pending = { intention, isStored: false, isLeftOver: false };
    generation.pending.push(pending);
    if (this.#save(at)) {
      generation.seenAt = generation.uncutBytes > 0 ? at : undefined;
      return this.#outgoing(generation, pending, cut.bytes);
    }
    // Without the intention on disk nothing is uploaded.
    generation.pending.pop();
    undo();
    this.#latest = before.latest;
    this.lostBytes = before.lost;
    generation.previous = before.previous;
    generation.lostBytes -= before.lost;
    release(cut.bytes);
    return undefined;
  }

  /** Notes at the first piece of a generation what came before it. */
  #noteCut(generation: Generation): void {
    const { id } = generation;
    generation.lostBytes += this.lostBytes;
    this.lostBytes = 0;
    const latest = this.#latest;
    if (latest && latest.generation !== id && latest.generation < id) generation.previous ??= latest;
    if (!latest || latest.generation <= id) this.#latest = { generation: id, end: generation.cut };
  }

  #begunAt({ wallMs }: Instant): number {
    const isSetBack = wallMs < this.#lastBegunMs && this.#lastBegunMs - wallMs < BACKSTEP_MS;
    if (!isSetBack) this.#lastBegunMs = wallMs;
    return this.#lastBegunMs;
  }

  #outgoing(generation: Generation, pending: Pending, bytes: Uint8Array): OutgoingPiece {
    const { first, last, key, isGzip, records, crc32 } = pending.intention;
    const { id, start, previous, lostBytes } = generation;
    const { host } = this.#settings;
    const source = this.#sourceName;
    return {
      localName: `${this.name}:${first}-${last}`,
      key: isGzip ? key.slice(0, -".gz".length) : key,
      isGzip,
      bytes,
      records,
      metadata: metadataOf({ host, source, generation: id, first, last, crc32, start, previous, lostBytes }),
      acknowledge: () => this.#acknowledge(generation, pending),
    };
  }

  #acknowledge(generation: Generation, pending: Pending): void {
    const at = this.#host.clock();
    pending.isStored = true;
    generation.pending = generation.pending.filter(({ isStored }) => !isStored);
    this.acknowledgedMs = at.wallMs;
    this.shippedBytes += pending.intention.last - pending.intention.first;
    this.#save(at);
  }

  /** @returns false if it could not be done; it is tried again later */
  #save(at: Instant): boolean {
    try {
      this.#stateFile.write(this.#stateNow());
      this.#isUnsaved = false;
      this.#stateTrouble.isOver(`${this.#stateFile.path} can be written again`);
      return true;
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#stateTrouble.warn(`${error.message}; nothing new of ${this.name} is shipped until it can be`);
      this.#isUnsaved = true;
      this.#retryAtMs = at.elapsedMs + RETRY_MS;
      return false;
    }
  }

  #stateNow(): SourceState {
    return {
      source: this.name,
      kind: this.kind,
      latest: this.#latest,
      lostBytes: this.lostBytes,
      lastBegunMs: this.#lastBegunMs,
      acknowledgedMs: this.acknowledgedMs,
      generations: this.generations.map((generation) => generation.stateNow()),
      modifiedMs: this.#modifiedMs,
      done: this.done,
    };
  }

  #warnOfGone({ path, place, sizeBytes }: GenerationState): void {
    const lost = Math.max(0, sizeBytes - place.offset);
    this.lostBytes += lost;
    const what = `${path || this.name} is gone since this was last running, shipped up to byte ${place.offset}`;
    if (lost > 0) this.#host.messages.warning(`${what}: at least ${lost} bytes of it are lost`);
    else this.#host.messages.info(`${what}, which was its end when it was last looked at`);
  }
}
