import { attemptPausing, COMPLETE_MODE, type LogDirectory } from "./log-directory.ts";
import type { Surroundings } from "./surroundings.ts";

/** Forces `current` to disk and then marks it as complete, so that the next writer continues it. */
export function finish(log: LogDirectory, { files, obstacles }: Surroundings): void {
  const path = `${log.name}/current`;
  obstacles.overcome(() => attemptPausing("write", `${path} to disk`, () => files.sync(log.current)));
  obstacles.overcome(() =>
    attemptPausing("set mode of", path, () => files.setMode(log.current, COMPLETE_MODE)),
  );
}
