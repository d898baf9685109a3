import { PLAIN } from "../destination/destination.ts";
import { pieceName, suffixes } from "../pieces/names.ts";
import { type Piece, type SplitLimits, splitRecords } from "../pieces/splitter.ts";
import type { Messages } from "../system/message.ts";
import type { BatchNames } from "./batch-names.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { compressed } from "./compress.ts";
import { throwIfIncomplete } from "./conclusion.ts";
import type { Upload, Uploader } from "./uploader.ts";

export interface BatchesOptions {
  /** The records of the next batch; ends early when the stop signal is aborted. */
  readonly nextSource: () => AsyncIterable<Uint8Array>;
  readonly names: BatchNames;
  readonly limits: SplitLimits;
  readonly suffixLength: number | undefined;
  readonly pool: BufferPool;
  readonly uploader: Uploader;
  readonly isGzip: boolean;
  readonly hasFolderMarker: boolean;
  /** From the start of a batch to the start of the next one. */
  readonly intervalMs: number;
  /** Infinity to go on until stopped. */
  readonly batches: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly messages: Messages;
}

/**
 * The main job: generate, split, upload, again and again. A batch that overruns the interval is followed at once
 * by the next one; the ones it missed are not made up for.
 *
 * @param stop Ends the source; what it has produced is still uploaded.
 * @param abort Gives up what is not uploaded yet.
 * @throws FatalError that names what was not uploaded
 */
export async function runBatches(
  options: BatchesOptions,
  stop: AbortSignal,
  abort: AbortSignal,
): Promise<void> {
  const { batches, intervalMs, now, sleep } = options;
  for (let count = 1; ; count++) {
    const startedMs = now();
    await runBatch(options, startedMs, abort);
    if (stop.aborted || count >= batches) return;
    // A clock that was set back must not make a wait of more than the interval.
    const waitMs = Math.min(intervalMs, startedMs + intervalMs - now());
    if (waitMs > 0) await sleep(waitMs, stop).catch(() => {});
    if (stop.aborted) return;
  }
}

async function runBatch(options: BatchesOptions, startedMs: number, abort: AbortSignal): Promise<void> {
  const { uploader, messages } = options;
  const batch = await nameOfBatch(options, startedMs, abort);
  const outcome = await uploader.uploadAll(pieceUploads(batch, options), abort);
  throwIfIncomplete(outcome, "pieces", uploader.destinationName, messages);
}

/** A name that no other run has taken, if folders have markers; another run may have begun in the same second. */
async function nameOfBatch(options: BatchesOptions, startedMs: number, abort: AbortSignal): Promise<string> {
  const { uploader, hasFolderMarker, names } = options;
  for (;;) {
    const batch = names.next(startedMs);
    if (!hasFolderMarker || (await uploader.claimFolder(`${batch}/`, abort))) return batch;
  }
}

async function* pieceUploads(batch: string, options: BatchesOptions): AsyncGenerator<Upload> {
  const { nextSource, limits, suffixLength, pool } = options;
  const suffix = suffixes(suffixLength);
  for await (const piece of splitRecords(nextSource(), limits, (sizeBytes) => pool.allocate(sizeBytes))) {
    yield pieceUpload(`${batch}/${pieceName(batch, suffix.next().value)}`, piece, options);
  }
}

function pieceUpload(name: string, { bytes, records }: Piece, { isGzip, pool }: BatchesOptions): Upload {
  const object = { key: name, content: bytes, contentType: PLAIN, records };
  return {
    localName: name,
    load: async () => (isGzip ? compressed(object) : object),
    release(wasAborted) {
      // A broken connection may still be reading from the buffer.
      if (!wasAborted) pool.release(bytes);
    },
  };
}
