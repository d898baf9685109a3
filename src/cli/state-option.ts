import { accessSync, constants, existsSync } from "node:fs";
import { UsageError } from "../system/errors.ts";
import type { Host } from "./command.ts";
import { anyName, option } from "./options.ts";

/** Where `ship` keeps its positions, and `status` reads them. */
export const stateOption = option(
  "--state <dir>",
  "where `ship` keeps positions; default /var/lib/logship, or else $XDG_STATE_HOME/logship",
  anyName,
);

const COMMON = "/var/lib/logship";

/** /var/lib/logship where this account may write there, as root may; else the account's own place for state. */
export function stateDirectoryOf(given: string | undefined, { environment }: Host): string {
  if (given !== undefined) return given;
  if (process.getuid?.() === 0 || isWritable(COMMON)) return COMMON;
  if (environment.XDG_STATE_HOME) return `${environment.XDG_STATE_HOME}/logship`;
  if (environment.HOME) return `${environment.HOME}/.local/state/logship`;
  throw new UsageError("unable to choose a place for positions: --state is not given, nor is HOME");
}

/** Where positions are to be read: also those that another account keeps in the common place. */
export function readableStateDirectory(given: string | undefined, host: Host): string {
  const hasHome = Boolean(host.environment.XDG_STATE_HOME || host.environment.HOME);
  if (given === undefined && (existsSync(COMMON) || !hasHome)) return COMMON;
  return stateDirectoryOf(given, host);
}

function isWritable(directory: string): boolean {
  if (!existsSync(directory)) return false;
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
