import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { errnoName, errnoText } from "../system/errno.ts";
import { FatalError, reasonOf } from "../system/errors.ts";
import { requireReplaceableLater } from "../system/replaced-file.ts";
import { temporaryName } from "../system/temporary-name.ts";
import { requireSame } from "./claim.ts";
import { type Destination, DestinationError, type OutgoingObject } from "./destination.ts";
import { findFile, listBelow } from "./directory-look.ts";

/** What passes, or is mended by somebody else: a full disk or quota, too few means of this host, a server of files that is away. */
const PASSING = new Set([
  "EAGAIN",
  "EDQUOT",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
  "ESTALE",
  "ETIMEDOUT",
]);

/**
 * A directory as destination. An object is written under a temporary name (`.UUID.tmp`), brought to disk and
 * only then renamed, so that a name without that form is always complete, also after a crash.
 *
 * @param mayCreate Whether the directory itself is made when it is missing.
 */
export function directoryDestination(path: string, mayCreate: boolean): Destination {
  const locate = (key: string) => pathToFileURL(join(path, key)).href;
  return {
    name: pathToFileURL(path).href,
    keepsMetadata: false,
    locate,
    put: (object, signal) => attempt(() => store(path, mayCreate, object, signal)),
    claimFolder: (key) => attempt(async () => makeNewDirectory(path, mayCreate, pathBelow(path, key))),
    find: (key) => attempt(async () => findFile(pathBelow(path, key))),
    list: (listed) => attempt(() => listBelow(path, listed)),
  };
}

/** @throws DestinationError `its key leads out of the destination` */
function pathBelow(root: string, key: string): string {
  if (key.split("/").includes(".."))
    throw new DestinationError("its key leads out of the destination", false, undefined);
  return join(root, key);
}

async function attempt<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof FatalError) throw error;
    throw new DestinationError(reasonOf(error), PASSING.has(errnoName(error) ?? ""), error);
  }
}

async function store(
  root: string,
  mayCreate: boolean,
  object: OutgoingObject,
  signal: AbortSignal,
): Promise<void> {
  const target = pathBelow(root, object.key);
  const directory = dirname(target);
  await makeDirectories(root, mayCreate, directory);
  await requireReplaceableLater(target);
  const temporary = temporaryName(target);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(temporary, flags, 0o644);
  try {
    await writeContent(file, object, signal);
    await file.sync();
    await file.close();
    if (object.isNew) await putNew(temporary, target, object);
    else await rename(temporary, target);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(directory);
}

async function writeContent(file: FileHandle, object: OutgoingObject, signal: AbortSignal): Promise<void> {
  if (object.content instanceof Uint8Array) return file.writeFile(object.content);
  for await (const chunk of object.content.open()) {
    signal.throwIfAborted();
    await file.writeFile(chunk);
  }
}

/** What file systems answer that know no second names; those of FAT and of some servers do not. */
const NO_LINKS = new Set(["EMLINK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM"]);

/** Gives a whole file its name if nothing has that. @throws KeyTaken */
async function putNew(temporary: string, target: string, object: OutgoingObject): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const name = errnoName(error) ?? "";
    if (NO_LINKS.has(name) && !(await findFile(target))) return rename(temporary, target);
    if (name !== "EEXIST" && !NO_LINKS.has(name)) throw error;
    // What is no file is something else.
    await requireSame(object, async () => (await findFile(target)) ?? { sizeBytes: 0, metadata: {} });
  }
  await unlink(temporary);
}

/** @returns false if it is there already */
async function makeNewDirectory(root: string, mayCreate: boolean, directory: string): Promise<boolean> {
  const parent = dirname(directory);
  await makeDirectories(root, mayCreate, parent);
  try {
    await mkdir(directory);
  } catch (error) {
    if (errnoName(error) === "EEXIST") return false;
    throw error;
  }
  await syncDirectory(parent);
  return true;
}

async function makeDirectories(root: string, mayCreate: boolean, directory: string): Promise<void> {
  if (!mayCreate) await syncDirectory(root);
  const firstMade = await mkdir(directory, { recursive: true }).catch((error) => {
    // mkdir's "file already exists" is about a file where a directory has to be.
    throw errnoName(error) === "EEXIST" ? new DestinationError(errnoText("ENOTDIR"), false, error) : error;
  });
  if (firstMade === undefined) return;
  for (let parent = directory; parent.length >= firstMade.length; parent = dirname(parent)) {
    await syncDirectory(dirname(parent));
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
