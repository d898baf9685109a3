import { readFileSync } from "node:fs";
import { release } from "node:os";
import { isCallable } from "../system/c-library.ts";
import { shell } from "../system/shell-command.ts";
import type { Check } from "./diagnose.ts";
import { checkDisks } from "./disk.ts";
import { checkMemory } from "./memory.ts";
import { checkPlatform } from "./platform.ts";
import { checkTimeZone } from "./time-zone.ts";

/**
 * The looks at this host itself.
 *
 * @param paths Whose disks count.
 * @param timeZone The variable TZ.
 */
export function hostChecks(paths: () => readonly string[], timeZone: string | undefined): Check[] {
  const platform = () => ({
    kernel: release(),
    glibc: glibcVersion(),
    architecture: process.arch,
    cpuInfo: readFileSync("/proc/cpuinfo", "latin1"),
    mayRunCode: isCallable,
  });
  return [
    { name: "host", remedy: shell`uname -a`, run: () => checkPlatform(platform()) },
    {
      name: "memory",
      remedy: shell`free -m`,
      run: () => checkMemory(readFileSync("/proc/meminfo", "latin1")),
    },
    { name: "disk", remedy: shell`df -h`, run: () => checkDisks(paths()) },
    { name: "time zone", remedy: shell`ls -l /etc/localtime`, run: () => checkTimeZone(timeZone) },
  ];
}

/** Such as `2.17`. */
function glibcVersion(): string {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? "unknown";
}
