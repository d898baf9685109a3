import { LONGEST_TIMER_MS } from "./sleep.ts";

/** What the operator's TERM and INT ask for. */
export interface StopSignals {
  /** Aborted by the first signal: take on nothing new. */
  readonly stop: AbortSignal;
  /** Aborted when the grace period after it is over, and at once by a second signal: give up what is under way. */
  readonly abort: AbortSignal;
  /** Takes the handlers away again. */
  release(): void;
}

/** Turns TERM and INT into a stop in two steps. */
export function stopSignals(graceMs: number): StopSignals {
  const stop = new AbortController();
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onSignal = () => {
    if (stop.signal.aborted) abort.abort();
    else {
      stop.abort();
      timer = setTimeout(() => abort.abort(), Math.min(graceMs, LONGEST_TIMER_MS));
    }
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    release() {
      clearTimeout(timer);
      process.off("SIGTERM", onSignal);
      process.off("SIGINT", onSignal);
    },
  };
}
