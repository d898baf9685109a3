import { type ShellCommand, shell } from "../system/shell-command.ts";
import { type Finding, failed, ok } from "./finding.ts";

/** What the executable was made for; both are those of RHEL 7. */
const OLDEST_KERNEL = "3.10";
const OLDEST_GLIBC = "2.17";
/** What every x64 processor since 2009 has; more is used where it is there. */
const NEEDED_FLAGS = ["sse4_2", "popcnt"];

export interface Platform {
  /** As uname gives it: `3.10.0-514.el7.x86_64`. */
  readonly kernel: string;
  readonly glibc: string;
  readonly architecture: string;
  /** The text of /proc/cpuinfo. */
  readonly cpuInfo: string;
  /** Whether the functions of the C library can be called, for which the runtime needs memory that can be executed. */
  readonly mayRunCode: boolean;
}

/** Kernel, C library, processor, and what a process may do here. */
export function checkPlatform({ kernel, glibc, architecture, cpuInfo, mayRunCode }: Platform): Finding[] {
  return [
    checkVersion("kernel", kernel, OLDEST_KERNEL, shell`uname -r`),
    checkVersion("glibc", glibc, OLDEST_GLIBC, shell`ldd --version`),
    checkProcessor(architecture, cpuInfo),
    checkCodeMemory(mayRunCode),
  ];
}

function checkCodeMemory(mayRunCode: boolean): Finding {
  if (mayRunCode) return ok("code memory", "may be made executable");
  const text = "may not be made executable here, which multilog, ship and setup need, and all else is slow";
  return failed("code memory", text, shell`systemctl show --property MemoryDenyWriteExecute daemontools`);
}

function checkVersion(check: string, version: string, oldest: string, remedy: ShellCommand): Finding {
  if (isAtLeast(version, oldest)) return ok(check, `${version}, supported from ${oldest} on`);
  return failed(check, `${version} is older than ${oldest}, the oldest that logship is made for`, remedy);
}

function checkProcessor(architecture: string, cpuInfo: string): Finding {
  if (architecture !== "x64") return ok("processor", architecture);
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(" "));
  const missing = NEEDED_FLAGS.filter((flag) => !flags.has(flag));
  if (missing.length > 0)
    return failed("processor", `x64 without ${missing.join(" and ")}, which logship needs`, shell`lscpu`);
  const more = ["avx", "avx2"].filter((flag) => flags.has(flag));
  return ok("processor", ["x64", ...NEEDED_FLAGS, ...more].join(" "));
}

/** Compares the numbers that versions begin with. */
function isAtLeast(version: string, oldest: string): boolean {
  const numbers = (text: string) => (/^\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
  const [found, needed] = [numbers(version), numbers(oldest)];
  const index = needed.findIndex((number, i) => number !== (found[i] ?? 0));
  return index === -1 || (found[index] ?? 0) > needed[index]!;
}
