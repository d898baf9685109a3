import { crc32 } from "node:zlib";
import type { Previous } from "../contract/shipped-metadata.ts";
import type { Digest, Place } from "../follow/cursor.ts";
import type { LeftFile } from "../follow/left-files.ts";
import type { Packing } from "../follow/log-files.ts";
import { isSourceState } from "./state-shape.ts";

/** A piece that is about to be stored. It is on disk before the upload begins, so that it is cut alike after a crash. */
export interface Intention {
  readonly first: number;
  /** Behind the last byte. */
  readonly last: number;
  /** With `.gz` behind it if it is compressed. */
  readonly key: string;
  readonly isGzip: boolean;
  readonly records: number;
  readonly crc32: string;
  readonly begunAtMs: number;
}

/** A generation as it is kept on disk. */
export interface GenerationState {
  readonly id: string;
  readonly start: number;
  /** Undefined for the first of all, and as long as no piece has been cut of this one. */
  readonly previous: Previous | undefined;
  readonly lostBytes: number;
  /** Where its file was last seen. */
  readonly path: string;
  /** Up to where it has been cut into pieces. */
  readonly place: Place;
  readonly sizeBytes: number;
  /** Of the 1024 bytes before that, if more was seen of it than cut. */
  readonly end?: Digest | undefined;
  readonly modifiedMs: number;
  /** It is compressed; by gzip, if the next does not say otherwise. */
  readonly isGzip: boolean;
  readonly packing?: Packing | undefined;
  /** Its log has gone on in another file. */
  readonly isEnded: boolean;
  /** Pieces that are not acknowledged, oldest first. */
  readonly intentions: readonly Intention[];
}

/** All that is remembered of a source. */
export interface SourceState {
  /** The path of the file or log directory. */
  readonly source: string;
  readonly kind: "file" | "directory";
  /** What it was shipped to and by which host (see `Address`); undefined in states of an earlier version. */
  readonly destination?: string | undefined;
  readonly host?: string | undefined;
  /** The latest generation that has been cut, and up to where. */
  readonly latest: Previous | undefined;
  /** Bytes known to be lost since. */
  readonly lostBytes: number;
  /** The greatest moment in a key so far. */
  readonly lastBegunMs: number;
  /** When a piece was last acknowledged; 0 if none was. */
  readonly acknowledgedMs: number;
  /** Oldest first. */
  readonly generations: readonly GenerationState[];
  /** When the log was last written to, as far as it was seen. */
  readonly modifiedMs: number;
  /**
   * The files beside a log file that are not to be shipped as files of it; undefined if they are not known, as in most
   * states of an earlier version.
   */
  readonly older?: readonly LeftFile[] | undefined;
  /** What was asked for when it was found: a path or a pattern, absolute, with the links in it. */
  readonly asked?: string | undefined;
  /** Bytes known to be lost since the source was first shipped. */
  readonly allLostBytes?: number;
  /** Finished files of a log directory that are wholly acknowledged. */
  readonly done: readonly string[];
}

const VERSION = 1;

/** The text of a state file: one JSON object, with a checksum that tells a whole one from a damaged one. */
export function formatState(state: SourceState): string {
  const text = JSON.stringify(state);
  return `{"version":${VERSION},"crc32":"${checksumOf(text)}","state":${text}}\n`;
}

/** @returns undefined if it is damaged or no state; an empty one is: no state file is ever written empty */
export function parseState(text: string): SourceState | undefined {
  try {
    const { version, crc32: expected, state } = JSON.parse(text);
    const isWhole = version === VERSION && checksumOf(JSON.stringify(state)) === expected;
    return isWhole && isSourceState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** CRC-32 as eight hexadecimal digits. */
export function checksumOf(bytes: string | Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
