import type { RecordedContent } from "./piece-problems.ts";
import { isCrc32, wholeNumber } from "./recorded.ts";

/** A piece that `ship` stored, as `ship/keys.ts` describes it. */
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
  readonly previous: { readonly generation: string; readonly end: number } | undefined;
  readonly lostBytes: number;
}

type Metadata = Readonly<Record<string, string>>;

const GENERATION = /^\d{8}T\d{9}-[0-9a-f]{8}$/;
const KEY =
  /(?:^|\/)host=([^/]+)\/source=([^/]+)\/(?:.*\/)?[^/]*\.(\d{8}T\d{9}-[0-9a-f]{8})\.(\d{16})\.log(?:\.gz)?$/;

/** Whether the metadata are of `ship`, though they may be damaged. */
export function isShipped(metadata: Metadata): boolean {
  return metadata.generation !== undefined && metadata["first-offset"] !== undefined;
}

/** Whether a key is one of a piece, though its form is not known. */
export function hasGeneration(key: string): boolean {
  return /\d{8}T\d{9}-[0-9a-f]{8}/.test(key);
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
  ].map(wholeNumber) as [number, number, number, number, number, number];
  const isWhole = [records, bytes, first, last, start, lostBytes].every((number) => !Number.isNaN(number));
  if (!isWhole || host === "" || source === "" || !GENERATION.test(generation) || !isCrc32(crc32))
    return undefined;
  if (bytes !== last - first || start > first) return undefined;
  const before = previous === undefined ? undefined : previousOf(previous);
  if (previous !== undefined && before === undefined) return undefined;
  const recorded = { records, bytes, crc32 };
  return { host, source, generation, first, last, recorded, start, previous: before, lostBytes };
}

/** What the key of a piece tells. */
export interface KeyFacts {
  readonly host: string;
  readonly source: string;
  readonly generation: string;
  readonly offset: number;
}

/** Reads a key; undefined for one of another form. */
export type ReadKey = (key: string) => KeyFacts | undefined;

/** Reads the keys that `ship` gives by itself. */
const readDefaultKey: ReadKey = (key) => {
  const [, host = "", source = "", generation = "", offset] = KEY.exec(key) ?? [];
  return offset === undefined ? undefined : { host, source, generation, offset: Number(offset) };
};

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
  const number = wholeNumber(end);
  return GENERATION.test(generation) && !Number.isNaN(number) ? { generation, end: number } : undefined;
}
