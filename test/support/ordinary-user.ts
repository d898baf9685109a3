import { chmodSync, cpSync, linkSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { executable, type Process, start } from "./logship.ts";
import { isRoot, needs } from "./needs.ts";
import { runDirectory } from "./run-directory.ts";

/** An account that owns nothing. */
export const ORDINARY_UID = 65534;

/** True if tests can run logship under another account: only root can. */
export const canBeOrdinaryUser = isRoot() && needs("setpriv");

let reachable: string | undefined;

/** Starts logship as a user who is neither root nor owner of anything in the run's directory, which it may pass through. */
export function startAsOrdinaryUser(args: readonly string[], env: Record<string, string> = {}): Process {
  chmodSync(runDirectory, 0o711);
  reachable ??= reachableExecutable();
  const id = String(ORDINARY_UID);
  return start(args, {
    env,
    cwd: "/",
    executable: reachable,
    under: ["setpriv", "--reuid", id, "--regid", id, "--clear-groups"],
  });
}

/** The built program may lie below a home directory that is closed to others. */
function reachableExecutable(): string {
  const directory = mkdtempSync(join(runDirectory, "public-"));
  chmodSync(directory, 0o755);
  const path = join(directory, "logship");
  try {
    linkSync(executable, path);
  } catch {
    cpSync(executable, path); // on another file system
  }
  return path;
}
