import { UsageError } from "../system/errors.ts";
import type { AccessLog, LogLimits } from "./access-log.ts";

/** When records are written, in real time. */
export interface Pacing {
  /** Records per second; undefined: as fast as they are taken. */
  readonly perSecond?: number | undefined;
  /** Ends the portion after so long. */
  readonly durationMs?: number | undefined;
  /** A clock that is never set. */
  readonly elapsedMs: () => number;
  /** Waits; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the portion. */
  readonly signal: AbortSignal;
}

/** At a high rate records come in small groups: a timer for each would be too coarse and too dear. */
const SHORTEST_SLEEP_MS = 20;
/** Without a sleep now and then the event loop would not see a signal. */
const LONGEST_RUN_MS = 100;
/** A delay by a reader that did not read is made up for, but no longer one. */
const MOST_BEHIND_MS = 1000;
/** Keeps a record that is due exactly now from being due just not yet. */
const ROUNDING = 1e-6;

/**
 * Makes sure that a portion is not without any record.
 *
 * @throws UsageError `unable to fit a record into <bytes> bytes: the next one has <bytes>`
 */
export function requireRoom(log: AccessLog, { bytes = Number.POSITIVE_INFINITY }: LogLimits): void {
  const nextBytes = log.nextRecordBytes();
  if (nextBytes <= bytes) return;
  throw new UsageError(`unable to fit a record into ${bytes} bytes: the next one has ${nextBytes}`);
}

/**
 * Yields the chunks of a portion of a log in their time; each is overwritten when the next one is asked for.
 *
 * @returns whether the portion is complete: false if it was the signal that ended it
 * @throws UsageError as `requireRoom()`
 */
export async function* pacedPortion(
  log: AccessLog,
  limits: LogLimits,
  { perSecond, durationMs = Number.POSITIVE_INFINITY, elapsedMs, sleep, signal }: Pacing,
): AsyncGenerator<Uint8Array, boolean> {
  requireRoom(log, limits);
  const portion = log.portion(limits);
  const startedMs = elapsedMs();
  const schedule = perSecond === undefined ? new AtOnce(durationMs) : new Schedule(perSecond, durationMs);
  let sleptMs = startedMs;
  while (!signal.aborted && !portion.isFinished) {
    const due = schedule.due(elapsedMs() - startedMs);
    if (due === undefined) return true;
    if (due > 0) {
      const chunk = portion.chunk(due);
      if (chunk.length === 0) return true;
      schedule.done += log.chunkRecords;
      yield chunk;
    }
    const nowMs = elapsedMs();
    const waitMs = portion.isFinished ? 0 : schedule.waitMs(nowMs - startedMs);
    if (waitMs <= 0 && nowMs - sleptMs < LONGEST_RUN_MS) continue;
    await sleep(Math.max(0, waitMs), signal).catch(() => {});
    sleptMs = elapsedMs();
  }
  return portion.isFinished;
}

/** Records without a rate. */
class AtOnce {
  done = 0;
  readonly #durationMs: number;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  due(passedMs: number): number | undefined {
    return passedMs < this.#durationMs ? Number.POSITIVE_INFINITY : undefined;
  }

  waitMs(): number {
    return 0;
  }
}

/**
 * Record i is due i / rate seconds after the beginning, whenever the ones before were written: a sleep that was too long
 * does not change the rate.
 */
class Schedule {
  /** Written, or so late that they are left out. */
  done = 0;
  readonly #perMs: number;
  readonly #durationMs: number;

  constructor(perSecond: number, durationMs: number) {
    this.#perMs = perSecond / 1000;
    this.#durationMs = durationMs;
  }

  /** How many records are to be written now; undefined after the last one of the duration. */
  due(passedMs: number): number | undefined {
    const inDuration = Math.ceil(this.#durationMs * this.#perMs);
    const due = Math.min(inDuration, Math.floor(passedMs * this.#perMs + ROUNDING) + 1);
    this.done = Math.max(this.done, due - 1 - Math.ceil(MOST_BEHIND_MS * this.#perMs));
    return this.done >= inDuration && passedMs >= this.#durationMs ? undefined : due - this.done;
  }

  /** How long nothing is due. */
  waitMs(passedMs: number): number {
    const nextMs = Math.min(this.#durationMs, this.done / this.#perMs);
    const waitMs = nextMs - passedMs;
    return waitMs > 0 ? Math.max(waitMs, Math.min(SHORTEST_SLEEP_MS, this.#durationMs - passedMs)) : 0;
  }
}
