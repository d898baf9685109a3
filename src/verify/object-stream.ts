import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DestinationError } from "../destination/destination.ts";
import type { ListedObject, ObjectRange, ObjectReader } from "../destination/reader.ts";
import { type RetryOptions, withRetries } from "../destination/retry.ts";
import type { Outage } from "../pipeline/outage.ts";
import { unableTo } from "../system/errors.ts";

export interface StreamOptions {
  readonly reader: ObjectReader;
  /** Ranges that are read at the same time. */
  readonly concurrency: number;
  readonly retries: Pick<RetryOptions, "attempts" | "random" | "sleep">;
  readonly outage: Outage;
  /** Keys that are left out without being read give false. */
  readonly isWanted?: ((key: string) => boolean) | undefined;
  readonly signal: AbortSignal;
}

/** Ahead of what is looked at, no more of them are held in memory than are read at the same time. */
const RANGE_BYTES = 1024 * 1024;
const NOTHING: ObjectRange = { bytes: new Uint8Array(), sizeBytes: 0, version: "", metadata: {} };

/** How far the objects are listed and read. */
export interface Reading {
  /** Objects listed so far; all there are, once `isListed`. */
  readonly listed: number;
  readonly isListed: boolean;
  /** Objects that are done with. */
  readonly given: number;
  /** Bytes in the listed objects as they are stored, and how many of them have been read. */
  readonly listedBytes: number;
  readonly readBytes: number;
}

/** Lists everything below a destination's prefix and reads it in that order, some ranges ahead. */
export class ObjectStream implements Reading {
  listed = 0;
  isListed = false;
  given = 0;
  listedBytes = 0;
  readBytes = 0;
  readonly #options: StreamOptions;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /**
   * Yields the objects in the order of their keys. What is not read of one by the time that the next is asked for, is
   * left out.
   *
   * @throws FatalError `unable to list s3://b/p: <reason>`, `unable to read s3://b/p/key: <reason>`
   */
  async *objects(): AsyncGenerator<StreamedObject> {
    const ranges = startedAhead(this.#ranges(), this.#options.concurrency);
    let current: StreamedObject | undefined;
    let next = await ranges.next();
    const take = async () => {
      if (next.done || next.value.object !== current) return undefined;
      const { answer } = next.value;
      next = await ranges.next();
      return answer;
    };
    try {
      while (!next.done) {
        current = next.value.object;
        await current.begin(take);
        yield current;
        current.isUnwanted = true;
        this.given++;
        while (!next.done && next.value.object === current) next = await ranges.next();
      }
    } finally {
      await ranges.return(undefined);
    }
  }

  /** Asks for each range of each object when it is called upon to. */
  async *#ranges(): AsyncGenerator<StartedRange> {
    for await (const listed of this.#listing()) {
      const object = new StreamedObject(listed, this.#options.reader.name, (from) =>
        this.#read(listed.key, from, RANGE_BYTES),
      );
      const isMarker = listed.key.endsWith("/") && listed.sizeBytes === 0;
      let from = 0;
      do {
        const length = listed.sizeBytes === 0 ? 0 : RANGE_BYTES;
        const answer = isMarker ? Promise.resolve(NOTHING) : this.#read(listed.key, from, length);
        answer.catch(() => {}); // told when its turn comes
        yield { object, answer };
        from += RANGE_BYTES;
      } while (from < listed.sizeBytes && !object.isUnwanted);
    }
  }

  async *#listing(): AsyncGenerator<ListedObject> {
    const { reader, signal, isWanted = () => true } = this.#options;
    let after: string | undefined;
    do {
      const page = await this.#patiently("list", "the objects", () => reader.list(after, signal));
      const objects = page.objects.filter(({ key }) => isWanted(key));
      this.listed += objects.length;
      this.listedBytes += objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      after = page.next;
      this.isListed = after === undefined;
      yield* objects;
    } while (after !== undefined);
  }

  async #read(key: string, from: number, length: number): Promise<ObjectRange | undefined> {
    const { reader, signal } = this.#options;
    const attempt = () => reader.read(key, from, length, signal);
    const range = await this.#patiently("read", key, attempt);
    this.readBytes += range?.bytes.length ?? 0;
    return range;
  }

  async #patiently<T>(verb: string, what: string, attempt: () => Promise<T>): Promise<T> {
    const { retries, outage, signal } = this.#options;
    let result: T | undefined;
    const keep = async () => {
      result = await attempt();
    };
    const onRetry = (failure: DestinationError, count: number, waitMs: number) =>
      outage.failed(what, failure.reason, count, waitMs);
    try {
      await withRetries(keep, { ...retries, onRetry }, signal);
      outage.succeeded();
      return result!;
    } catch (error) {
      const { name } = this.#options.reader;
      const where = verb === "list" ? name : `${name}/${what}`;
      if (signal.aborted) throw unableTo(verb, where, "stopped before it was done");
      if (error instanceof DestinationError) throw unableTo(verb, where, error.reason, error.topic);
      throw error;
    }
  }
}

interface StartedRange {
  readonly object: StreamedObject;
  readonly answer: Promise<ObjectRange | undefined>;
}

/** An object of which the first range is there. */
export class StreamedObject {
  readonly key: string;
  /** It was listed, but when it was read it was not there. */
  isGone = false;
  metadata: Readonly<Record<string, string>> = {};
  /** As it is stored. */
  sizeBytes = 0;
  /** No further ranges are to be asked for. */
  isUnwanted = false;
  readonly #url: string;
  readonly #readMore: (from: number) => Promise<ObjectRange | undefined>;
  #first: ObjectRange | undefined;
  #take: () => Promise<ObjectRange | undefined> = async () => undefined;

  constructor(
    { key }: ListedObject,
    destination: string,
    readMore: (from: number) => Promise<ObjectRange | undefined>,
  ) {
    this.key = key;
    this.#url = `${destination}/${key}`;
    this.#readMore = readMore;
  }

  /** @param take The next range that was asked for ahead; undefined if there is none. */
  async begin(take: () => Promise<ObjectRange | undefined>): Promise<void> {
    this.#take = take;
    this.#first = await take();
    this.isGone = this.#first === undefined;
    this.metadata = this.#first?.metadata ?? {};
    this.sizeBytes = this.#first?.sizeBytes ?? 0;
  }

  /**
   * The bytes as they are stored, once.
   *
   * @throws FatalError also `unable to read s3://b/key: it changes while it is read`
   */
  async *stored(): AsyncGenerator<Uint8Array> {
    let range = this.#first;
    this.#first = undefined;
    const version = range?.version;
    for (let at = 0; range !== undefined; ) {
      at += range.bytes.length;
      if (range.bytes.length > 0) yield range.bytes;
      if (at >= this.sizeBytes) return;
      // More than was listed is not asked for ahead.
      range = (await this.#take()) ?? (await this.#readMore(at));
      if (range === undefined || range.version !== version || range.bytes.length === 0)
        throw unableTo("read", this.#url, "it changes while it is read");
    }
  }

  /**
   * The bytes before `--gzip`, each chunk until the next one is asked for.
   *
   * @throws NotGzip; FatalError as `stored()`
   */
  content(isGzip: boolean): AsyncIterable<Uint8Array> {
    return isGzip ? unpacked(this.stored()) : releasing(this.stored());
  }
}

/** Gives the memory of each chunk back at once: the collector, who sees only small objects, would let it pile up. */
async function* releasing(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const { buffer, byteLength } = chunk;
    yield chunk;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

/** What is called gzip is none, or not all of it. */
export class NotGzip extends Error {}

async function* unpacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const source = Readable.from(packed);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  source.on("error", (error) => {
    failure = error;
    gunzip.destroy(error);
  });
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array;
  } catch (error) {
    if (failure !== undefined) throw failure;
    throw new NotGzip("it is no gzip file, or not all of one", { cause: error });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Takes from a source some items ahead. */
async function* startedAhead<T>(source: AsyncGenerator<T>, ahead: number): AsyncGenerator<T> {
  const waiting: Promise<IteratorResult<T>>[] = [];
  const refill = () => {
    while (waiting.length < ahead) {
      const next = source.next();
      next.catch(() => {}); // told when its turn comes
      waiting.push(next);
    }
  };
  try {
    for (refill(); ; refill()) {
      const { value, done } = await waiting.shift()!;
      if (done) return;
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}
