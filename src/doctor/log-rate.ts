import { join } from "node:path";
import { readAt } from "../follow/content.ts";
import { finishedNames } from "../follow/finished-files.ts";
import { close, openIfThere, sizeOf } from "../follow/log-files.ts";
import { LABEL_LENGTH, parseLabel } from "../tai64n/label.ts";

/** Long enough that one busy minute is not taken for the rule. */
const WINDOW_MS = 3_600_000;

/**
 * How fast a log has grown lately: over its newest files, as far as an hour back where they reach so far.
 *
 * @returns undefined for a log without labels, or of less than a second
 */
export function bytesPerSecond(directory: string, nowMs: number): number | undefined {
  let bytes = 0;
  let sinceMs = nowMs;
  for (const name of ["current", ...finishedNames(directory).reverse()]) {
    const file = openIfThere(join(directory, name));
    if (!file) continue;
    try {
      const label = Buffer.alloc(LABEL_LENGTH);
      readAt(file, label, 0);
      const begun = parseLabel(label.toString("latin1"));
      if (!begun) break;
      bytes += sizeOf(file);
      sinceMs = begun.unixSeconds * 1000;
    } finally {
      close(file);
    }
    if (nowMs - sinceMs > WINDOW_MS) break;
  }
  const seconds = (nowMs - sinceMs) / 1000;
  return seconds < 1 ? undefined : bytes / seconds;
}
