import { LONGEST_TIMER_MS } from "../system/sleep.ts";

/** Ends a request after some time, or when the signal of who asked for it is aborted. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #asker: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onAbort = () => this.#controller.abort(this.#asker?.reason);

  constructor(ms: number, asker: AbortSignal | undefined) {
    this.#asker = asker;
    asker?.addEventListener("abort", this.#onAbort, { once: true });
    if (asker?.aborted) this.#onAbort();
    this.#timer = setTimeout(() => this.#controller.abort(timedOut()), Math.min(ms, LONGEST_TIMER_MS));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#asker?.removeEventListener("abort", this.#onAbort);
  }
}

/** An error with the code `ETIMEDOUT`, as a system call that has waited long enough fails. */
export function timedOut(): Error {
  return Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
}
