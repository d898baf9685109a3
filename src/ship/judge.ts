/**
 * Holds what is remembered of a source against what is stored, before anything new of it is stored: the state may have been
 * restored from an older copy, be that of a machine that was cloned, or be lost. What the destination has is right.
 */
import { greatestId, momentOf } from "../contract/generation-id.ts";
import { escapeName, layoutOf, pieceNameOf } from "../contract/shipped-key.ts";
import type { ListedKeys } from "../destination/destination.ts";
import { leavesUnknown } from "../destination/leaves-unknown.ts";
import { Comparison, type Judged } from "./comparison.ts";
import type { Generation } from "./generation.ts";
import { refusalOf } from "./refusal.ts";
import type { ShipHost, ShipSettings } from "./source.ts";
import { sourceNameOf } from "./source-files.ts";
import { type KeySource, listAll, type StoredPiece, storedLast, storedSince } from "./stored-pieces.ts";

/** So many sources are looked up at the same time. */
const LOOKS_AT_ONCE = 8;

/** Looks at the destination for all sources of a process. */
export class Judge {
  /** Called when a source may go on. */
  onReady = () => {};
  readonly settings: ShipSettings;
  readonly host: ShipHost;
  readonly signal: AbortSignal;
  /** It may not be looked at what is stored, which has been said. */
  isBlind = false;
  looking = 0;
  readonly #end = new AbortController();
  readonly #folders = new Map<string, Promise<ListedKeys>>();

  constructor(settings: ShipSettings, host: ShipHost) {
    this.settings = settings;
    this.host = host;
    this.signal = AbortSignal.any([host.abort, this.#end.signal]);
  }

  /** Nothing more is to be found out. */
  close(): void {
    this.#end.abort();
  }

  /** Whether something may be stored of a source: one listing tells that of a thousand sources of the host. */
  async mayHave({ layout: { folders } }: KeySource): Promise<boolean> {
    if (!folders) return true;
    const { all, own } = folders;
    let known = this.#folders.get(all);
    if (!known) {
      known = listAll(this.host.uploader, all, "", this.signal, true);
      this.#folders.set(all, known);
    }
    const { keys, isCut } = await known;
    return isCut || keys.includes(own);
  }

  /** Says once that it cannot be seen what is stored. */
  tellBlind(reason: string): void {
    if (this.isBlind) return;
    this.isBlind = true;
    this.host.messages.info(
      `unable to look at what is stored in ${this.host.uploader.destinationName}: ${reason}; a state that is older than that is not noticed`,
    );
  }
}

/** The judgement of one source, which is made once. */
export class Judgement {
  readonly #judge: Judge;
  /** The latest generation that the state knows; undefined if nothing is remembered. */
  readonly #latest: string | undefined;
  #progress: "open" | "under way" | "over" = "open";
  #failure: unknown;

  constructor(judge: Judge, known: readonly (string | undefined)[]) {
    this.#judge = judge;
    this.#latest = greatestId(known);
  }

  /**
   * True if the source may go on; if not, it is found out whether it may.
   *
   * @throws DestinationRefusal, or FatalError if a file cannot be read
   */
  isOver(source: Judged): boolean {
    const judge = this.#judge;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    const mayBegin = this.#progress === "open" && judge.looking < LOOKS_AT_ONCE;
    if (judge.isBlind && this.#progress === "open") this.#progress = "over";
    else if (mayBegin && source.generations.every((g) => g.isAcknowledged)) this.#begin(source);
    return this.#progress === "over";
  }

  #begin(source: Judged): void {
    const judge = this.#judge;
    this.#progress = "under way";
    judge.looking++;
    this.#find(source)
      .then(
        () => {
          this.#progress = "over";
        },
        (error) => {
          this.#progress = leavesUnknown(error) ? "over" : "open";
          if (leavesUnknown(error)) judge.tellBlind(error.reason);
          else if (!judge.signal.aborted)
            this.#failure = refusalOf(error, source.name, judge.host.uploader.destinationName);
        },
      )
      .finally(() => {
        judge.looking--;
        judge.onReady();
      });
  }

  async #find(source: Judged): Promise<void> {
    const { settings, host } = this.#judge;
    const { template } = settings;
    const names = {
      host: settings.host,
      source: escapeName(sourceNameOf(source.name)),
      name: pieceNameOf(source.name),
    };
    const layout = layoutOf(template, names);
    if (!layout) return;
    const stored = await this.#unknown(source, { template, names, layout });
    const latest = greatestId(stored.map(({ generation }) => generation));
    if (latest === undefined) return;
    source.journal.noteId(latest);
    await new Comparison(source, stored, this.#latest, host, this.#judge.signal).make();
  }

  /** What is stored and not known by the state. */
  async #unknown({ generations, journal }: Judged, source: KeySource): Promise<StoredPiece[]> {
    const { host, signal, settings } = this.#judge;
    const latest = this.#latest;
    if (latest === undefined) {
      const isFromEnd = settings.from === "end" && generations.every(({ cut, start }) => cut === start);
      if (isFromEnd || !(await this.#judge.mayHave(source))) return [];
      return storedLast(host.uploader, source, signal);
    }
    const known = generations.filter((g) => g.id <= latest && g.isOpen);
    const first = known.reduce<Generation | undefined>((a, b) => (a && a.id < b.id ? a : b), undefined);
    const generation = first?.id ?? latest;
    const begunAtMs = journal.lastBegunMs || momentOf(generation);
    const place = { generation, offset: first?.cut ?? 0, begunAtMs };
    const stored = await storedSince(host.uploader, source, place, signal);
    const isBehind = (piece: StoredPiece, g: Generation) =>
      g.id === piece.generation && piece.offset >= g.cut && g.isOpen;
    return stored.filter((piece) => piece.generation > latest || known.some((g) => isBehind(piece, g)));
  }
}
