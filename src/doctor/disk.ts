import { type StatsFs, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { sizeText } from "../system/quantity-text.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, unseen, warning } from "./finding.ts";
import { deniedRemedy } from "./remedies.ts";

/** Less than this is nothing: one block of a log could not be written. */
const FULL_BYTES = 64 * 1024;
const SCARCE_BYTES = 128 * 1024 ** 2;
const SCARCE_INODES = 100;

/** The disks that hold these paths, or will hold them, each once. */
export function checkDisks(paths: readonly string[]): Finding[] {
  const seen = new Set<number>();
  return paths.map(existingParent).flatMap((path) => {
    try {
      const device = statSync(path).dev;
      if (seen.has(device)) return [];
      seen.add(device);
      return [disk(path, statfsSync(path))];
    } catch (error) {
      const remedy =
        errnoName(error) === "EACCES" ? deniedRemedy(shell`ls -ld ${path}`) : shell`df -h ${path}`;
      return [unseen("disk", `unable to look at ${path}: ${reasonOf(error)}`, remedy)];
    }
  });
}

function disk(path: string, { bavail, bsize, files, ffree }: StatsFs): Finding {
  const freeBytes = bavail * bsize;
  const space = `${sizeText(freeBytes)} free for ${path}`;
  const largest = shell`du -xh ${path} | sort -h | tail`;
  const most = shell`du -x --inodes ${path} | sort -n | tail`;
  if (freeBytes < FULL_BYTES) return failed("disk", `full: ${space}`, largest);
  // File systems without a fixed number of them have 0.
  if (files > 0 && ffree === 0) return failed("disk", `no inodes left for ${path}`, most);
  if (freeBytes < SCARCE_BYTES) return warning("disk", `only ${space}`, largest);
  if (files > 0 && ffree < SCARCE_INODES)
    return warning("disk", `only ${ffree} inodes left for ${path}`, most);
  return ok("disk", files > 0 ? `${space}, ${ffree} inodes` : space);
}

function existingParent(path: string): string {
  for (let parent = path; parent !== dirname(parent); parent = dirname(parent)) {
    try {
      statSync(parent);
      return parent;
    } catch (error) {
      if (!["ENOENT", "ENOTDIR"].includes(errnoName(error) ?? "")) return parent;
    }
  }
  return "/";
}
