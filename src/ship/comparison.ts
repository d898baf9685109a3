import type { Generation } from "./generation.ts";
import type { Journal } from "./journal.ts";
import { behindProven, Contents } from "./proof.ts";
import type { ShipHost } from "./source.ts";
import type { StoredPiece } from "./stored-pieces.ts";

/** What is judged of a source. */
export interface Judged {
  readonly name: string;
  readonly journal: Journal;
  readonly generations: readonly Generation[];
}

/** Many hosts of one name may have made more generations than can be looked at. */
const MOST_TRIED = 100;

/** Compares the files of a source with what is stored of it and not remembered. */
export class Comparison {
  readonly #host: ShipHost;
  readonly #signal: AbortSignal;
  readonly #source: Judged;
  readonly #contents: Contents;
  readonly #latest: string | undefined;
  readonly #stored: Map<string, StoredPiece[]>;
  #provenBytes = 0;
  #other: { readonly path: string; readonly offset: number } | undefined;

  /** @param latest The latest generation that the state knows; undefined if nothing is remembered. */
  constructor(
    source: Judged,
    stored: readonly StoredPiece[],
    latest: string | undefined,
    host: ShipHost,
    signal: AbortSignal,
  ) {
    this.#host = host;
    this.#signal = signal;
    this.#source = source;
    this.#latest = latest;
    this.#contents = new Contents(host, signal);
    this.#stored = Map.groupBy(stored, ({ generation }) => generation);
  }

  /**
   * Goes on behind what is proven to be stored, and says so.
   *
   * @throws DestinationError; the signal's reason; FatalError if a file cannot be read
   */
  async make(): Promise<void> {
    const { messages, uploader, clock } = this.#host;
    const { name, journal, generations } = this.#source;
    for (const generation of generations.filter((g) => g.isOpen && !g.isMissing && g.file.size >= 0)) {
      const own = this.#stored.get(generation.id);
      if (own) await this.#goOnBehind(generation, generation.id, own, () => journal.nextId(clock()));
      else if (this.#isFresh(generation)) await this.#findIn(generation);
    }
    journal.isUnsaved = true;
    messages.warning(`${name}: ${this.#text(uploader.destinationName)}`);
  }

  #isFresh({ id, start, cut }: Generation): boolean {
    return cut === 0 && start === 0 && (this.#latest === undefined || id > this.#latest);
  }

  /** For a file of which nothing is remembered: finds the generation that was made of it. */
  async #findIn(generation: Generation): Promise<void> {
    const latestFirst = [...this.#stored].sort(([a], [b]) => (a < b ? 1 : -1));
    for (const [id, pieces] of latestFirst.slice(0, MOST_TRIED)) {
      await this.#goOnBehind(generation, id, pieces, () => generation.id);
      if (generation.cut === 0) continue;
      this.#stored.delete(id);
      return;
    }
  }

  /** Passes over what is stored of a file under an id, and goes on behind it under another one. */
  async #goOnBehind(
    generation: Generation,
    id: string,
    pieces: readonly StoredPiece[],
    nextId: () => string,
  ): Promise<void> {
    const proven = await behindProven(generation, pieces, this.#contents, this.#host);
    this.#signal.throwIfAborted();
    const isOwn = id === generation.id;
    if (!proven && !isOwn) return;
    const { file, cut } = generation;
    const cursor = proven ?? file.cursor;
    this.#provenBytes += cursor.offset - cut;
    const isAllProven = !pieces.some(({ offset }) => offset >= cursor.offset);
    if (!isAllProven) this.#other ??= { path: file.path, offset: cursor.offset };
    // Where nothing can be said of what comes before, one that begins in the middle would look as if its beginning were missing.
    if (isAllProven && !this.#host.uploader.keepsMetadata) generation.goOnAs(id, cursor);
    else generation.beginAnew(nextId(), cursor, { generation: id, end: cursor.offset });
  }

  #text(destination: string): string {
    const isLost = this.#latest === undefined;
    const why = isLost
      ? `nothing is remembered of it, but ${destination} has pieces of it`
      : `${destination} has pieces of it that its state does not know, as after an older state was restored or its machine was cloned`;
    const proven =
      this.#provenBytes > 0
        ? `${this.#provenBytes} bytes of its files that are there are not shipped again`
        : undefined;
    const other =
      this.#other &&
      `from byte ${this.#other.offset} of ${this.#other.path} on they are not known to hold the same, and stay`;
    const rest = other ? "what follows is shipped under a new generation" : undefined;
    const again = isLost
      ? "it is shipped from its start, and lines may be there twice"
      : "none of them is of the files that are there, and these are shipped";
    return [`${why}: ${[proven, other].filter(Boolean).join("; ") || again}`, rest]
      .filter(Boolean)
      .join("; ");
  }
}
