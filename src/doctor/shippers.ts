import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type FoundState, foundStates, type ShippedSource } from "../ship/overview.ts";
import { lagText } from "../supervise/report-text.ts";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, unseen, warning } from "./finding.ts";
import { deniedRemedy } from "./remedies.ts";

const CHECK = "shipping";
/** Pieces wait for a minute by default, and for a retry or two. */
const LATE_SECONDS = 600;
const LOST_TOUCH_SECONDS = 3600;

/** Whether what is kept of each shipped log is readable, somebody ships it, and how far that is behind. */
export function checkShippers(stateDirectory: string, nowMs: number, sudo: ShellCommand): Finding[] {
  let names: string[];
  try {
    names = readdirSync(stateDirectory);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return [ok(CHECK, "nothing is shipped from here")];
    const text = `unable to read directory ${stateDirectory}: ${reasonOf(error)}`;
    return [
      unseen(
        CHECK,
        text,
        errnoName(error) === "EACCES"
          ? deniedRemedy(shell`ls -ld ${stateDirectory}`)
          : shell`ls -ld ${stateDirectory}`,
      ),
    ];
  }
  const damaged = names.filter((name) => name.endsWith(".damaged")).map((name) => join(stateDirectory, name));
  const findings = foundStates(stateDirectory, nowMs).flatMap((found) => checkState(found, sudo));
  const aside = damaged.map((path) =>
    warning(
      CHECK,
      `${path} was damaged and set aside: what it told may have been shipped twice`,
      shell`${sudo}rm ${path}`,
    ),
  );
  const all = [...findings, ...aside];
  return all.length > 0 ? all : [ok(CHECK, "nothing is shipped from here")];
}

function checkState({ path, problem, shipped }: FoundState, sudo: ShellCommand): Finding[] {
  if (shipped) return [checkSource(shipped)];
  if (problem?.kind === "absent") return []; // deleted meanwhile
  const text = `unable to read ${path}: ${problem?.reason}`;
  if (problem?.kind === "denied") return [unseen(CHECK, text, deniedRemedy(shell`ls -l ${path}`))];
  return [failed(CHECK, text, shell`${sudo}mv ${path} ${path}.damaged`)];
}

function checkSource(shipped: ShippedSource): Finding {
  const { source, lagBytes, lagSeconds, pid } = shipped;
  const isAlive = pid !== undefined && existsSync(`/proc/${pid}`);
  const text = `${source}: ${lagText(shipped)}, ${isAlive ? `pid ${pid}` : "nobody ships it now"}`;
  const remedy = shell`logship status --verbose`;
  if (lagBytes > 0 && lagSeconds >= LOST_TOUCH_SECONDS) return failed(CHECK, text, remedy);
  return lagBytes > 0 && lagSeconds >= LATE_SECONDS ? warning(CHECK, text, remedy) : ok(CHECK, text);
}
