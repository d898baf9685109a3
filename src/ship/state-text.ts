import { checksumOf } from "./checksum.ts";
import type { SourceState } from "./state.ts";
import { isSourceState } from "./state-shape.ts";
import { afterSteps } from "./state-steps.ts";

const VERSION = 1;

/** The line that a state file begins with, and the only one after a clean stop: a checksum tells a whole one from a damaged one. */
export function formatState(state: SourceState): string {
  const text = JSON.stringify(state);
  return `{"version":${VERSION},"crc32":"${checksumOf(text)}","state":${text}}\n`;
}

/**
 * Reads a state file: a state, and the steps behind it.
 *
 * @returns undefined if it is damaged or no state; an empty one is: no state file is ever written empty
 */
export function parseState(text: string): SourceState | undefined {
  const end = text.indexOf("\n") + 1 || text.length;
  try {
    const { version, crc32: expected, state } = JSON.parse(text.slice(0, end));
    const isWhole = version === VERSION && checksumOf(JSON.stringify(state)) === expected;
    const latest = isWhole ? afterSteps(state, text.slice(end)) : undefined;
    return isSourceState(latest) ? (latest as SourceState) : undefined;
  } catch {
    return undefined;
  }
}
