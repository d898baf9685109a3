import { type KeyTaken, PLAIN } from "../destination/destination.ts";
import { Changes } from "../follow/changes.ts";
import { compressed } from "../pipeline/compress.ts";
import { throwIfIncomplete } from "../pipeline/conclusion.ts";
import type { Upload } from "../pipeline/uploader.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { thingsText } from "../system/quantity-text.ts";
import type { StdinReader } from "../system/stdin-reader.ts";
import { LagReport } from "./lag-report.ts";
import type { OutgoingPiece, ShipHost, Source } from "./source.ts";
import type { Sources } from "./sources.ts";
import type { StdinSource } from "./stdin-source.ts";

export interface ShipOptions {
  readonly sources: Sources;
  /** Standard input, if it is one of them. */
  readonly stdin: { readonly source: StdinSource; readonly input: StdinReader } | undefined;
  readonly isOnce: boolean;
}

/** Lines are seen so soon where the kernel reports nothing, and busy logs are looked at no more often than that. */
const PACE = { atLeastEveryMs: 900, reportedEveryMs: 5000, gatherMs: 100 };

/**
 * Ships sources until it is stopped, or until what is there is shipped.
 *
 * @param stop Takes on nothing new; what is under way is finished.
 * @throws FatalError that names what was not uploaded, or what cannot be read
 */
export async function ship(options: ShipOptions, host: ShipHost, stop: AbortSignal): Promise<void> {
  const { sources } = options;
  const { uploader, messages, abort } = host;
  const feed = new Feed(options, host, stop);
  const watch = new Watch(options, host, feed);
  sources.judge.onReady = () => feed.wake();
  await sources.refresh();
  sources.look();
  const { stdin } = options;
  if (stdin) stdin.source.onReady = () => feed.wake();
  const watching = watch.run();
  const reading = stdin?.source.pump(stdin.input, stop) ?? new Promise<void>(() => {});
  try {
    const uploading = uploader.uploadAll(feed.uploads(), abort);
    const failure = Promise.race([watching, reading.then(() => watching)]);
    const outcome = await Promise.race([uploading, failure]);
    if (stdin && !stdin.source.isDrained) warnOfRest(stdin.source, messages);
    if (outcome) throwIfIncomplete(outcome, "pieces", uploader.destinationName, messages);
    const left = sources.all.reduce((sum, { intendedCount }) => sum + intendedCount, 0);
    const waiting = left > 0 ? `${left} pieces` : thingsText(sources.judge.looking, "log");
    if (left > 0 || sources.judge.looking > 0)
      throw unableTo(
        "upload",
        `${waiting} to ${uploader.destinationName}`,
        "stopped; the next start does it",
      );
  } finally {
    feed.end();
    watch.end();
    await watching.catch(() => {});
    sources.close();
  }
  const problem = options.isOnce ? sources.problem : undefined;
  if (problem !== undefined) throw new FatalError(problem);
}

/** Of standard input there is no second copy. */
function warnOfRest({ cut, uncutBytes }: StdinSource, messages: Messages): void {
  if (uncutBytes > 0)
    messages.warning(`unable to upload stdin:${cut}-${cut + uncutBytes}: stopped before it was uploaded`);
}

/** Looks at all sources when something has happened, also while everything waits for the destination. */
class Watch {
  readonly #options: ShipOptions;
  readonly #feed: Feed;
  readonly #changes = new Changes(PACE);
  readonly #lagReport: LagReport;
  #hasEnded = false;

  constructor(options: ShipOptions, host: ShipHost, feed: Feed) {
    this.#options = options;
    this.#feed = feed;
    this.#lagReport = new LagReport(host);
  }

  async run(): Promise<undefined> {
    const { sources } = this.#options;
    try {
      while (!this.#hasEnded) {
        await sources.refresh();
        // Before looking, so that nothing happens unseen between the two.
        this.#changes.watch(sources.directories, sources.areReported);
        sources.look();
        this.#feed.wake();
        this.#lagReport.tell(sources.all);
        await this.#changes.next();
      }
    } finally {
      this.#changes.close();
    }
    return undefined;
  }

  end(): void {
    this.#hasEnded = true;
    this.#changes.wake();
  }
}

/** Gives pieces to the uploader when it has a connection free: nothing is read before. */
class Feed {
  readonly #options: ShipOptions;
  readonly #host: ShipHost;
  readonly #stop: AbortSignal;
  #hasFailed = false;
  #next = 0;
  #wake = () => {};
  #isAwake = false;

  constructor(options: ShipOptions, host: ShipHost, stop: AbortSignal) {
    this.#options = options;
    this.#host = host;
    this.#stop = stop;
    for (const signal of [stop, host.abort]) signal.addEventListener("abort", () => this.wake());
  }

  /** Nothing more is to be given out. */
  end(): void {
    this.#hasFailed = true;
    this.wake();
  }

  /** Something may have come. */
  wake(): void {
    this.#isAwake = true;
    this.#wake();
  }

  async *uploads(): AsyncGenerator<Upload> {
    const { abort } = this.#host;
    while (!this.#hasFailed && !abort.aborted && !this.#isDone()) {
      this.#isAwake = false;
      const piece = await this.#nextPiece();
      if (piece) yield this.#uploadOf(piece);
      else if (!this.#isAwake && !this.#isDone()) await this.#woken();
    }
  }

  /** All that is to be shipped is on its way. */
  #isDone(): boolean {
    const { all } = this.#options.sources;
    const left = all.filter((source) => !source.isDrained && source.problem === undefined);
    if (this.#stop.aborted) return !left.some((source) => source.outlastsStop);
    const hasEnd = this.#options.isOnce || !this.#options.sources.areAwaited;
    return hasEnd && left.length === 0;
  }

  /** Sources take turns, so that a busy one does not keep the others waiting. */
  async #nextPiece(): Promise<OutgoingPiece | undefined> {
    const { all } = this.#options.sources;
    for (let count = 0; count < all.length; count++) {
      const source = all[this.#next++ % all.length]!;
      if (this.#stop.aborted && !source.outlastsStop) continue;
      const piece = await this.#pieceOf(source);
      if (piece) return piece;
    }
    return undefined;
  }

  async #pieceOf(source: Source): Promise<OutgoingPiece | undefined> {
    try {
      return await source.nextPiece();
    } catch (error) {
      if (this.#host.abort.aborted) return undefined;
      throw error;
    }
  }

  async #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (!this.#isAwake) await promise;
  }

  #uploadOf({ localName, key, isGzip, bytes, records, metadata, acknowledge, taken }: OutgoingPiece): Upload {
    const isNew = taken !== undefined;
    const object = { key, content: bytes, contentType: PLAIN, records, metadata, isNew };
    return {
      localName,
      load: async () => (isGzip ? compressed(object) : object),
      stored: async () => {
        acknowledge();
        this.wake();
      },
      ...(taken && {
        taken: (why: KeyTaken) => {
          taken(why);
          this.wake();
        },
      }),
      failed: () => this.end(),
      release: (wasAborted) => {
        // A broken connection may still be reading from the buffer.
        if (!wasAborted) this.#host.release(bytes);
      },
    };
  }
}
