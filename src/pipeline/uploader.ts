import {
  type Destination,
  DestinationError,
  KeyTaken,
  type Listed,
  type ListedKeys,
  type OutgoingObject,
  type StoredObject,
} from "../destination/destination.ts";
import { withRetries } from "../destination/retry.ts";
import { FatalError, type Topic, unableTo } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { Connections } from "./connections.ts";
import { Outage } from "./outage.ts";

const STOPPED = "stopped before it was uploaded";

/** Something to upload; its content is loaded only when its turn comes. */
export interface Upload {
  /** As the diary calls it: `access.T/access.T.log.aa`. */
  readonly localName: string;
  /** @throws FatalError when the content cannot be read */
  load(): Promise<OutgoingObject>;
  /** Called when the object is stored, before the receipt is reported. */
  stored?(): Promise<void>;
  /** Called instead if something else stands under its key; without it that is a failure. */
  taken?(why: KeyTaken): void;
  /** Called when it is given up. */
  failed?(): void;
  /** Called at the end, stored or not; `wasAborted` if a connection may still hold the content. */
  release?(wasAborted: boolean): void;
}

/** Proof of one stored object. */
export interface Receipt {
  readonly localName: string;
  readonly url: string;
  readonly sizeBytes: number | undefined;
  readonly records: number | undefined;
  readonly attempts: number;
}

export interface UploadFailure {
  readonly localName: string;
  readonly reason: string;
  readonly topic: Topic | undefined;
}

export interface Outcome {
  readonly storedCount: number;
  readonly failures: readonly UploadFailure[];
  /** One of the failures, if the destination refused for good and what was left was not tried. */
  readonly refusal: UploadFailure | undefined;
}

export interface UploaderOptions {
  readonly destination: Destination;
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Tries for each object; Infinity waits for the destination to come back. */
  readonly attempts: number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly messages: Messages;
  readonly report: (receipt: Receipt) => void;
}

/**
 * Uploads what a source yields, some at a time. It asks the source for the next one only when a connection is free,
 * so that a slow destination holds the source back and memory stays bounded.
 */
export class Uploader {
  readonly #options: UploaderOptions;
  readonly #outage: Outage;

  constructor(options: UploaderOptions) {
    this.#options = options;
    this.#outage = new Outage(options.destination.name, options.messages);
  }

  /** For messages: `s3://bucket` or `file:///dir`. */
  get destinationName(): string {
    return this.#options.destination.name;
  }

  /**
   * Uploads until the source ends or the destination refuses for good; what is under way then is finished.
   * A source error of one upload is a failure of that one alone.
   *
   * @param abort Ends waiting and running attempts; what they held counts as failed.
   * @throws what the source throws
   */
  async uploadAll(source: AsyncIterator<Upload>, abort: AbortSignal): Promise<Outcome> {
    const failures: UploadFailure[] = [];
    let storedCount = 0;
    let refusal: UploadFailure | undefined;
    const connections = new Connections(this.#options.concurrency);
    const work = async () => {
      while (refusal === undefined && !abort.aborted) {
        const next = await source.next();
        if (next.done) return;
        const failure = await this.#upload(next.value, connections, abort);
        if (failure === undefined) storedCount++;
        if (failure === undefined || failure === "taken") continue;
        next.value.failed?.();
        failures.push({ localName: next.value.localName, reason: failure.reason, topic: failure.topic });
        if (failure.isRefusal) refusal ??= failures.at(-1);
      }
    };
    try {
      await settleAll(Array.from({ length: this.#options.concurrency }, work));
    } finally {
      await source.return?.();
    }
    return { storedCount, failures, refusal };
  }

  /**
   * Takes a folder that nobody has yet, as patiently as an object is stored.
   *
   * @returns false if there is such a folder already
   * @throws FatalError `unable to upload access.T/ to s3://b: <reason>`
   */
  async claimFolder(key: string, abort: AbortSignal): Promise<boolean> {
    const { destination } = this.#options;
    let isOurs = true;
    const attempt = async () => {
      isOurs = await destination.claimFolder(key, abort);
    };
    try {
      await this.#patiently(key, attempt, abort);
      return isOurs;
    } catch (error) {
      if (abort.aborted) throw unableTo("upload", `${key} to ${destination.name}`, STOPPED);
      if (!(error instanceof DestinationError)) throw error;
      throw unableTo("upload", `${key} to ${destination.name}`, error.reason, error.topic);
    }
  }

  /** True while the destination keeps failing, from the warning on that says so. */
  get isFailing(): boolean {
    return this.#outage.isAnnounced;
  }

  /**
   * Looks an object up, as patiently as one is stored.
   *
   * @returns undefined if there is none
   * @throws DestinationError if the destination refuses to tell; the signal's reason
   */
  async find(key: string, abort: AbortSignal): Promise<StoredObject | undefined> {
    let found: StoredObject | undefined;
    const attempt = async () => {
      found = await this.#options.destination.find(key, abort);
    };
    await this.#patiently(key, attempt, abort);
    return found;
  }

  /** Metadata of what is stored can be read back. */
  get keepsMetadata(): boolean {
    return this.#options.destination.keepsMetadata;
  }

  /** Where a key is, in full. */
  locate(key: string): string {
    return this.#options.destination.locate(key);
  }

  /**
   * Lists a page of keys, as patiently as an object is stored.
   *
   * @throws DestinationError if the destination refuses to tell; the signal's reason
   */
  async list(listed: Listed, abort: AbortSignal): Promise<ListedKeys> {
    let page: ListedKeys | undefined;
    const attempt = async () => {
      page = await this.#options.destination.list(listed, abort);
    };
    await this.#patiently("pieces", attempt, abort);
    return page!;
  }

  async #upload(
    upload: Upload,
    connections: Connections,
    abort: AbortSignal,
  ): Promise<{ reason: string; isRefusal: boolean; topic?: Topic | undefined } | "taken" | undefined> {
    const { destination, report } = this.#options;
    let attemptsBegun = 0;
    await connections.take();
    try {
      const object = await upload.load();
      const attempts = await this.#patiently(
        upload.localName,
        () => {
          attemptsBegun++;
          return destination.put(object, abort, connections);
        },
        abort,
      );
      await upload.stored?.();
      const { content, records } = object;
      const sizeBytes = content instanceof Uint8Array ? content.length : undefined;
      report({
        localName: upload.localName,
        url: destination.locate(object.key),
        sizeBytes,
        records,
        attempts,
      });
      return undefined;
    } catch (error) {
      if (abort.aborted) return { reason: STOPPED, isRefusal: false };
      if (error instanceof KeyTaken && upload.taken) {
        upload.taken(error);
        return "taken";
      }
      if (error instanceof DestinationError) {
        const { reason, topic } = error;
        return { reason, topic, isRefusal: true };
      }
      if (error instanceof FatalError) return { reason: error.message, isRefusal: false };
      throw error;
    } finally {
      connections.give();
      upload.release?.(attemptsBegun !== 1 || abort.aborted);
    }
  }

  async #patiently(what: string, attempt: () => Promise<void>, abort: AbortSignal): Promise<number> {
    const { attempts, random, sleep } = this.#options;
    const onRetry = (failure: DestinationError, count: number, waitMs: number) =>
      this.#outage.failed(what, failure.reason, count, waitMs);
    const count = await withRetries(attempt, { attempts, random, sleep, onRetry }, abort);
    this.#outage.succeeded();
    return count;
  }
}

/** Waits for all, so that nothing runs on behind a failure, and then throws the first failure. */
async function settleAll(promises: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
