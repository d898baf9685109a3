/** Proves by length and checksum that what is stored is what a file holds. */
import { numberOf } from "../contract/content.ts";
import { leavesUnknown } from "../destination/leaves-unknown.ts";
import { advanced, type Cursor } from "../follow/cursor.ts";
import { readRange } from "./cut.ts";
import type { Generation } from "./generation.ts";
import type { ShipHost } from "./source.ts";
import { checksumOf } from "./state.ts";
import type { StoredPiece } from "./stored-pieces.ts";

/** What objects hold, each looked at once. */
export class Contents {
  readonly #host: ShipHost;
  readonly #signal: AbortSignal;
  readonly #seen = new Map<string, { bytes: number; crc32: string } | undefined>();

  constructor(host: ShipHost, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  /** Undefined if it is not there, may not be looked at, or does not tell. @throws DestinationError; the signal's reason */
  async of(key: string) {
    if (this.#seen.has(key)) return this.#seen.get(key);
    const found = await this.#find(key);
    const bytes = numberOf(found?.metadata.bytes);
    const content = Number.isNaN(bytes) ? undefined : { bytes, crc32: found?.metadata.crc32 ?? "" };
    this.#seen.set(key, content);
    return content;
  }

  async #find(key: string) {
    try {
      return await this.#host.uploader.find(key, this.#signal);
    } catch (error) {
      if (leavesUnknown(error)) return undefined;
      throw error;
    }
  }
}

/**
 * Finds the place behind all pieces that follow each other from where a generation has been cut and hold what its file holds.
 *
 * @param pieces By offset.
 * @returns the cursor there; undefined if there is no such piece, or if the file has changed meanwhile
 * @throws DestinationError; the signal's reason; FatalError if the file cannot be read
 */
export async function behindProven(
  generation: Generation,
  pieces: readonly StoredPiece[],
  contents: Contents,
  { allocate, release }: ShipHost,
): Promise<Cursor | undefined> {
  const { cursor } = generation.file;
  let proven = cursor;
  for (const { key, offset } of pieces) {
    if (offset !== proven.offset) continue;
    const content = await contents.of(key);
    if (!content || content.bytes === 0 || offset + content.bytes > generation.file.size) break;
    if (!generation.isOpen) return undefined;
    const bytes = await readRange(generation, offset, content.bytes, allocate);
    const isSame = bytes.length === content.bytes && checksumOf(bytes) === content.crc32;
    if (isSame) proven = advanced(proven, bytes);
    release(bytes);
    if (!isSame) break;
  }
  const isUnchanged = generation.cut === cursor.offset && generation.isIntact();
  return isUnchanged && proven.offset > cursor.offset ? proven : undefined;
}
