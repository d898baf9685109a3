/** One object of a listing. */
export interface ListedObject {
  /** Below the destination's prefix; ends with a slash for the marker of a folder. */
  readonly key: string;
  readonly sizeBytes: number;
}

/** Some objects in the order of their keys, compared byte by byte. */
export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** What to ask for the page behind this one with; undefined at the end. */
  readonly next: string | undefined;
}

/** A range of an object's bytes, and what is kept beside the object. */
export interface ObjectRange {
  readonly bytes: Uint8Array;
  /** Size of the whole object. */
  readonly sizeBytes: number;
  /** Differs between two contents of the same key. */
  readonly version: string;
  /** Empty in a directory. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A destination as it is read back. Every call is one attempt. */
export interface ObjectReader {
  /** For messages: `s3://bucket/prefix` or `file:///dir`. */
  readonly name: string;
  /** Whether objects have the metadata that was stored with them. */
  readonly hasMetadata: boolean;
  /**
   * Lists all objects below the prefix, a page at a time.
   *
   * @param after `next` of the page before; undefined for the first one.
   * @throws DestinationError
   */
  list(after: string | undefined, signal: AbortSignal): Promise<ListedPage>;
  /**
   * Reads a part of an object into memory.
   *
   * @param from Before the end of the object, or 0.
   * @param length 0 for an object that was listed as empty: it is read whole.
   * @returns up to `length` bytes, fewer at the end; undefined if the object, or this part of it, is gone
   * @throws DestinationError
   */
  read(key: string, from: number, length: number, signal: AbortSignal): Promise<ObjectRange | undefined>;
}
