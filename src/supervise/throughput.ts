/** So far back it is known what was written. */
export const SPAN_MS = 5 * 60_000;
const BUCKET_MS = 5000;
const BUCKETS = SPAN_MS / BUCKET_MS;
/** What is called the rate of now. */
const NOW_BUCKETS = 2;

/** How many bytes were written in each moment of the last five minutes. */
export class Throughput {
  readonly #bytes = new Map<number, number>();

  add(bytes: number, atMs: number): void {
    const bucket = Math.floor(atMs / BUCKET_MS);
    this.#bytes.set(bucket, (this.#bytes.get(bucket) ?? 0) + bytes);
    if (this.#bytes.size <= 2 * BUCKETS) return;
    for (const old of this.#bytes.keys()) if (old < bucket - BUCKETS) this.#bytes.delete(old);
  }

  /** Bytes a second of the last ten seconds. */
  rate(nowMs: number): number {
    const elapsedMs = (nowMs % BUCKET_MS) + (NOW_BUCKETS - 1) * BUCKET_MS;
    return (this.#sum(Math.floor(nowMs / BUCKET_MS), NOW_BUCKETS) * 1000) / elapsedMs;
  }

  /** The five minutes in so many equal parts, oldest first, in bytes; all of them are over. */
  parts(count: number, nowMs: number): number[] {
    const last = Math.floor(nowMs / BUCKET_MS) - 1;
    const width = BUCKETS / count;
    return Array.from({ length: count }, (_, index) => {
      const end = last - Math.round((count - 1 - index) * width);
      return this.#sum(end, Math.max(1, Math.round(width)));
    });
  }

  /** Of so many buckets up to this one. */
  #sum(end: number, count: number): number {
    let sum = 0;
    for (let bucket = end - count + 1; bucket <= end; bucket++) sum += this.#bytes.get(bucket) ?? 0;
    return sum;
  }
}

const BLOCKS = "▁▂▃▄▅▆▇█";
const ASCII_BLOCKS = "_.:-=+*#";

/** A row of blocks as high as the values; what is nothing is a space. */
export function sparkline(values: readonly number[], isUnicode: boolean): string {
  const blocks = isUnicode ? BLOCKS : ASCII_BLOCKS;
  const highest = Math.max(...values);
  return values
    .map((value) => (value > 0 ? blocks[Math.ceil((value / highest) * blocks.length) - 1] : " "))
    .join("");
}
