import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import type { DiarySummary } from "../diary/summary.ts";
import type { ServiceReport } from "../supervise/report.ts";
import { type Account, findAccount } from "../system/accounts.ts";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { sizeText } from "../system/quantity-text.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, unseen, warning } from "./finding.ts";
import { bytesPerSecond } from "./log-rate.ts";
import { deniedRemedy } from "./remedies.ts";

const CHECK = "log";
/** multilog waits until it can write one buffer. */
const FULL_BYTES = 4096;
const SHORT_HOURS = 24;

/** Whether the logger can write, and for how long. */
export function checkLogDirectory(report: ServiceReport, nowMs: number, sudo: ShellCommand): Finding[] {
  const { diary, diaryProblem } = report;
  if (diaryProblem?.endsWith("access denied"))
    return [unseen(CHECK, diaryProblem, deniedRemedy(shell`ls -ld ${report.directory}`))];
  if (diaryProblem !== undefined) return [failed(CHECK, diaryProblem, shell`ls -la ${report.directory}`)];
  if (!diary) return [];
  const { directory, freeBytes, sizeBytes } = diary;
  const account = accountOf(report);
  const problem = whyNotWritable(directory, account);
  if (problem !== undefined) {
    const text = `${directory}: ${account?.name ?? "this account"} may not write there: ${problem}`;
    const give =
      account === undefined
        ? shell`${sudo}chown -R $(id -un) ${directory}`
        : shell`${sudo}chown -R ${account.name} ${directory}`;
    return [failed(CHECK, text, give)];
  }
  const remedy = shell`du -xh ${directory} | sort -h | tail`;
  if (freeBytes < FULL_BYTES)
    return [failed(CHECK, `${directory}: its disk is full, and the logger waits until it is not`, remedy)];
  const { text, hours } = spaceLeft(diary, nowMs);
  const finding = `${directory}: ${sizeText(sizeBytes)}, ${text}`;
  return [hours < SHORT_HOURS ? warning(CHECK, finding, remedy) : ok(CHECK, finding)];
}

function spaceLeft({ directory, freeBytes }: DiarySummary, nowMs: number): { text: string; hours: number } {
  const rate = bytesPerSecond(directory, nowMs);
  const free = `${sizeText(freeBytes)} free`;
  if (!rate) return { text: free, hours: Number.POSITIVE_INFINITY };
  const hours = freeBytes / rate / 3600;
  const time = hours > 9999 ? "over a year" : `${Math.floor(hours)} h`;
  return { text: `${free}, ${time} at ${sizeText(rate)}/s if nothing is deleted`, hours };
}

/** By the run script of the logger, or whoever it runs as. */
function accountOf({ directory, process }: ServiceReport): Account | undefined {
  const script = readRegularFile(join(directory, "run"));
  const name = Buffer.isBuffer(script) ? /\bsetuidgid\s+(\S+)/.exec(script.toString())?.[1] : undefined;
  const account = name ?? process?.account;
  return account === undefined ? undefined : findAccount(account);
}

/** @param account Undefined for whoever runs this. */
function whyNotWritable(path: string, account: Account | undefined): string | undefined {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (account === undefined || errnoName(error) === "EROFS") return reasonOf(error);
  }
  if (account === undefined || account.uid === 0) return undefined;
  const { uid, gid, mode } = statSync(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & 3) === 3 ? undefined : reasonOf({ code: "EACCES" });
}
