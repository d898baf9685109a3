import { formatLabel } from "../tai64n/label.ts";
import { attemptPausing, type LogDirectory } from "./log-directory.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Moves a file of the entered directory to its final name, the label of this moment and `.s` or `.u`.
 * Can be called again after a failure or a crash at any point: a file with two names has already got its final one.
 *
 * @returns whether the file was there
 * @throws FatalError `unable to stat|link to|remove|read <path>, pausing: <reason>`
 */
export function archive(
  log: LogDirectory,
  file: string,
  suffix: "s" | "u",
  surroundings: Surroundings,
): boolean {
  const { files, clock } = surroundings;
  const status = attemptPausing("stat", `${log.name}/${file}`, () => files.statusOf(file));
  if (!status) return false;
  if (status.links === 1) {
    const name = `${formatLabel(clock())}.${suffix}`;
    attemptPausing("link to", `${log.name}/${name}`, () => files.link(file, name));
  }
  attemptPausing("remove", `${log.name}/${file}`, () => files.remove(file));
  return true;
}
