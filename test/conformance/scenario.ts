import type { Stage } from "./stage.ts";

/** Something that people do, tried beside every server. */
export interface Scenario {
  /** The head of its column. */
  readonly name: string;
  /** What has to hold for a yes, as the page says it. */
  readonly holds: string;
  /** Left out where there is little time: it takes more than some seconds. */
  readonly isLong?: boolean;
  /**
   * Ends if it is as it should be.
   *
   * @throws No; NothingToTry; anything else is a no as well
   */
  run(stage: Stage): Promise<void>;
}
