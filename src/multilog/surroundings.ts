import type { Files } from "../system/files.ts";
import type { Clock } from "../tai64n/label.ts";
import type { Obstacles } from "./pauses.ts";
import type { Processors } from "./processor.ts";

/** What the writer works with. */
export interface Surroundings {
  readonly files: Files;
  readonly clock: Clock;
  /** A finished file is named after the newest there is, also when the clock is behind; else by the clock alone. */
  readonly namesFollowNewest: boolean;
  readonly obstacles: Obstacles;
  readonly processors: Processors;
}
