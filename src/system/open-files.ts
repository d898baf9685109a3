import { readFileSync } from "node:fs";

/** How many files this process may have open at once; Infinity if that is not known, or not limited. */
export function openFilesLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
