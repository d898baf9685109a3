import { countText, sizeText, thingsText } from "../system/quantity-text.ts";
import type { Advance } from "./progress-text.ts";

interface TrafficCount {
  readonly records: number;
  /** Written. */
  readonly bytes: number;
  /** Where they are stored too: fewer while they are on their way, and with `--gzip`. */
  readonly storedBytes?: number;
}

interface TrafficLimits {
  readonly records: number | undefined;
  readonly bytes: number | undefined;
  readonly durationMs: number | undefined;
}

/** How far simulated traffic is, by the one of its limits that will be reached first. */
export function trafficAdvance(
  { records, bytes, storedBytes = bytes }: TrafficCount,
  limits: TrafficLimits,
  passedMs: number,
): Advance {
  const candidates = [
    { done: records, total: limits.records },
    { done: bytes, total: limits.bytes },
    { done: passedMs, total: limits.durationMs },
  ];
  const share = ({ done, total }: (typeof candidates)[number]) => (total === undefined ? -1 : done / total);
  const first = candidates.reduce((nearest, one) => (share(one) > share(nearest) ? one : nearest));
  const count = thingsText(records, "record");
  const { records: limit } = limits;
  return {
    text: limit === undefined ? count : `${countText(records)} of ${thingsText(limit, "record")}`,
    sum: `${count}, ${sizeText(storedBytes)}`,
    bytes: storedBytes,
    ...first,
  };
}
