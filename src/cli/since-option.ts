import { momentOfKey } from "../contract/key-moment.ts";
import { NotParsed } from "../system/errors.ts";
import { parsePositiveDuration } from "../system/quantity.ts";
import { type GivenTime, parseMoment, unixMsOf } from "../time/moment.ts";
import type { TimeZone } from "../time/zone.ts";
import { option } from "./options.ts";

/** A moment, or how long ago it was. */
type Since = GivenTime | { readonly agoMs: number };

const HOUR_MS = 3_600_000;

export const sinceOption = option(
  "--since <time>",
  "leave out what was stored before: ISO 8601, Unix seconds, or a duration such as 30d (ago)",
  parseSince,
);

function parseSince(text: string): Since {
  try {
    if (/^\d.*[a-z]$/.test(text)) return { agoMs: parsePositiveDuration(text) };
    return parseMoment(text);
  } catch (error) {
    if (!(error instanceof NotParsed)) throw error;
    throw new NotParsed(
      "must be a time such as 2017-01-12T14:00:00Z, Unix seconds, or a duration such as 30d (ago)",
    );
  }
}

/** What is asked for, from the beginning of its hour on: keys tell no more. */
export class SinceHour {
  readonly ms: number;
  readonly #zone: TimeZone;

  /** @param zone Of times without offset, that of the option and those in names of batches. */
  constructor(since: Since, zone: TimeZone, nowMs: number) {
    const ms = "agoMs" in since ? nowMs - since.agoMs : unixMsOf(since, zone);
    this.ms = Math.floor(ms / HOUR_MS) * HOUR_MS;
    this.#zone = zone;
  }

  /** False for a key that tells a moment before that. */
  isWanted(key: string): boolean {
    const moment = momentOfKey(key);
    return moment === undefined || unixMsOf(moment, this.#zone) >= this.ms;
  }
}
