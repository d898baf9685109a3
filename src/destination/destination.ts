import { FatalError, type Topic } from "../system/errors.ts";

/** Content too large to hold in memory; it can be opened again for another attempt. */
export interface LargeContent {
  /** Each chunk is overwritten when the next one is asked for. */
  open(): AsyncIterable<Uint8Array>;
  /** Where parts of it are kept while they are sent. */
  readonly memory: PartMemory;
}

/** Lends memory for the parts of one content: always for one of them, for more only while nobody else needs it. */
export interface PartMemory {
  /** @returns a buffer as large as a part, of arbitrary content; undefined until one is given back */
  take(): Buffer | undefined;
  give(buffer: Buffer): void;
}

/** Connections to a destination that nobody uses at the moment. */
export interface SpareConnections {
  /** @returns false if there is none */
  tryTake(): boolean;
  give(): void;
}

/** The type of an uncompressed log, of whatever format its records are. */
export const PLAIN = "text/plain";

/** One object on its way to the destination. */
export interface OutgoingObject {
  /** Below the destination's prefix. */
  readonly key: string;
  readonly content: Uint8Array | LargeContent;
  readonly contentType: string;
  readonly records?: number | undefined;
  /** Of a content in memory, if it is known. */
  readonly crc32?: number;
  /** What S3 keeps beside the object, in lower case; a directory keeps none. `records` is added to it. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An object as the destination describes it. */
export interface StoredObject {
  readonly sizeBytes: number;
  /** Empty in a directory. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A place that keeps objects under keys. */
export interface Destination {
  /** For messages: `s3://bucket` or `file:///dir`. */
  readonly name: string;
  /** The full address of a key: `s3://bucket/prefix/key`. */
  locate(key: string): string;
  /**
   * Stores an object in one attempt. When it returns, the object is complete, checked and durable; when it
   * throws, nothing stands under the key that did not stand there before, unless only the answer was lost.
   *
   * @param spare For what can be sent side by side; the object itself has a connection.
   * @throws DestinationError
   */
  put(object: OutgoingObject, signal: AbortSignal, spare?: SpareConnections): Promise<void>;
  /**
   * Takes the folder `key` (which ends with a slash) for whoever calls, and makes it visible even while it is empty.
   *
   * @returns false if there is such a folder already; somebody else's objects may be in it
   * @throws DestinationError
   */
  claimFolder(key: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Looks an object up. S3 answers only who may read it (s3:GetObject).
   *
   * @returns undefined if there is none
   * @throws DestinationError
   */
  find(key: string, signal: AbortSignal): Promise<StoredObject | undefined>;
}

/** An attempt failed; `isWorthRetry` says whether another one may succeed without anybody doing something. */
export class DestinationError extends FatalError {
  readonly reason: string;
  readonly isWorthRetry: boolean;
  /** How long the server asks to be left alone, 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(reason: string, isWorthRetry: boolean, cause: unknown, topic?: Topic, retryAfterMs = 0) {
    super(reason, { cause, topic });
    this.reason = reason;
    this.isWorthRetry = isWorthRetry;
    this.retryAfterMs = retryAfterMs;
  }
}
