import { greatestId, nextGeneration } from "../contract/generation-id.ts";
import type { Previous } from "../contract/shipped-metadata.ts";
import type { LeftFile } from "../follow/left-files.ts";
import { FatalError } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { Trouble } from "../system/trouble.ts";
import type { Address } from "./address.ts";
import type { FoundLog } from "./find-sources.ts";
import type { Generation, Instant } from "./generation.ts";
import type { SourceState } from "./state.ts";
import type { StateFile } from "./state-file.ts";

/** A clock that was set back by less does not put later pieces before earlier ones. */
const BACKSTEP_MS = 3_600_000;

/** What is remembered of a source beside its generations, and the way to the disk for all of it. */
export class Journal {
  /** When a piece was last acknowledged; 0 if none was. */
  acknowledgedMs: number;
  /** Finished files of a log directory that are wholly acknowledged. */
  done: readonly string[];
  /** The state on disk is not up to date. */
  isUnsaved = true;
  readonly #source: string;
  readonly #kind: "file" | "directory";
  readonly #asked: string | undefined;
  readonly #address: Address;
  readonly #file: StateFile;
  readonly #trouble: Trouble;
  #latest: Previous | undefined;
  #latestId: string | undefined;
  #lastBegunMs: number;
  #modifiedMs: number;
  /** Bytes known to be lost since the last piece was cut. */
  #lostBytes: number;
  #allLostBytes: number;
  #left: readonly LeftFile[] | undefined;

  constructor(
    { path, kind, asked }: FoundLog,
    file: StateFile,
    saved: SourceState | undefined,
    begin: { readonly generations: readonly Generation[]; readonly done: readonly string[] },
    address: Address,
    messages: Messages,
  ) {
    this.#source = path;
    this.#address = address;
    this.#kind = kind;
    this.#asked = asked ?? saved?.asked;
    this.#file = file;
    this.#trouble = new Trouble(messages);
    this.#latest = saved?.latest;
    this.#latestId = greatestId([saved?.latest?.generation, ...begin.generations.map(({ id }) => id)]);
    this.#lastBegunMs = saved?.lastBegunMs ?? 0;
    this.acknowledgedMs = saved?.acknowledgedMs ?? 0;
    this.#lostBytes = saved?.lostBytes ?? 0;
    this.#modifiedMs = saved?.modifiedMs ?? 0;
    this.#left = saved?.older;
    this.#allLostBytes = saved?.allLostBytes ?? saved?.lostBytes ?? 0;
    this.done = begin.done;
  }

  /** Notes what a look has found. @param left As the follower has it, where it has any. */
  noteLook(generations: readonly Generation[], left: readonly LeftFile[] | undefined): void {
    for (const { file } of generations) this.#modifiedMs = Math.max(this.#modifiedMs, file.modifiedMs);
    if (left !== this.#left) this.isUnsaved = true;
    this.#left = left;
  }

  /** Bytes are lost, which the next piece tells. */
  noteLost(bytes: number): void {
    this.#lostBytes += bytes;
    this.#allLostBytes += bytes;
    this.isUnsaved = true;
  }

  /** Bytes known to be lost since the source was first shipped. */
  get allLostBytes(): number {
    return this.#allLostBytes;
  }

  /** The greatest moment in a key so far; 0 if there was none. */
  get lastBegunMs(): number {
    return this.#lastBegunMs;
  }

  /** There is a generation of that id elsewhere: later ones have to come behind it. */
  noteId(id: string): void {
    this.#latestId = greatestId([this.#latestId, id]);
  }

  /** An id for a generation that is met now, greater than all before. */
  nextId({ wallMs }: Instant): string {
    this.#latestId = nextGeneration(wallMs, this.#latestId);
    return this.#latestId;
  }

  /** The moment that a piece's key tells, if its first byte was seen then. */
  begunAt({ wallMs }: Instant): number {
    const isSetBack = wallMs < this.#lastBegunMs && this.#lastBegunMs - wallMs < BACKSTEP_MS;
    if (!isSetBack) this.#lastBegunMs = wallMs;
    return this.#lastBegunMs;
  }

  /** Notes at the first piece of a generation what came before it. @returns how to take that back */
  noteCut(generation: Generation): () => void {
    const latest = this.#latest;
    const lostBytes = this.#lostBytes;
    const { previous, id } = generation;
    generation.lostBytes += lostBytes;
    this.#lostBytes = 0;
    if (latest && latest.generation < id) generation.previous ??= latest;
    if (!latest || latest.generation <= id) this.#latest = { generation: id, end: generation.cut };
    return () => {
      generation.lostBytes -= lostBytes;
      generation.previous = previous;
      this.#lostBytes = lostBytes;
      this.#latest = latest;
    };
  }

  /** @returns false if it cannot be written now */
  save(generations: readonly Generation[]): boolean {
    const { acknowledgedMs, done } = this;
    try {
      this.#file.write({
        source: this.#source,
        kind: this.#kind,
        ...this.#address,
        asked: this.#asked,
        latest: this.#latest,
        lostBytes: this.#lostBytes,
        allLostBytes: this.#allLostBytes,
        lastBegunMs: this.#lastBegunMs,
        acknowledgedMs,
        generations: generations.map((generation) => generation.stateNow()),
        modifiedMs: this.#modifiedMs,
        older: this.#left,
        done,
      });
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#trouble.warn(`${error.message}; nothing new of ${this.#source} is shipped until it can be`);
      this.isUnsaved = true;
      return false;
    }
    this.isUnsaved = false;
    this.#trouble.isOver(`${this.#file.path} can be written again`);
    return true;
  }

  close(): void {
    this.#file.close();
  }
}
