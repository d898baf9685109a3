import type { Metric } from "../pipeline/metrics.ts";
import type { Source } from "./source.ts";

/** What sources look like from outside. */
export function sourceMetrics(sources: readonly Source[], nowMs: number): Metric[] {
  const metric = (
    name: string,
    type: Metric["type"],
    help: string,
    pick: (source: Source) => number,
  ): Metric => {
    return {
      name: `logship_source_${name}`,
      type,
      help,
      values: sources.map((source) => ({ labels: { source: source.name }, value: pick(source) })),
    };
  };
  return [
    metric("lag_bytes", "gauge", "Bytes that were seen and are not acknowledged.", ({ lag }) => lag.bytes),
    metric("lag_seconds", "gauge", "Since the oldest of these bytes were seen.", ({ lag }) => {
      return lag.sinceMs === undefined ? 0 : Math.max(0, nowMs - lag.sinceMs) / 1000;
    }),
    metric(
      "lost_bytes_total",
      "counter",
      "Bytes known to be lost since it was first shipped.",
      (s) => s.lostBytes,
    ),
    metric("shipped_bytes_total", "counter", "Bytes acknowledged since the start.", (s) => s.shippedBytes),
    metric(
      "last_acknowledged_timestamp_seconds",
      "gauge",
      "When a piece was last acknowledged; 0 if none was.",
      ({ acknowledgedMs }) => acknowledgedMs / 1000,
    ),
  ];
}
