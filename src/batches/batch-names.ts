import { batchName } from "../contract/batch-names.ts";
import type { TimeZone } from "../time/zone.ts";

/**
 * Names batches after the second they begin in, each differently: a second batch in the same second gets
 * microseconds behind it (`access.2017-01-12-14:36:56.482000`), and where a local hour comes twice because the clocks
 * are set back, the second one gets its offset from UTC (`access.2017-02-18-23:30:00-0300`).
 */
export class BatchNames {
  readonly #zone: TimeZone;
  #lastSecond = "";
  #lastMicroseconds = -1;

  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  next(unixMs: number): string {
    const second = batchName(unixMs, this.#zone) + this.#offsetIfRepeated(Math.floor(unixMs / 1000));
    if (second !== this.#lastSecond) {
      this.#lastSecond = second;
      this.#lastMicroseconds = -1;
      return second;
    }
    this.#lastMicroseconds = Math.max(this.#lastMicroseconds + 1, (unixMs % 1000) * 1000);
    return `${second}.${String(this.#lastMicroseconds).padStart(6, "0")}`;
  }

  #offsetIfRepeated(unixSeconds: number): string {
    const { offsetSeconds, from } = this.#zone.period(unixSeconds);
    const setBack = Number.isFinite(from) ? this.#zone.period(from - 1).offsetSeconds - offsetSeconds : 0;
    if (unixSeconds - from >= setBack) return "";
    const minutes = Math.abs(Math.round(offsetSeconds / 60));
    const digits = [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, "0")).join("");
    return `${offsetSeconds < 0 ? "-" : "+"}${digits}`;
  }
}
