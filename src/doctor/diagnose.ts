import { errnoName } from "../system/errno.ts";
import { FatalError } from "../system/errors.ts";
import type { ShellCommand } from "../system/shell-command.ts";
import { unlessAborted } from "../system/sleep.ts";
import { type Finding, unseen } from "./finding.ts";
import { deniedRemedy } from "./remedies.ts";

/** One look, at one thing. */
export interface Check {
  readonly name: string;
  /** Shows what there is to see where the look itself does not come to an end; another doctor would not. */
  readonly remedy: ShellCommand;
  run(): Finding[] | Promise<Finding[]>;
}

/**
 * Makes all checks side by side and gives what they find in the order of the checks, as soon as it is known. A check that
 * is not done when the deadline comes, or throws a FatalError, becomes a finding itself.
 */
export async function* diagnose(checks: readonly Check[], deadline: AbortSignal): AsyncGenerator<Finding> {
  const looks = checks.map((check) => look(check, deadline));
  for (const findings of looks) yield* await findings;
}

async function look({ name, remedy, run }: Check, deadline: AbortSignal): Promise<Finding[]> {
  await Bun.sleep(0); // so that all have begun before the first is done
  try {
    return await unlessAborted(Promise.resolve(run()), deadline);
  } catch (error) {
    if (deadline.aborted) return [unseen(name, "no answer in time", remedy)];
    if (!(error instanceof FatalError)) throw error;
    const isDenied = errnoName(error.cause) === "EACCES";
    return [unseen(name, error.message, isDenied ? deniedRemedy(remedy) : remedy)];
  }
}
