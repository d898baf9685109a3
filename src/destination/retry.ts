import { DestinationError } from "./destination.ts";

const BASE_MS = 200;
/** The longest pause that nobody has asked for; a longer one is worth a word. */
export const CAP_MS = 20_000;
/** A server may ask for hours, or for the year 2099; nobody who waits for an upload would know why. */
const LONGEST_ASKED_MS = 5 * 60_000;

export interface RetryOptions {
  /** How often to try at most; Infinity to go on until it works. */
  readonly attempts: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Waits, or rejects with the signal's reason once it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each failure that is followed by another attempt. */
  readonly onRetry?: (failure: DestinationError, attempt: number, waitMs: number) => void;
}

/**
 * Runs an attempt until it succeeds, with full-jitter backoff between tries: a random wait up to a bound that
 * doubles from 0.2 s to 20 s (AWS Architecture Blog, "Exponential Backoff And Jitter"). What the server asks for by
 * `Retry-After` is waited for before, up to five minutes.
 *
 * @returns how many attempts it took
 * @throws the last DestinationError, if it is not worth a retry or the attempts are used up; the signal's reason
 */
export async function withRetries(
  attempt: () => Promise<void>,
  { attempts, random, sleep, onRetry }: RetryOptions,
  signal: AbortSignal,
): Promise<number> {
  for (let count = 1; ; count++) {
    try {
      signal.throwIfAborted();
      await attempt();
      return count;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DestinationError) || !error.isWorthRetry || count >= attempts) throw error;
      const jitterMs = random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(count, 20));
      const waitMs = Math.round(Math.min(error.retryAfterMs, LONGEST_ASKED_MS) + jitterMs);
      onRetry?.(error, count, waitMs);
      await sleep(waitMs, signal);
    }
  }
}
