import { gunzippedHead } from "./gzip.ts";
import type { OpenFile } from "./log-files.ts";
import { digestOf, holdsPlace, mayBeAt, type Place } from "./place.ts";

/**
 * True if a file is still the one of a place; its inode number alone may have been given to another file since. A place
 * in a file that was empty tells nothing.
 *
 * @param isGzip Whether it is compressed; then its beginning has to tell.
 */
export function isRemembered(file: OpenFile, isGzip: boolean, place: Place): boolean {
  if (place.head.bytes === 0 || !mayBeAt(file, place)) return false;
  if (!isGzip) return holdsPlace(file, place);
  return digestOf(gunzippedHead(file, place.head.bytes)).sha256 === place.head.sha256;
}
