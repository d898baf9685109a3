/** Whether what was sampled grows. */
import type { Sample, Soak } from "./samples.ts";

/** What is judged: a quantity of one process or of all, over time. */
export interface Series {
  /** `memory`, `own memory`, `descriptors`, `files`, `disk`, `lag`. */
  readonly quantity: string;
  /** Whose; empty for what is of all together. */
  readonly subject: string;
  readonly unit: string;
  /** How much it may grow in the time that is judged. */
  readonly allowed: number;
  readonly points: readonly Point[];
}

export interface Point {
  readonly seconds: number;
  readonly value: number;
}

export interface Verdict {
  readonly median: number;
  readonly highest: number;
  /** By how much it has grown in the time that is judged: the robust slope times that time. */
  readonly growth: number;
  readonly isGrowing: boolean;
}

/** Of a soak this part is not judged: caches fill, code is compiled, the first files are rotated. */
export const WARM_UP = 1 / 3;
const FEWEST_POINTS = 12;

/** What growing means for each quantity: more than these, which are below what a day may hide and above what noise makes. */
const MEGABYTES_ALLOWED = 4;
/** With what is mapped of the executable, which the kernel takes and gives; and in the first minutes, in which the heap takes its size. */
const MEGABYTES_ALLOWED_LOOSELY = 16;
const FIRST_SECONDS = 30 * 60;
const DESCRIPTORS_ALLOWED = 3;
const FILES_ALLOWED = 3;
const DISK_MEGABYTES_ALLOWED = 1;
const LAG_MEGABYTES_ALLOWED = 0.3; // ten seconds of what is written

export function seriesOf({ samples }: Soak): Series[] {
  const services = [...new Set(samples.flatMap(({ processes }) => Object.keys(processes)))];
  const of = (
    quantity: string,
    subject: string,
    unit: string,
    allowed: number,
    pick: (sample: Sample) => number | undefined,
  ): Series => ({
    quantity,
    subject,
    unit,
    allowed,
    points: samples.flatMap((sample) => {
      const value = pick(sample);
      return value === undefined ? [] : [{ seconds: sample.seconds, value }];
    }),
  });
  const isShort = (samples.at(-1)?.seconds ?? 0) < FIRST_SECONDS;
  const ownAllowed = isShort ? MEGABYTES_ALLOWED_LOOSELY : MEGABYTES_ALLOWED;
  const megabytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 1e6);
  return [
    ...services.map((name) =>
      of("memory", name, "MB", MEGABYTES_ALLOWED_LOOSELY, ({ processes }) =>
        megabytes(processes[name]?.residentBytes),
      ),
    ),
    ...services.map((name) =>
      of("own memory", name, "MB", ownAllowed, ({ processes }) =>
        megabytes(processes[name]?.ownBytes ?? processes[name]?.residentBytes),
      ),
    ),
    ...services.map((name) =>
      of("descriptors", name, "", DESCRIPTORS_ALLOWED, ({ processes }) => processes[name]?.descriptors),
    ),
    of("files", "", "", FILES_ALLOWED, ({ files }) => files),
    of("disk", "", "MB", DISK_MEGABYTES_ALLOWED, ({ diskBytes }) => megabytes(diskBytes)),
    of("lag", "", "MB", LAG_MEGABYTES_ALLOWED, ({ status }) => megabytes(status?.lagBytes)),
  ];
}

/**
 * A series grows if it has grown in the time that is judged by more than it may, and has done so in both halves of it: what
 * has reached its size and stays there, however late, does not grow. The slope is the median of the slopes between all pairs of
 * points (Theil and Sen), so that peaks and pauses, up to a quarter of the points, say nothing.
 *
 * @throws Error if there are too few points to judge
 */
export function judge(series: Series): Verdict {
  const { points, allowed } = series;
  const end = points.at(-1)?.seconds ?? 0;
  const judged = points.filter(({ seconds }) => seconds >= end * WARM_UP);
  if (judged.length < FEWEST_POINTS)
    throw new Error(`unable to judge ${nameOf(series)}: ${judged.length} points are too few`);
  const growth = growthOf(judged);
  const middle = judged.length >> 1;
  const halves = [judged.slice(0, middle), judged.slice(middle)];
  const isGrowing = growth > allowed && halves.every((half) => growthOf(half) > allowed / 4);
  const values = judged.map(({ value }) => value);
  return {
    median: medianOf(values),
    highest: Math.max(...points.map(({ value }) => value)),
    growth,
    isGrowing,
  };
}

function growthOf(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries())
    for (const b of points.slice(index + 1))
      if (b.seconds > a.seconds) slopes.push((b.value - a.value) / (b.seconds - a.seconds));
  return medianOf(slopes) * (points.at(-1)!.seconds - points[0]!.seconds);
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** All that is wrong with a soak, a line each; none if it may go on for ever. */
export function troublesOf(soak: Soak): string[] {
  const growing = seriesOf(soak).flatMap((series) => {
    const { growth, isGrowing } = judge(series);
    if (!isGrowing) return [];
    const unit = series.unit === "" ? "" : ` ${series.unit}`;
    return [
      `${nameOf(series)} grows: by ${growth.toFixed(1)}${unit}, and ${series.allowed}${unit} are allowed`,
    ];
  });
  return [...growing, ...restarts(soak), ...tooLarge(soak)];
}

/** `memory of ship`. */
export function nameOf({ quantity, subject }: Series): string {
  return subject === "" ? quantity : `${quantity} of ${subject}`;
}

function restarts({ samples }: Soak): string[] {
  const pids = new Map<string, Set<number>>();
  for (const { processes } of samples)
    for (const [name, { pid }] of Object.entries(processes))
      pids.set(name, (pids.get(name) ?? new Set()).add(pid));
  return [...pids].flatMap(([name, { size }]) => (size > 1 ? [`${name} was started ${size} times`] : []));
}

function tooLarge({ conditions, samples }: Soak): string[] {
  const most = conditions.mostMemoryBytes;
  if (most === undefined) return [];
  const sums = samples.map(({ processes }) =>
    Object.values(processes).reduce(
      (sum, { residentBytes, shareBytes }) => sum + (shareBytes ?? residentBytes),
      0,
    ),
  );
  const highest = Math.max(...sums);
  return highest > most
    ? [`all together had ${(highest / 1e6).toFixed(0)} MB, and ${most / 1e6} MB are allowed`]
    : [];
}
