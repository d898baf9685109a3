/**
 * What is written beside every object that `ship` stores (`x-amz-meta-…`; a directory keeps none); all of it is about the content before it was compressed:
 * - `records`: lines, counting a last one without newline; `bytes`: length; `crc32`: eight hexadecimal digits.
 * - `host`, `source`, `generation`: as in the key.
 * - `first-offset`: of the first byte; `last-offset`: behind the last byte, so that `bytes` is the difference.
 * - `start`: the offset at which the generation began to be shipped: 0, or where its file ended with `--from end`.
 * - `previous`: `<generation>:<offset>`, the generation before this one of the same source, and how far it had been cut
 *   into pieces when this one was begun; left out for the first of all. A file that grows after it was rotated away may be
 *   continued behind that offset.
 * - `lost`: bytes known to be lost between `previous` and `start`; left out if there are none.
 *
 * Nothing is missing and nothing is there twice if, for each host and source, the ranges `[first-offset, last-offset)` of
 * each generation follow each other from `start` on, and each generation but the first has a `previous` that is there and
 * reaches at least to the offset given. The end of the last generation alone is not known to the bucket.
 */
import { isCrc32, type Metadata, numberOf, type RecordedContent } from "./content.ts";
import { isGenerationId } from "./generation-id.ts";
import { type ReadKey, readDefaultKey } from "./shipped-key.ts";

/** A generation and up to where it was cut into pieces when the next one was begun. */
export interface Previous {
  readonly generation: string;
  readonly end: number;
}

/** A piece that goes out, as its metadata describe it. */
export interface OutgoingFacts {
  readonly host: string;
  readonly source: string;
  readonly generation: string;
  readonly first: number;
  /** Behind the last byte. */
  readonly last: number;
  readonly crc32: string;
  readonly start: number;
  readonly previous: Previous | undefined;
  readonly lostBytes: number;
}

/** The metadata of a piece; `records` is added by the destination. */
export function shippedMetadata(piece: OutgoingFacts): Record<string, string> {
  const { previous, lostBytes } = piece;
  return {
    bytes: String(piece.last - piece.first),
    crc32: piece.crc32,
    host: piece.host,
    source: piece.source,
    generation: piece.generation,
    "first-offset": String(piece.first),
    "last-offset": String(piece.last),
    start: String(piece.start),
    ...(previous === undefined ? {} : { previous: `${previous.generation}:${previous.end}` }),
    ...(lostBytes === 0 ? {} : { lost: String(lostBytes) }),
  };
}

/** A piece that `ship` stored. */
export interface ShippedPiece {
  readonly host: string;
  readonly source: string;
  readonly generation: string;
  readonly first: number;
  /** Behind its last byte; undefined in a directory, where its length tells. */
  readonly last: number | undefined;
  readonly recorded: RecordedContent | undefined;
  /** Where the generation began to be shipped; undefined in a directory. */
  readonly start: number | undefined;
  /** The generation before, and how far it had been shipped. */
  readonly previous: Previous | undefined;
  readonly lostBytes: number;
}

/** Whether the metadata are of `ship`, though they may be damaged. */
export function isShipped(metadata: Metadata): boolean {
  return metadata.generation !== undefined && metadata["first-offset"] !== undefined;
}

/** Reads the metadata of a piece; undefined if they are not those that `ship` writes. */
export function shippedPiece(metadata: Metadata): ShippedPiece | undefined {
  const { host = "", source = "", generation = "", crc32, previous, lost = "0" } = metadata;
  const [records, bytes, first, last, start, lostBytes] = [
    metadata.records,
    metadata.bytes,
    metadata["first-offset"],
    metadata["last-offset"],
    metadata.start,
    lost,
  ].map(numberOf) as [number, number, number, number, number, number];
  const isWhole = [records, bytes, first, last, start, lostBytes].every((number) => !Number.isNaN(number));
  if (!isWhole || host === "" || source === "" || !isGenerationId(generation) || !isCrc32(crc32))
    return undefined;
  if (bytes !== last - first || start > first) return undefined;
  const before = previous === undefined ? undefined : previousOf(previous);
  if (previous !== undefined && before === undefined) return undefined;
  const recorded = { records, bytes, crc32 };
  return { host, source, generation, first, last, recorded, start, previous: before, lostBytes };
}

/**
 * What is known of a piece where there is no metadata; undefined if nothing is.
 *
 * @param readKey Reads keys of a form of the caller's own.
 */
export function shippedKey(key: string, readKey: ReadKey | undefined): ShippedPiece | undefined {
  const facts = readKey?.(key) ?? readDefaultKey(key);
  if (!facts) return undefined;
  const { host, source, generation, offset } = facts;
  return {
    host,
    source,
    generation,
    first: offset,
    last: undefined,
    recorded: undefined,
    start: undefined,
    previous: undefined,
    lostBytes: 0,
  };
}

/** Whether a key can be that of a piece: whatever the template was, it names these. */
export function isKeyOf(key: string, { host, source, generation, first }: ShippedPiece): boolean {
  const offset = String(first).padStart(16, "0");
  return [host, source, generation, offset].every((part) => key.includes(part));
}

function previousOf(text: string): ShippedPiece["previous"] {
  const [generation = "", end] = text.split(":");
  const number = numberOf(end);
  return isGenerationId(generation) && !Number.isNaN(number) ? { generation, end: number } : undefined;
}
