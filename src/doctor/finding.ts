import { jsonText, printable } from "../system/printable.ts";
import type { ShellCommand } from "../system/shell-command.ts";

export type Verdict = "ok" | "warning" | "failed";

/** What one look has shown; each becomes one line. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** A command that mends it, or shows what there is to mend. */
  readonly remedy: ShellCommand | undefined;
  /** It is not known to be wrong; it could not be looked at. */
  readonly isUnseen: boolean;
}

export function ok(check: string, text: string): Finding {
  return { check, verdict: "ok", text, remedy: undefined, isUnseen: false };
}

/** Works, but not as it should, or not for long. */
export function warning(check: string, text: string, remedy: ShellCommand): Finding {
  return { check, verdict: "warning", text, remedy, isUnseen: false };
}

export function failed(check: string, text: string, remedy: ShellCommand): Finding {
  return { check, verdict: "failed", text, remedy, isUnseen: false };
}

/** A look that failed itself. */
export function unseen(check: string, text: string, remedy: ShellCommand): Finding {
  return { check, verdict: "failed", text, remedy, isUnseen: true };
}

/** 1 if something failed, 111 if something could not be looked at, else 0. */
export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ verdict, isUnseen }) => verdict === "failed" && !isUnseen)) return 1;
  return findings.some(({ isUnseen }) => isUnseen) ? 111 : 0;
}

/** One line with its end. */
export function lineOf({ check, verdict, text, remedy }: Finding): string {
  const mend = remedy?.text === undefined ? "" : `; type: ${remedy.text}`;
  // Texts repeat what servers and logs say, which must not look like a remedy of ours.
  const told = printable(text).replaceAll("; type:", "\\x3b type:");
  return `${verdict.padEnd(7)}  ${check.padEnd(13)} ${told}${mend}\n`;
}

/** One line of JSON with its end. */
export function jsonOf({ check, verdict, text, remedy, isUnseen }: Finding): string {
  return `${jsonText({ check, verdict, text, remedy: remedy?.text ?? null, looked: !isUnseen })}\n`;
}
