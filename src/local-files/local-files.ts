import type { Stats } from "node:fs";
import { readdir, stat, unlink } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type LargeContent, type OutgoingObject, PLAIN } from "../destination/destination.ts";
import { RecordCounter } from "../pieces/record-counter.ts";
import type { RecordEnd } from "../pieces/record-ends.ts";
import { compressed } from "../pipeline/compress.ts";
import type { Upload } from "../pipeline/uploader.ts";
import { FatalError, reasonOf } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { unlessAborted } from "../system/sleep.ts";
import { ByteBudget } from "./byte-budget.ts";
import { ContentPool } from "./content-pool.ts";
import { PartBuffers, partBytes } from "./part-buffers.ts";
import { isUnchanged, readChunks, readFileInto, readUnsized } from "./read-file.ts";

export interface LocalFilesOptions {
  readonly isGzip: boolean;
  /** Deletes a file once it is stored, unless it has changed since it was read. */
  readonly isDelete: boolean;
  readonly recordEnd: RecordEnd;
  readonly messages: Messages;
  /** Counts what is done. */
  readonly done: FileCount;
  /** Once aborted, no further file is yielded. */
  readonly stop: AbortSignal;
  /** Once aborted, what hangs in a dead file system is given up. */
  readonly abort: AbortSignal;
  /** Called when a file is left out because of that. */
  readonly onCutShort: () => void;
}

/** A number of files, and of bytes in them as they lie on the disk. */
export interface FileCount {
  files: number;
  bytes: number;
}

const STOPPED = "stopped before it was uploaded";
const LARGEST_IN_MEMORY_BYTES = 64 * 1024 * 1024;

function isLarge(sizeBytes: number): boolean {
  return sizeBytes > LARGEST_IN_MEMORY_BYTES;
}

interface LocalFile {
  /** As given on the command line, with the names below a directory appended. */
  readonly path: string;
  readonly key: string;
  readonly sizeBytes: number;
}

/**
 * Yields every file that paths name: a file under its own name, a directory with all files below it under the
 * directory's name, in the order of their names. What cannot be read, is no file or has a key that another file
 * already has, is yielded as an upload that fails to load; of a directory without files a warning tells. Files of up to 64 MiB are read into memory, no more
 * than that of all files together.
 */
export async function* localFiles(
  paths: readonly string[],
  options: LocalFilesOptions,
): AsyncGenerator<Upload> {
  const pathOfKey = new Map<string, string>();
  const budget = new ByteBudget(LARGEST_IN_MEMORY_BYTES);
  const pool = new ContentPool();
  for (const path of paths) {
    let isEmpty = true;
    for await (const found of walk(path, basename(resolve(path)), [], options.abort)) {
      isEmpty = false;
      if ("problem" in found) {
        yield failing(found.path, found.problem);
        continue;
      }
      const earlier = pathOfKey.get(found.key);
      if (earlier !== undefined) {
        yield failing(found.path, `it would overwrite ${earlier}, which has the same key`);
        continue;
      }
      pathOfKey.set(found.key, found.path);
      const bytes = isLarge(found.sizeBytes) ? partBytes(found.sizeBytes) : found.sizeBytes;
      await budget.take(bytes);
      if (options.stop.aborted) {
        options.onCutShort();
        return;
      }
      const sent = { bytes: 0 };
      const upload = fileUpload(found, { budget, pool }, sent, options);
      yield {
        ...upload,
        release(wasAborted) {
          upload.release?.(wasAborted);
          budget.give(bytes);
          options.done.files++;
          options.done.bytes += found.sizeBytes - sent.bytes;
        },
      };
    }
    if (isEmpty) options.messages.warning(`there is no file in ${path}`);
  }
}

/** Counts what `localFiles()` will yield for these paths, if nothing changes. */
export async function countFiles(paths: readonly string[], abort: AbortSignal): Promise<FileCount> {
  const count = { files: 0, bytes: 0 };
  for (const path of paths) {
    for await (const found of walk(path, "", [], abort)) {
      count.files++;
      if ("sizeBytes" in found) count.bytes += found.sizeBytes;
    }
  }
  return count;
}

type FileOrProblem = LocalFile | { readonly path: string; readonly problem: string };

async function* walk(
  path: string,
  key: string,
  parents: readonly string[],
  abort: AbortSignal,
): AsyncGenerator<FileOrProblem> {
  let status: Stats;
  let names: string[] = [];
  try {
    status = await unlessAborted(stat(path), abort);
    if (status.isDirectory()) names = (await unlessAborted(readdir(path), abort)).sort();
  } catch (error) {
    if (abort.aborted) {
      yield { path, problem: STOPPED };
      return;
    }
    yield { path, problem: path.includes("\ufffd") ? "its name is not UTF-8" : reasonOf(error) };
    return;
  }
  const identity = `${status.dev}:${status.ino}`;
  if (status.isFile()) yield { path, key, sizeBytes: status.size };
  else if (!status.isDirectory()) yield { path, problem: "it is not a regular file" };
  else if (parents.includes(identity)) yield { path, problem: "symbolic link loop" };
  else
    for (const name of names) yield* walk(join(path, name), join(key, name), [...parents, identity], abort);
}

function failing(localName: string, problem: string): Upload {
  return { localName, load: () => Promise.reject(new FatalError(problem)) };
}

/** @param sent Counts what has been read of a large file to be sent, and is counted as done. */
function fileUpload(
  file: LocalFile,
  { budget, pool }: { readonly budget: ByteBudget; readonly pool: ContentPool },
  sent: { bytes: number },
  options: LocalFilesOptions,
): Upload {
  const { isGzip, isDelete, recordEnd, messages, done, abort } = options;
  /** As often as it has to be sent. */
  async function* sending(known: Stats): AsyncGenerator<Uint8Array> {
    done.bytes -= sent.bytes;
    sent.bytes = 0;
    try {
      for await (const chunk of readChunks(file.path, known)) {
        yield chunk;
        sent.bytes += chunk.length;
        done.bytes += chunk.length;
      }
    } catch (error) {
      failed(error); // its troubles are its own, not those of the destination that asks for it
    }
  }
  let whenRead: Stats | undefined;
  let lent: Buffer | undefined;
  const read = async () => {
    const known = await stat(file.path);
    whenRead = known;
    const { size } = known;
    if (isLarge(size)) {
      const memory = new PartBuffers(partBytes(size), budget, pool);
      return large(file, known, recordEnd, { open: () => sending(known), memory });
    }
    if (size === 0) return small(file, await readUnsized(file.path, LARGEST_IN_MEMORY_BYTES), recordEnd); // so do files of /proc say
    const buffer = pool.take(size);
    lent = buffer;
    const content = await readFileInto(buffer.subarray(0, size), file.path, known);
    return small(file, content, recordEnd);
  };
  return {
    localName: file.path,
    async load() {
      try {
        const object = await unlessAborted(read(), abort);
        return isGzip ? await compressed(object) : object;
      } catch (error) {
        return abort.aborted ? failed(STOPPED) : failed(error);
      }
    },
    async stored() {
      if (isDelete) await deleteUnchanged(file.path, whenRead!, messages);
    },
    release(wasAborted) {
      // A broken connection may still be reading from the buffer.
      if (lent && !wasAborted) pool.give(lent);
    },
  };
}

/** @param cause As `reasonOf()` takes it. */
function failed(cause: unknown): never {
  throw new FatalError(reasonOf(cause), { cause });
}

function small({ key }: LocalFile, content: Buffer, recordEnd: RecordEnd): OutgoingObject {
  const counter = new RecordCounter(recordEnd);
  counter.add(content);
  return { key, content, contentType: PLAIN, records: counter.finish() };
}

async function large(
  { path, key }: LocalFile,
  known: Stats,
  recordEnd: RecordEnd,
  content: LargeContent,
): Promise<OutgoingObject> {
  const counter = new RecordCounter(recordEnd);
  for await (const chunk of readChunks(path, known)) counter.add(chunk);
  return { key, content, contentType: PLAIN, records: counter.finish() };
}

async function deleteUnchanged(path: string, whenRead: Stats, messages: Messages): Promise<void> {
  try {
    const now = await stat(path);
    if (!isUnchanged(whenRead, now))
      messages.warning(`unable to delete ${path}: it has changed since it was read`);
    else await unlink(path);
  } catch (error) {
    messages.warning(`unable to delete ${path}: ${reasonOf(error)}`);
  }
}
