import type { KeyTaken } from "../destination/destination.ts";
import type { Uploader } from "../pipeline/uploader.ts";
import type { Messages } from "../system/message.ts";
import type { CutLimits } from "./cut.ts";
import type { Instant, Lag } from "./generation.ts";

/** How all sources are shipped. */
export interface ShipSettings {
  /** Escaped. */
  readonly host: string;
  readonly template: string;
  readonly isGzip: boolean;
  readonly limits: CutLimits;
  /** A piece ends when its first byte was seen so long ago. */
  readonly maxAgeMs: number;
  /** Most bytes of deleted files that are kept from being freed. */
  readonly holdMaxBytes: number;
  readonly from: "start" | "end";
  /** Directories where rotated files are moved to. */
  readonly older?: readonly string[];
  /** Ships what is there now, without waiting for pieces to become old or full. */
  readonly isOnce: boolean;
}

/** What sources need of the program around them. */
export interface ShipHost {
  readonly messages: Messages;
  readonly uploader: Uploader;
  readonly abort: AbortSignal;
  readonly clock: () => Instant;
  /** Files that may be open at once. */
  readonly openFilesLimit: number;
  /** Memory for a piece. */
  allocate(sizeBytes: number): Uint8Array;
  release(bytes: Uint8Array): void;
}

/** A piece whose intention is on disk, if its source has a state. */
export interface OutgoingPiece {
  /** As the receipt calls it: `/var/log/nginx/access.log:0-8388370`. */
  readonly localName: string;
  /** Without `.gz`. */
  readonly key: string;
  readonly isGzip: boolean;
  readonly bytes: Uint8Array;
  readonly records: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Called when it is stored. */
  acknowledge(): void;
  /** Called instead if something else stands under its key; undefined if nobody else could have stored it. */
  readonly taken?: (why: KeyTaken) => void;
}

export interface Source {
  /** For messages: a path, or `standard input`. */
  readonly name: string;
  /** Where something happens when it grows or is rotated; none if nobody could tell. */
  readonly directories: readonly string[];
  /** True if it has nothing to do before something happens in its directories. */
  readonly isReported: boolean;
  readonly lag: Lag;
  /** When a piece was last acknowledged; 0 if none was. */
  readonly acknowledgedMs: number;
  /** Bytes acknowledged by this process. */
  readonly shippedBytes: number;
  /** Bytes known to be lost since it was first shipped. */
  readonly lostBytes: number;
  /** Why it cannot be read; undefined if it can. */
  readonly problem: string | undefined;
  /** All that was there when it was first looked at has been cut into pieces, or all there ever will be. */
  readonly isDrained: boolean;
  /** Pieces of which it is not known whether they are stored. */
  readonly intendedCount: number;
  /** True if TERM does not end it before it is drained. */
  readonly outlastsStop: boolean;
  /** Looks for what has been added. */
  look(): void;
  /** The next piece, if one is full, old or complete by now. */
  nextPiece(): Promise<OutgoingPiece | undefined>;
  close(): void;
}
