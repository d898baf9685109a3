import type { StoredObject } from "../destination/destination.ts";
import { leavesUnknown } from "../destination/leaves-unknown.ts";
import type { Messages } from "../system/message.ts";
import { readRange } from "./cut.ts";
import type { Generation, Pending } from "./generation.ts";
import { refusalOf } from "./refusal.ts";
import type { ShipHost } from "./source.ts";
import { checksumOf, type Intention } from "./state.ts";

/**
 * Finds out what became of a piece that an earlier process meant to store: it is stored already, if the object says so;
 * otherwise the same range is read again, to be stored under the same key.
 *
 * @returns the bytes; `stored`; `later`, if the file was emptied meanwhile and its copy is yet to be found; or `lost`, of
 *   which one line tells what is known
 * @throws DestinationRefusal if the destination refuses to tell for a reason that may be mended; the signal's reason
 */
export async function recover(
  name: string,
  generation: Generation,
  { intention }: Pending,
  { uploader, messages, abort, allocate, release }: ShipHost,
): Promise<Uint8Array | "stored" | "later" | "lost"> {
  const { first, last, key, crc32 } = intention;
  const found = await findPatiently();
  if (found !== "unknown" && isSame(found, intention)) return "stored";
  if (generation.isMissing) return "later";
  if (generation.isOpen) {
    const bytes = await readRange(generation, first, last - first, allocate);
    if (bytes.length === last - first && checksumOf(bytes) === crc32) return bytes;
    release(bytes);
    if (!generation.isIntact()) return "later";
  }
  const what = `the file of ${name}:${first}-${last} is gone`;
  const address = `${uploader.destinationName}/…/${key}`;
  if (found === "unknown") messages.warning(`${what}; whether it was stored as ${address} is not known`);
  else if (found === undefined)
    messages.warning(`${what} and it was not stored: ${last - first} bytes are lost`);
  else messages.warning(`${what}; ${address} is there but holds something else`);
  return "lost";

  async function findPatiently(): Promise<StoredObject | undefined | "unknown"> {
    try {
      return await uploader.find(key, abort);
    } catch (error) {
      // Whoever has no right to look will have none later. Wrong keys, though, tell nothing.
      if (leavesUnknown(error)) return "unknown";
      throw refusalOf(error, `${name}:${first}-${last}`, uploader.destinationName);
    }
  }
}

/** Says what is known of a file that is gone since an earlier process shipped some of it. @returns bytes that are lost */
export function tellOfGone(
  name: string,
  { file, cut, start, pending, uncutBytes, wasEnded }: Generation,
  messages: Messages,
): number {
  const wasSeen = cut > 0 || start > 0 || pending.length > 0 || uncutBytes > 0;
  if (!wasSeen) return 0;
  const what = `${file.path || name} is gone since this was last running, shipped up to byte ${cut}`;
  if (uncutBytes > 0) messages.warning(`${what}: at least ${uncutBytes} bytes of it are lost`);
  else if (!wasEnded)
    messages.warning(`${what}, its end when it was last looked at: what was added after that is lost`);
  return uncutBytes;
}

/** By the size and checksum of the content that the object carries. */
function isSame(found: StoredObject | undefined, { first, last, crc32, isGzip }: Intention): boolean {
  if (!found || (!isGzip && found.sizeBytes !== last - first)) return false;
  return found.metadata.bytes === String(last - first) && found.metadata.crc32 === crc32;
}
