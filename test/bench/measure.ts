import { temporaryDirectory } from "../support/run-directory.ts";

export interface Cost {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/**
 * A small parent, because the highest resident set that the kernel reports for a child begins with what its parent
 * had when it forked: Python's 12 MiB instead of the bench's own hundred.
 */
const PARENT = `
import json, os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
wall = time.monotonic() - start
print(json.dumps([os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
`;

/**
 * Runs a command some times and returns the medians.
 *
 * @throws Error if it exits with anything but 0
 */
export async function measure(
  command: readonly string[],
  env: Record<string, string> = {},
  times = 3,
): Promise<Cost> {
  const costs: Cost[] = [];
  for (let i = 0; i < times; i++) costs.push(await measureOnce(command, env));
  const median = (pick: (cost: Cost) => number) => costs.map(pick).toSorted((a, b) => a - b)[times >> 1]!;
  return {
    wallMs: median((cost) => cost.wallMs),
    cpuMs: median((cost) => cost.cpuMs),
    peakMiB: median((cost) => cost.peakMiB),
  };
}

async function measureOnce(command: readonly string[], env: Record<string, string>): Promise<Cost> {
  const child = Bun.spawn(["/usr/bin/python3", "-c", PARENT, ...command], {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: temporaryDirectory("home"),
      AWS_EC2_METADATA_DISABLED: "true",
      ...env,
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  const [exitCode, wall, cpu, peakKiB] = JSON.parse(await new Response(child.stdout).text()) as number[];
  if (exitCode !== 0) throw new Error(`${command.join(" ")} exited with ${exitCode}`);
  return { wallMs: wall! * 1000, cpuMs: cpu! * 1000, peakMiB: peakKiB! / 1024 };
}

/** One line of a table, its columns aligned. */
export function row(name: string, ...columns: string[]): void {
  process.stdout.write(`${name.padEnd(34)}${columns.map((column) => column.padStart(16)).join("")}\n`);
}
