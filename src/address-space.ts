/**
 * Where the address space is limited (`ulimit -v` and `-d`, `softlimit -a`, `-d` and `-m`), the runtime finds no room for the gigabytes
 * that it reserves, and then makes no calls of the C library, which multilog and ship need, or ends. The program is
 * started anew there, in the same process and before it has done anything, with reserves that are as large as it needs.
 */
import { readFileSync } from "node:fs";

const RESERVES: Readonly<Record<string, string>> = {
  BUN_JSC_jitMemoryReservationSize: String(32 * 1024 * 1024),
  BUN_JSC_structureHeapSizeInKB: String(64 * 1024),
  MIMALLOC_ARENA_RESERVE: "64MiB",
};

const names = Object.keys(RESERVES);
const { env } = process;

/** True in the program that was started anew: `process.env` is then not what it was started with. */
export const isStartedAnew = names.every((name) => env[name] === RESERVES[name]);

if (isStartedAnew) {
  for (const name of names) delete env[name]; // not for the programs that this one runs
} else if (isLimited() && isText(process.argv) && isText(Object.values(env))) {
  process.execve?.(process.execPath, [process.argv0, ...process.argv.slice(2)], { ...env, ...RESERVES });
}

function isLimited(): boolean {
  try {
    return /^Max (address space|data size) +\d/m.test(readFileSync("/proc/self/limits", "latin1"));
  } catch {
    return false;
  }
}

/** Bytes that are not UTF-8 would not arrive as they are. */
function isText(words: readonly (string | undefined)[]): boolean {
  return !words.some((word) => word?.includes("\ufffd"));
}
