import { timeOfDay } from "../system/libc.ts";
import type { Moment } from "./label.ts";

/** The real-time clock as labels show it: microseconds, and half of one, as daemontools has it. */
export function realTime(): Moment {
  const { seconds, microseconds } = timeOfDay();
  return { unixSeconds: seconds, nanoseconds: microseconds * 1000 + 500 };
}
