import { statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { ListedProcess } from "./process-list.ts";

/**
 * Which of the processes is the supervise of a directory, as far as anyone may see. A supervise names its directory as
 * its svscan gave it, `log` for every logger; where it is can be told by svscan's own argument, by the directory its
 * program is in, and for loggers by the order in which svscan starts: each directly after its service.
 *
 * @returns the process; `none` if there is certainly none; otherwise why it cannot be told
 */
export type Supervision =
  | { readonly kind: "found"; readonly supervise: ListedProcess }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly reason: string };

/** Where processes and directories are, as device and inode; undefined where it may not be known. */
export type IdentityOf = (path: string) => string | undefined;

/** @throws the system's error */
export function identityAt(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}

export const identityOnDisk: IdentityOf = (path) => {
  try {
    return identityAt(path);
  } catch {
    return undefined;
  }
};

export function findSupervise(
  directory: string,
  processes: readonly ListedProcess[],
  identityOf: IdentityOf,
): Supervision {
  if (!processes.some(({ pid }) => pid === 1)) return unknown("/proc does not show other users' processes");
  const target = identityOf(directory);
  const supervises = processes.filter(({ name, words }) => name === "supervise" && words.length === 2);
  const all = supervises.map((supervise) => {
    return { supervise, identity: identityOfSupervise(supervise, processes, identityOf) };
  });
  const found = all.filter(({ identity }) => identity !== undefined && identity === target);
  if (target !== undefined && found.length === 1) return { kind: "found", supervise: found[0]!.supervise };
  if (found.length > 1) return unknown("/proc shows more than one supervise for it");
  const unplaced = all.filter((s) => s.identity === undefined).map((s) => s.supervise);
  if (basename(directory) !== "log") {
    const isPossible = unplaced.some(({ words }) => basename(words[1]!) === basename(directory));
    return isPossible ? unknown("/proc does not tell where a supervise of this name runs") : { kind: "none" };
  }
  if (!unplaced.some(({ words }) => basename(words[1]!) === "log")) return { kind: "none" };
  return findLogger(dirname(directory), processes, supervises, identityOf);
}

/** Finds the logger of a service by the order of starts, which only counts if it holds for all services of its svscan. */
function findLogger(
  service: string,
  processes: readonly ListedProcess[],
  supervises: readonly ListedProcess[],
  identityOf: IdentityOf,
): Supervision {
  const owner = findSupervise(service, processes, identityOf);
  if (owner.kind !== "found") return unknown("/proc does not tell which logger is this one's");
  const svscanPid = owner.supervise.parentPid;
  const base = directoryOfSvscan(svscanPid, processes);
  const siblings = supervises.filter(({ parentPid }) => parentPid === svscanPid);
  siblings.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  const isLogger = (process: ListedProcess | undefined) => process?.words[1] === "log";
  const hasLog = ({ words }: ListedProcess) => identityOf(join(base ?? "", words[1]!, "log")) !== undefined;
  const loggers = siblings.filter(isLogger);
  const logged = siblings.filter((process) => !isLogger(process) && hasLog(process));
  if (loggers.length === 1 && logged.length === 1) return { kind: "found", supervise: loggers[0]! };
  const isInOrder = siblings.every((process, index) => {
    if (isLogger(process)) return index > 0 && !isLogger(siblings[index - 1]);
    return isLogger(siblings[index + 1]) === hasLog(process);
  });
  const hasServiceNamedLog = base === undefined || identityOf(join(base, "log")) !== undefined;
  if (!isInOrder || hasServiceNamedLog)
    return unknown(`/proc shows ${loggers.length} loggers and not which is this one's`);
  return { kind: "found", supervise: siblings[siblings.indexOf(owner.supervise) + 1]! };
}

/** What a supervise surely runs in. */
function identityOfSupervise(
  { pid, parentPid, words }: ListedProcess,
  processes: readonly ListedProcess[],
  identityOf: IdentityOf,
): string | undefined {
  const own = identityOf(`/proc/${pid}/cwd`);
  if (own !== undefined) return own;
  const name = words[1]!;
  if (isAbsolute(name)) return identityOf(name);
  const base = directoryOfSvscan(parentPid, processes);
  // svscan runs loggers as `supervise log` in the directory of the service.
  if (name !== "log") return base === undefined ? undefined : identityOf(join(base, name));
  const child = processes.find((process) => process.parentPid === pid);
  const childDirectory = child && `/proc/${child.pid}/cwd`;
  const isInLog =
    childDirectory !== undefined && identityOf(`${childDirectory}/../log`) === identityOf(childDirectory);
  return isInLog ? identityOf(childDirectory) : undefined;
}

/** As svscan was told it; a relative name cannot be followed, because its own directory is not shown. */
function directoryOfSvscan(pid: number, processes: readonly ListedProcess[]): string | undefined {
  const svscan = processes.find((process) => process.pid === pid && process.name === "svscan");
  const directory = svscan?.words[1];
  return directory !== undefined && isAbsolute(directory) ? directory : undefined;
}

function unknown(reason: string): Supervision {
  return { kind: "unknown", reason };
}
