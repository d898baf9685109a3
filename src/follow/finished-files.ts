import { isFinishedName } from "../system/finished-name.ts";
import { namesIn } from "./paths.ts";

/** The finished files of a log directory, oldest first; none if the directory is not there. */
export function finishedNames(directory: string): string[] {
  return namesIn(directory).filter(isFinishedName);
}

/**
 * What a finished file has in common with what a processor makes of it: svlogd gives that the same label, first as `.u` and
 * then as `.s`.
 */
export function labelOf(finishedName: string): string {
  return finishedName.slice(0, -2);
}
