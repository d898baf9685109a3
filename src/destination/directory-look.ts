/** What a directory says of what is in it, to whoever stores something there. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, createGunzip } from "node:zlib";
import { errnoName } from "../system/errno.ts";
import { openRegularFileLater } from "../system/regular-file.ts";
import { isTemporaryName } from "../system/temporary-name.ts";
import type { Listed, ListedKeys, StoredObject } from "./destination.ts";

/** As many names as S3 gives at once. */
const PAGE = 1000;
/** No key is longer, so that a link that leads back comes to an end. */
const LONGEST_KEY_BYTES = 1024;

/** Reads a file, and tells what it holds as `ship` would have it; undefined if there is none. */
export async function findFile(path: string): Promise<StoredObject | undefined> {
  try {
    const status = await stat(path);
    if (!status.isFile()) return undefined;
    return { sizeBytes: status.size, metadata: await contentOf(path) };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Lists what is below a directory, in the order of the bytes of whole keys; of folders that cannot come, nothing is read. */
export async function listBelow(root: string, { prefix, after, isFlat }: Listed): Promise<ListedKeys> {
  const keys: string[] = [];
  const isWanted = (key: string) =>
    key.startsWith(prefix) && (compare(key, after) > 0 || (key.endsWith("/") && after.startsWith(key)));
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  for await (const key of keysBelow(root, folder, isWanted, isFlat === true ? prefix : undefined)) {
    if (keys.length === PAGE) return { keys, isCut: true };
    if (compare(key, after) > 0) keys.push(key);
  }
  return { keys, isCut: false };
}

/** @param flatPrefix Folders with longer names are not entered. */
async function* keysBelow(
  root: string,
  folder: string,
  isWanted: (key: string) => boolean,
  flatPrefix: string | undefined,
): AsyncGenerator<string> {
  const names: string[] = [];
  for (const entry of await entriesOf(join(root, folder))) {
    if (isTemporaryName(entry.name)) continue;
    const isFolder = entry.isSymbolicLink()
      ? await leadsToDirectory(join(root, folder, entry.name))
      : entry.isDirectory();
    const key = `${folder}${entry.name}${isFolder ? "/" : ""}`;
    if (isWanted(key) && Buffer.byteLength(key) <= LONGEST_KEY_BYTES) names.push(key);
  }
  for (const key of names.sort(compare)) {
    const isEntered = key.endsWith("/") && (flatPrefix === undefined || key.length <= flatPrefix.length);
    if (isEntered) yield* keysBelow(root, key, isWanted, flatPrefix);
    else yield key;
  }
}

/** Links are followed, as they are when something is stored. */
async function leadsToDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** The length and CRC-32 of what a file holds; of a `.gz` that is none, of itself. */
async function contentOf(path: string): Promise<Record<string, string>> {
  if (!path.endsWith(".gz")) return sumOf(await chunksOf(path));
  try {
    return await pipeline(await chunksOf(path), createGunzip(), sumOf);
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw error;
    return sumOf(await chunksOf(path));
  }
}

async function chunksOf(path: string) {
  const file = await openRegularFileLater(path);
  return createReadStream(path, { fd: file });
}

async function sumOf(chunks: AsyncIterable<Uint8Array>): Promise<Record<string, string>> {
  let [bytes, crc] = [0, 0];
  for await (const chunk of chunks) {
    bytes += chunk.length;
    crc = crc32(chunk, crc);
  }
  return { bytes: String(bytes), crc32: crc.toString(16).padStart(8, "0") };
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errnoName(error) ?? "");
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
