import { formatLabel } from "../../src/tai64n/label.ts";
import { temporaryDirectory } from "./run-directory.ts";

/** A small disk of its own; `using` takes it away again. */
export interface Mounted {
  readonly path: string;
  [Symbol.dispose](): void;
}

/** Mounts a tmpfs, which needs root. @param options Such as `size=1m`. */
export function mountTmpfs(options: string, path = temporaryDirectory("disk")): Mounted {
  const { exitCode, stderr } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]);
  if (exitCode !== 0) throw new Error(`mount: ${stderr}`);
  return { path, [Symbol.dispose]: () => void Bun.spawnSync(["umount", "-l", path]) };
}

/** The label of a moment so many seconds ago. */
export function labelOf(secondsAgo: number): string {
  return formatLabel({ unixSeconds: Math.floor(Date.now() / 1000) - secondsAgo, nanoseconds: 0 });
}
