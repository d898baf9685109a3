import { durationText, sizeText } from "../system/quantity-text.ts";

/** How far some work is. */
export interface Advance {
  /** What has been done, in words: `3 of 7 files`; and the same at the end of it all: `7 files, 2.1 GB`. */
  readonly text: string;
  readonly sum: string;
  /** For how fast it goes. */
  readonly bytes: number;
  /** Of the same thing as `total`: bytes, records, milliseconds. */
  readonly done: number;
  /** Undefined for as long as nobody knows. */
  readonly total: number | undefined;
}

/** A rate is that of the last seconds, so that it follows what happens, and not the last moment alone. */
const WINDOW_MS = 15_000;
const SAMPLE_EVERY_MS = 500;
const WIDEST_BAR = 24;
const NARROWEST_BAR = 8;
/** A rate of less time says nothing of how long the rest takes. */
const ESTIMATE_AFTER_MS = 1000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
  readonly done: number;
}

/** Makes the line that shows how far some work is, how fast it goes and how long the rest will take. */
export class ProgressText {
  readonly #name: string;
  readonly #begun: Sample;
  #samples: Sample[];

  /** @param nowMs From a clock that is never set. */
  constructor(name: string, { bytes, done }: Advance, nowMs: number) {
    this.#name = name;
    this.#begun = { atMs: nowMs, bytes, done };
    this.#samples = [this.#begun];
  }

  /**
   * The line without its end, in ASCII: `upload 42% [====>     ] 3 of 7 files, 85 MB/s, 12s left`. Where the terminal is narrow,
   * first the bar is left out, then the words, then the rate.
   */
  line(advance: Advance, nowMs: number, columns: number): string {
    this.#sample(advance, nowMs);
    const { done, total, text } = advance;
    const share = total === undefined ? undefined : total > 0 ? Math.min(1, done / total) : 1;
    const name =
      share === undefined ? this.#name : `${this.#name} ${String(Math.floor(share * 100)).padStart(3)}%`;
    const [rate, left] = this.#outlook(advance, nowMs);
    const withRate = [text, rate, left];
    for (const parts of [withRate, [rate, left], [left]]) {
      const rest = parts.filter((part) => part !== undefined).join(", ");
      const line = `${name} ${rest}`;
      if (line.length > columns) continue;
      const room = columns - line.length - "[] ".length;
      if (share === undefined || parts !== withRate || room < NARROWEST_BAR) return line;
      return `${name} [${bar(share, Math.min(WIDEST_BAR, room))}] ${rest}`;
    }
    return name.slice(0, columns);
  }

  /** What has been done in all: `upload: 7 files, 2.1 GB in 23s, 91 MB/s`. */
  summary({ sum, bytes }: Advance, nowMs: number): string {
    const passedMs = nowMs - this.#begun.atMs;
    const rate = ((bytes - this.#begun.bytes) * 1000) / Math.max(1, passedMs);
    return `${this.#name}: ${sum} in ${durationText(passedMs)}, ${sizeText(rate)}/s`;
  }

  #sample({ bytes, done }: Advance, nowMs: number): void {
    if (nowMs - this.#samples.at(-1)!.atMs < SAMPLE_EVERY_MS) return;
    this.#samples.push({ atMs: nowMs, bytes, done });
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
  }

  /** How fast it goes, and how long the rest takes at that rate. */
  #outlook(
    { bytes, done, total }: Advance,
    nowMs: number,
  ): [rate: string | undefined, left: string | undefined] {
    const since = this.#samples[0]!;
    const passedMs = nowMs - since.atMs;
    if (passedMs < ESTIMATE_AFTER_MS) return [undefined, undefined];
    const rate = `${sizeText(Math.max(0, (bytes - since.bytes) * 1000) / passedMs)}/s`;
    const doneMeanwhile = done - since.done;
    if (total === undefined || doneMeanwhile <= 0 || done >= total) return [rate, undefined];
    return [rate, `${durationText(((total - done) * passedMs) / doneMeanwhile)} left`];
  }
}

function bar(share: number, width: number): string {
  const filled = Math.round(share * width);
  const head = filled > 0 && filled < width ? `${"=".repeat(filled - 1)}>` : "=".repeat(filled);
  return head.padEnd(width);
}
