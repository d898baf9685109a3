import { shardText } from "../contract/shard.ts";
import { unableTo } from "../system/errors.ts";
import { type BatchOptions, type BatchPart, type BatchSource, uploadBatch } from "./batch.ts";
import type { BatchNames } from "./batch-names.ts";

export interface BatchesOptions extends BatchOptions {
  /** The records of the next batch; ends early when the stop signal is aborted. */
  readonly nextSource: () => BatchSource;
  readonly names: BatchNames;
  readonly hasFolderMarker: boolean;
  /** From the start of a batch to the start of the next one. */
  readonly intervalMs: number;
  /** Infinity to go on until stopped. */
  readonly batches: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
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
  const { nextSource, batches, intervalMs, now, sleep } = options;
  for (let count = 1; ; count++) {
    const startedMs = now();
    const name = await nameOfBatch(options, startedMs, abort);
    await uploadBatch(name, nextSource(), undefined, options, abort);
    if (stop.aborted || count >= batches) return;
    // A clock that was set back must not make a wait of more than the interval.
    const waitMs = Math.min(intervalMs, startedMs + intervalMs - now());
    if (waitMs > 0) await sleep(waitMs, stop).catch(() => {});
    if (stop.aborted) return;
  }
}

/**
 * One part of a batch that other processes make the rest of, at the same time or not. They share the folder, so that
 * nobody takes it; run again, it puts the same objects in the place of those that it put before.
 *
 * @param startMs What the batch is named for.
 * @throws FatalError that names what was not uploaded, or
 *   `unable to finish shard 3/12 of access.T: stopped after 7 records`, so that whoever started it does it again
 */
export async function runPart(
  part: BatchPart,
  startMs: number,
  options: BatchesOptions,
  abort: AbortSignal,
): Promise<void> {
  const { nextSource, names, hasFolderMarker, uploader } = options;
  const name = names.next(startMs);
  if (hasFolderMarker) await uploader.claimFolder(`${name}/`, abort);
  const { records, isComplete } = await uploadBatch(name, nextSource(), part, options, abort);
  if (!isComplete)
    throw unableTo("finish", `shard ${shardText(part.shard)} of ${name}`, `stopped after ${records} records`);
}

/** Another run may have begun in the same second, and some more; so many are not there but for a server that has no folders. */
const MOST_TAKEN_NAMES = 200;

/** A name that no other run has taken, if folders have markers. @throws FatalError `unable to begin batch NAME: …` */
async function nameOfBatch(options: BatchesOptions, startedMs: number, abort: AbortSignal): Promise<string> {
  const { uploader, hasFolderMarker, names } = options;
  let batch = names.next(startedMs);
  if (!hasFolderMarker) return batch;
  for (let taken = 0; taken < MOST_TAKEN_NAMES; taken++) {
    if (await uploader.claimFolder(`${batch}/`, abort)) return batch;
    batch = names.next(startedMs);
  }
  const reason = `the destination says of ${MOST_TAKEN_NAMES} new folders that they are there already (--no-folder-marker)`;
  throw unableTo("begin", `batch ${batch}`, reason);
}
