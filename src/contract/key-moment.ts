import { isBatchName } from "./batch-names.ts";

const HOUR_MS = 3_600_000;
const DAY = "(\\d{4}-\\d\\d-\\d\\d)";
const PARTITION = new RegExp(`(?:^|/)(?:dt=)?${DAY}/(?:(?:hour=)?(\\d\\d)/)?`);
const BATCH_TIME = new RegExp(`^access\\.${DAY}-(\\d\\d:\\d\\d:\\d\\d)(?:([+-]\\d\\d)(\\d\\d))?`);

/** The last moment that what is stored under a key may be of, as far as the key tells: in UTC. */
export interface KeyMoment {
  readonly ms: number;
  /** It is of a local time that the key does not tell the zone of: this is it, read as UTC. */
  readonly isLocal: boolean;
}

/**
 * Reads the date and the hour of a piece's folders (`dt=2017-01-12/hour=14`, also without `dt=` and `hour=`), and the name of
 * a batch (`access.2017-01-12-14:36:56`); undefined for a key that has neither.
 */
export function momentOfKey(key: string): KeyMoment | undefined {
  const batch = key.split("/").find((part) => isBatchName(part));
  if (batch !== undefined) return momentOfBatch(batch);
  const [, day, hour] = PARTITION.exec(key) ?? [];
  const beginMs = Date.parse(`${day}T${hour ?? "00"}:00:00Z`);
  if (Number.isNaN(beginMs)) return undefined;
  return { ms: beginMs + (hour === undefined ? 24 : 1) * HOUR_MS - 1, isLocal: false };
}

function momentOfBatch(name: string): KeyMoment | undefined {
  const [, day, time, hours, minutes] = BATCH_TIME.exec(name) ?? [];
  const ms = Date.parse(`${day}T${time}${hours === undefined ? "Z" : `${hours}:${minutes}`}`);
  return Number.isNaN(ms) ? undefined : { ms, isLocal: hours === undefined };
}
