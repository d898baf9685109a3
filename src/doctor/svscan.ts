import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ListedProcess } from "../supervise/process-list.ts";
import { complaints } from "../supervise/report.ts";
import { identityAt } from "../supervise/supervision.ts";
import { errnoName } from "../system/errno.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, unseen, warning } from "./finding.ts";

const CHECK = "svscan";
/** As the installers of daemontools call what starts it. */
const UNITS = ["daemontools", "daemontools-run"];

/** Whether svscan looks after the services, and what it and its programs complain of. */
export function checkSvscan(
  services: string,
  processes: readonly ListedProcess[],
  sudo: ShellCommand,
): Finding[] {
  if (!existsSync(services)) return [ok(CHECK, `${services} is not there: this host has no services`)];
  const svscan = processes.find((process) => looksAfter(process, services));
  if (!svscan && !processes.some(({ pid }) => pid === 1))
    return [unseen(CHECK, "/proc does not show other users' processes", shell`${sudo}ps -ef`)];
  if (!svscan)
    return [failed(CHECK, `no svscan looks after ${services}`, shell`${sudo}systemctl start ${unit()}`)];
  const running = ok(CHECK, `looks after ${services} (pid ${svscan.pid})`);
  const said = complaints(processes, svscan.parentPid);
  return said === undefined
    ? [running]
    : [running, warning(CHECK, `its programs say: ${said}`, shell`df -h ${services}`)];
}

function looksAfter({ pid, name, words }: ListedProcess, services: string): boolean {
  if (name !== "svscan") return false;
  const [, directory = "."] = words;
  const isAbsolute = directory.startsWith("/");
  // A container's has a root of its own, where the same path is another directory.
  const asItSees = join(`/proc/${pid}`, isAbsolute ? "root" : "cwd", directory);
  for (const place of isAbsolute ? [asItSees, directory] : [asItSees]) {
    try {
      return identityAt(place) === identityAt(services);
    } catch (error) {
      if (errnoName(error) !== "EACCES") return false;
    }
  }
  // Where it runs is kept from strangers, and there is one on most hosts.
  return true;
}

function unit(): string {
  const isThere = (name: string) =>
    ["/etc", "/lib"].some((root) => existsSync(`${root}/systemd/system/${name}.service`));
  return UNITS.find(isThere) ?? UNITS[0]!;
}
