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
  /** Nothing that stands under its key already is written over; what it holds is in memory, and `metadata` say `bytes` and `crc32`. */
  readonly isNew?: boolean;
}

/** An object as the destination describes it. */
export interface StoredObject {
  readonly sizeBytes: number;
  /** In a directory `bytes` and `crc32` alone, of what it holds before it was compressed, as they are found. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What to list: keys that begin with `prefix` and come after `after`; with `isFlat` what is one folder deep. */
export interface Listed {
  readonly prefix: string;
  readonly after: string;
  /** Names with a slash behind them stand for all that is below them. */
  readonly isFlat?: boolean;
}

/** A page of keys, in the order of their bytes. */
export interface ListedKeys {
  readonly keys: readonly string[];
  /** There are more behind the last one. */
  readonly isCut: boolean;
}

/** A place that keeps objects under keys. */
export interface Destination {
  /** For messages: `s3://bucket` or `file:///dir`. */
  readonly name: string;
  /** What is stored beside an object can be read back. */
  readonly keepsMetadata: boolean;
  /** The full address of a key: `s3://bucket/prefix/key`. */
  locate(key: string): string;
  /**
   * Stores an object in one attempt. When it returns, the object is complete, checked and durable; when it
   * throws, nothing stands under the key that did not stand there before, unless only the answer was lost.
   * An object that has to be new counts as stored if what stands there holds the same.
   *
   * @param spare For what can be sent side by side; the object itself has a connection.
   * @throws DestinationError; KeyTaken
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
  /**
   * Lists some keys. S3 answers only who may list the bucket (s3:ListBucket).
   *
   * @returns none if there is no such bucket or directory
   * @throws DestinationError
   */
  list(listed: Listed, signal: AbortSignal): Promise<ListedKeys>;
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

/** Something else stands under the key of an object that has to be new, or may. */
export class KeyTaken extends DestinationError {
  /** @param cause Why it cannot be looked at; undefined if it was seen to be something else. */
  constructor(cause: DestinationError | undefined) {
    const other = "something else is there under this key";
    super(cause ? `whether ${other} is not known: ${cause.reason}` : other, false, cause, cause?.topic);
  }
}
