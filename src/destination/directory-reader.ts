import type { Stats } from "node:fs";
import { type FileHandle, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { openRegularFileLater } from "../system/regular-file.ts";
import { isTemporaryName } from "../system/temporary-name.ts";
import { DestinationError } from "./destination.ts";
import type { ListedObject, ListedPage, ObjectRange, ObjectReader } from "./reader.ts";

const PAGE_OBJECTS = 1000;

/**
 * A directory read as a destination. What has a temporary name is no object. The names of one directory at a time, and of
 * those above it, are held in memory.
 */
export function directoryReader(root: string): ObjectReader {
  let walk: AsyncGenerator<ListedObject> | undefined;
  return {
    name: pathToFileURL(root).href,
    hasMetadata: false,
    list(after) {
      if (after === undefined) walk = filesBelow(root, "");
      return attempt(() => nextPage(walk!));
    },
    read: (key, from, length) => attempt(() => readFile(join(root, key), from, length)),
  };
}

async function attempt<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof DestinationError) throw error;
    throw new DestinationError(reasonOf(error), false, error);
  }
}

async function nextPage(walk: AsyncGenerator<ListedObject>): Promise<ListedPage> {
  const objects: ListedObject[] = [];
  while (objects.length < PAGE_OBJECTS) {
    const { value, done } = await walk.next();
    if (done) return { objects, next: undefined };
    objects.push(value);
  }
  return { objects, next: objects.at(-1)!.key };
}

/**
 * In the order in which S3 lists: that of the bytes of whole keys. Links are followed, as they are when something is stored.
 *
 * @param above Which directories those are that the folder lies in.
 */
async function* filesBelow(
  root: string,
  folder: string,
  above: readonly string[] = [],
): AsyncGenerator<ListedObject> {
  const path = join(root, folder);
  const { dev, ino } = await stat(path);
  const identity = `${dev}:${ino}`;
  if (above.includes(identity))
    throw new DestinationError(`${folder} is a link to a directory that it lies in`, false, undefined);
  const names: Buffer[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (isTemporaryName(entry.name)) continue;
    const isFolder = entry.isSymbolicLink()
      ? (await statIfThere(join(path, entry.name)))?.isDirectory()
      : entry.isDirectory();
    names.push(Buffer.from(isFolder ? `${entry.name}/` : entry.name));
  }
  for (const name of names.sort(Buffer.compare)) {
    const key = folder + name.toString();
    const isFolder = key.endsWith("/");
    // What is gone meanwhile, or a link to nothing, is found to be gone when it is read.
    yield { key, sizeBytes: isFolder ? 0 : ((await statIfThere(join(root, key)))?.size ?? 0) };
    if (isFolder) yield* filesBelow(root, key, [...above, identity]);
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readFile(path: string, from: number, length: number): Promise<ObjectRange | undefined> {
  if (path.endsWith("/")) return { bytes: new Uint8Array(), sizeBytes: 0, version: "", metadata: {} };
  let file: FileHandle;
  try {
    file = await openRegularFileLater(path);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size, mtimeMs, ino } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - from)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const version = `${ino}:${size}:${mtimeMs}`;
    return { bytes: bytes.subarray(0, bytesRead), sizeBytes: size, version, metadata: {} };
  } finally {
    await file.close();
  }
}
