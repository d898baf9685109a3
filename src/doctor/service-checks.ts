import { existsSync } from "node:fs";
import { shippedSources } from "../ship/overview.ts";
import { listProcesses } from "../supervise/process-list.ts";
import { inspectService } from "../supervise/report.ts";
import { listServices, withLog } from "../supervise/services.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";
import type { Check } from "./diagnose.ts";
import { checkServices } from "./services.ts";
import { checkShippers } from "./shippers.ts";
import { checkSvscan } from "./svscan.ts";

/**
 * The looks at what runs on this host.
 *
 * @param services The directory that svscan looks in.
 * @param stateDirectory Where positions of what is shipped are. @throws UsageError if nothing says where
 * @param sudo What goes before a command that root has to type: `sudo ` or nothing.
 */
export function serviceChecks(services: string, stateDirectory: () => string, sudo: ShellCommand): Check[] {
  const reports = () => {
    if (!existsSync(services)) return [];
    const shipped = shippedSources(stateDirectory(), Date.now());
    const directories = listServices(services).flatMap(withLog);
    return directories.map((directory) => inspectService(directory, Date.now(), shipped));
  };
  return [
    { name: "svscan", remedy: shell`ps -ef`, run: () => checkSvscan(services, listProcesses(), sudo) },
    {
      name: "services",
      remedy: shell`ls -l ${services}`,
      run: () => checkServices(reports(), Date.now(), sudo),
    },
    {
      name: "shipping",
      remedy: shell`logship status --verbose`,
      run: () => checkShippers(stateDirectory(), Date.now(), sudo),
    },
  ];
}
