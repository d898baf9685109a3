/** The limits of a small host, as far as this one can set them. */
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/until.ts";

const ROOT = "/sys/fs/cgroup";
/** Where the limit on memory is, in version 1 and in version 2 of cgroups (Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst). */
const VERSIONS = [
  { name: "cgroup v1", parent: join(ROOT, "memory"), limit: "memory.limit_in_bytes" },
  { name: "cgroup v2", parent: ROOT, limit: "memory.max" },
];

export interface Limits {
  /** What to start a program with, so that it and all that it starts are held. */
  readonly under: readonly string[];
  /** What holds it, in words. */
  readonly text: string;
  /** Undefined where the kernel holds nothing: then the samples are held against it. */
  readonly isMemoryHeld: boolean;
  /** To be called when all that was started has ended. */
  remove(): Promise<void>;
}

/** One core, where taskset is, and so much memory, where a cgroup can be made: as root. */
export function limitsOf(memoryBytes: number): Limits {
  const core = Bun.which("taskset") ? ["taskset", "-c", "0"] : [];
  const coreText = core.length > 0 ? "one core by taskset" : "all cores (there is no taskset)";
  const megabytes = `${memoryBytes / 1e6} MB`;
  const group = makeGroup(memoryBytes);
  if (!group)
    return {
      under: core,
      text: `${coreText}, memory not limited (no cgroup can be made here) but held against ${megabytes}`,
      isMemoryHeld: false,
      remove: async () => {},
    };
  const enter = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', group.directory];
  return {
    under: [...enter, ...core],
    text: `${coreText}, ${megabytes} by ${group.name}`,
    isMemoryHeld: true,
    remove: () => until("the end of all that was limited", () => isRemoved(group.directory)).then(() => {}),
  };
}

function makeGroup(memoryBytes: number): { readonly name: string; readonly directory: string } | undefined {
  for (const { name, parent, limit } of VERSIONS) {
    const directory = join(parent, `logship-soak-${process.pid}`);
    try {
      mkdirSync(directory);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(directory, limit), String(memoryBytes), { flag: "r+" }); // which makes no file where there is none
      return { name, directory };
    } catch {
      rmdirSync(directory);
    }
  }
  return undefined;
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
