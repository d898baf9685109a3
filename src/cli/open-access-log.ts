import { randomInt } from "node:crypto";
import { AccessLog } from "../access-log/access-log.ts";
import { unixMsOf } from "../time/moment.ts";
import type { Host } from "./command.ts";
import { DEFAULT_STEP_MS, type TrafficOptions, zoneFromOptions } from "./generate-options.ts";

/**
 * The access log that the options describe, from a record on.
 *
 * To be imported where a log is made, not where its options are named: the tables of the traffic take as long to build as
 * all the rest of a start, and help, completion and `split` need none of them.
 */
export function accessLogFromOptions(options: TrafficOptions, host: Host, firstRecord = 0): AccessLog {
  const { format, rate, seed, start, step } = options;
  const zone = zoneFromOptions(options, host);
  const stepAfterStart = rate === undefined ? DEFAULT_STEP_MS : 1000 / rate;
  return new AccessLog({
    format,
    seed: seed ?? randomInt(2 ** 47),
    firstRecord,
    startMs: start ? unixMsOf(start, zone) : Date.now(),
    stepMs: step ?? (start && stepAfterStart),
    zone,
    now: Date.now,
  });
}
