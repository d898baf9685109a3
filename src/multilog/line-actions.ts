import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { attempt } from "./log-directory.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import type { Action } from "./script.ts";
import { LINE_BYTES } from "./split.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs the script on one line: bytes `from` to `to`, with its stamp, without its newline, at most 1000. */
export type RunScript = (text: Buffer, from: number, to: number) => void;

/** Writes the latest line into a status file, when told to. */
export interface StatusFile {
  keep(text: Buffer, from: number, to: number): void;
  flush(): void;
}

export interface LineActions {
  readonly run: RunScript;
  /** For each group of directories, in script order, whether the line that was run last goes there. */
  readonly isSelected: boolean[];
  /** For each directory of the script the group that it belongs to: they get the same lines. */
  readonly groupOf: readonly number[];
  /** Brings the status files up to the last line. */
  flush(): void;
  /** False if lines need not be looked at one by one. */
  readonly areNeeded: boolean;
}

/** One step for each line: a pattern, or something done with the line, or a group of directories that gets it. */
interface Step {
  readonly pattern: Pattern | undefined;
  /** What the pattern makes of a line that matches. */
  readonly selects: boolean;
  readonly use: RunScript | undefined;
  readonly group: number;
}

const NO_GROUP = -1;
const NO_STEP: Step = { pattern: undefined, selects: false, use: undefined, group: NO_GROUP };

/**
 * Prepares the actions of a script for its lines, and opens its status files.
 *
 * @param copyToStandardError Gets each selected line of an `e`.
 * @throws FatalError `unable to create <file>: <reason>` or `unable to write <file>: <reason>`
 */
export function prepareActions(
  actions: readonly Action[],
  surroundings: Surroundings,
  copyToStandardError: RunScript,
): LineActions {
  const steps: Step[] = [];
  const statusFiles: StatusFile[] = [];
  const groupOf: number[] = [];
  let group = -1;
  let isNewGroup = true;
  for (const action of actions) {
    const { kind } = action;
    if (kind === "select" || kind === "deselect") {
      steps.push({ ...NO_STEP, pattern: compilePattern(action.pattern), selects: kind === "select" });
      isNewGroup = true;
    } else if (kind === "copy-to-stderr") {
      steps.push({ ...NO_STEP, use: copyToStandardError });
    } else if (kind === "keep-status") {
      const file = openStatusFile(action.file, surroundings);
      statusFiles.push(file);
      steps.push({ ...NO_STEP, use: file.keep });
    } else {
      if (isNewGroup) steps.push({ ...NO_STEP, group: ++group });
      isNewGroup = false;
      groupOf.push(group);
    }
  }
  const isSelected = new Array<boolean>(group + 1).fill(true);
  const run: RunScript = (text, from, to) => {
    let selected = true;
    for (let index = 0; index < steps.length; index++) {
      const { pattern, selects, use, group } = steps[index]!;
      if (pattern) {
        if (selected !== selects && pattern(text, from, to)) selected = selects;
      } else if (use) {
        if (selected) use(text, from, to);
      } else {
        isSelected[group] = selected;
      }
    }
  };
  return {
    run,
    isSelected,
    groupOf,
    flush() {
      for (const file of statusFiles) file.flush();
    },
    areNeeded: steps.some(({ group }) => group === NO_GROUP),
  };
}

function openStatusFile(name: string, { files, obstacles }: Surroundings): StatusFile {
  attempt("create", name, () => files.close(files.openToAppend(name, 0o600)));
  const fd = attempt("write", name, () => files.openToWrite(name));
  const content = Buffer.alloc(LINE_BYTES + 1, "\n");
  let isChanged = false;
  return {
    keep(text, from, to) {
      content.fill("\n", text.copy(content, 0, from, to));
      isChanged = true;
    },
    flush() {
      if (!isChanged) return;
      obstacles.overcome(() => {
        try {
          if (files.writeAt(fd, content, 0) === content.length) return;
        } catch (error) {
          const verb = errnoName(error) === "ESPIPE" ? "move to beginning of" : "write";
          throw unableTo(verb, `${name}, pausing`, error);
        }
        throw unableTo("write", `${name}, pausing`, "only a part was written");
      });
      isChanged = false;
    },
  };
}
