import { isFinishedName } from "../system/finished-name.ts";
import { formatLabel, LABEL_LENGTH, labelAfter } from "../tai64n/label.ts";
import { attemptPausing, type LogDirectory } from "./log-directory.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Moves a file of the entered directory to its final name, the label of this moment and `.s` or `.u`. Where names follow
 * the newest, it is the next label after that of the newest file if the clock is behind it.
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
  const { files } = surroundings;
  const status = attemptPausing("stat", `${log.name}/${file}`, () => files.statusOf(file));
  if (!status) return false;
  if (status.links === 1) {
    const name = `${labelFor(log, surroundings)}.${suffix}`;
    attemptPausing("link to", `${log.name}/${name}`, () => files.link(file, name));
  }
  attemptPausing("remove", `${log.name}/${file}`, () => files.remove(file));
  return true;
}

function labelFor(log: LogDirectory, { files, clock, namesFollowNewest }: Surroundings): string {
  const now = formatLabel(clock());
  if (!namesFollowNewest) return now;
  const names = attemptPausing("read", log.name, () => files.list(".").filter(isFinishedName));
  // Nothing comes after the highest label there can be: then the one before it counts.
  const next = names.map((name) => labelAfter(name.slice(0, LABEL_LENGTH)) ?? "");
  return [now, ...next].sort().at(-1)!;
}
