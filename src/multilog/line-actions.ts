import type { LineTaker } from "../lines/line-taker.ts";
import type { Step } from "../lines/steps.ts";
import type { Action } from "./script.ts";
import { openStatusFile, type StatusFile } from "./status-file.ts";
import type { Surroundings } from "./surroundings.ts";

export interface LineActions {
  /** What is done with each line; none where all go to the same directories as they are. */
  readonly steps: readonly Step[];
  /** How many groups of directories there are: those of a group get the same lines. */
  readonly groupCount: number;
  /** For each directory of the script the group that it belongs to. */
  readonly groupOf: readonly number[];
  /** Writes what the steps have shown, and brings the status files up to the last line. */
  use(taker: LineTaker): void;
}

/**
 * Prepares the actions of a script for its lines, and opens its status files.
 *
 * @param copyToStandardError Gets what `e` shows.
 * @throws FatalError `unable to create <file>: <reason>` or `unable to write <file>: <reason>`
 */
export function prepareActions(
  actions: readonly Action[],
  surroundings: Surroundings,
  copyToStandardError: (lines: Buffer) => void,
): LineActions {
  const steps: Step[] = [];
  const statusFiles: StatusFile[] = [];
  const groupOf: number[] = [];
  let groupCount = 0;
  let isNewGroup = true;
  for (const action of actions) {
    const { kind } = action;
    if (kind === "select" || kind === "deselect") {
      steps.push({ kind, pattern: action.pattern });
      isNewGroup = true;
    } else if (kind === "copy-to-stderr") {
      steps.push({ kind: "show" });
    } else if (kind === "keep-status") {
      statusFiles.push(openStatusFile(action.file, surroundings));
      steps.push({ kind: "keep" });
    } else {
      if (isNewGroup) {
        steps.push({ kind: "give" });
        groupCount++;
        isNewGroup = false;
      }
      groupOf.push(groupCount - 1);
    }
  }
  return {
    steps: steps.some(({ kind }) => kind !== "give") ? steps : [],
    groupCount,
    groupOf,
    use(taker) {
      copyToStandardError(taker.shown);
      for (const [index, file] of statusFiles.entries()) file.write(taker.takeKept(index));
    },
  };
}
