import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { ServiceDirectory } from "../supervise/service-directory.ts";
import { executable } from "../support/logship.ts";
import { standIns } from "../support/stand-ins.ts";
import { numberedLines } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";
import { type Cost, measure } from "./measure.ts";
import type { Stage } from "./stage.ts";
import type { Budget, BudgetRows } from "./table.ts";

const ONE_CORE = ["taskset", "-c", "0"];
const STARTS = 15;
/** By then what runs often is compiled. */
const STEADY_AFTER_MS = 30_000;
const STEADY_MS = 30_000;
const BATCHES = 10_000;
const EARLY_BATCHES = 500;
const CLOCK_TICKS_PER_SECOND = 100;

const RATE_PROFILE =
  "waking up 50 times a second is near a half of it (100 times cost 2.7 %), making 1000 records less than a tenth of a percent; the rest is the engine's own housekeeping and, in the first minutes, its compiler";

/** What logship may need beside what else a small host does. */
export const budgets: BudgetRows = {
  "run --rate beside an idle multilog": smallHost,
  "run of many batches": manyBatches,
  "status, tail and --help": starts,
};

async function smallHost(stage: Stage): Promise<readonly Budget[]> {
  const env = await environmentOf(stage);
  const args = ["run", "--rate", "1000/s", "--interval", "0", "--records", "20000", "--to", "s3://bucket"];
  const child = Bun.spawn([...ONE_CORE, executable, ...args], { env, stdout: "ignore" });
  const logging = await idleMultilog(stage);
  await Bun.sleep(STEADY_AFTER_MS);
  const before = cpuSeconds(child.pid);
  await Bun.sleep(STEADY_MS);
  const share = (100 * (cpuSeconds(child.pid) - before) * 1000) / STEADY_MS;
  const peak = memoryMiB(child.pid, "VmHWM");
  child.kill("SIGTERM");
  await child.exited;
  const run = "`run --rate 1000/s`";
  return [
    { name: `${run}, share of the core`, measured: share, limit: 2, unit: "%", profile: RATE_PROFILE },
    { name: `${run}, peak memory`, measured: peak, limit: 85, unit: "MiB" },
    { name: "idle `multilog t ./d`, memory", measured: logging.idleMiB, limit: 30, unit: "MiB" },
    { name: "both together", measured: peak + logging.idleMiB, limit: 115, unit: "MiB" },
    {
      name: "from a line's write until `current` has it, median",
      measured: logging.delayMs,
      limit: 5,
      unit: "ms",
    },
  ];
}

/** Waiting for input; and how long it takes from the write of a line until `current` has it. */
async function idleMultilog(stage: Stage): Promise<{ idleMiB: number; delayMs: number }> {
  const fifo = join(stage.directory, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const pipe = openSync(fifo, "r+");
  const multilog = join(standIns("multilog"), "multilog");
  const child = Bun.spawn([...ONE_CORE, multilog, "t", "./idle"], { cwd: stage.directory, stdin: pipe });
  const current = join(stage.directory, "idle/current");
  await until("current", () => existsSync(current));
  await Bun.sleep(3000);
  const idleMiB = memoryMiB(child.pid, "VmRSS");
  const line = numberedLines(1, 200);
  const delays: number[] = [];
  for (let count = 1; count <= 400; count++) {
    const startedAt = performance.now();
    const before = Bun.file(current).size;
    writeSync(pipe, line);
    while (Bun.file(current).size === before);
    delays.push(performance.now() - startedAt);
  }
  child.kill("SIGTERM");
  await child.exited;
  closeSync(pipe);
  return { idleMiB, delayMs: delays.toSorted((a, b) => a - b)[delays.length >> 1]! };
}

async function manyBatches(stage: Stage): Promise<readonly Budget[]> {
  const env = await environmentOf(stage);
  const endless = ["--batches", String(BATCHES), "--interval", "0", "--records", "20"];
  const command = [...ONE_CORE, executable, "run", ...endless, "--to", "s3://bucket"];
  const child = Bun.spawn(command, { env, stdout: "pipe" });
  let pieces = 0;
  const early: number[] = [];
  const late: number[] = [];
  for await (const chunk of child.stdout) {
    for (const byte of chunk) if (byte === 0x0a) pieces++;
    // It goes up and down with the collector.
    if (Math.abs(pieces - EARLY_BATCHES) < 250) early.push(memoryMiB(child.pid, "VmRSS"));
    if (pieces > BATCHES - 500 && pieces < BATCHES) late.push(memoryMiB(child.pid, "VmRSS"));
  }
  if ((await child.exited) !== 0 || pieces < BATCHES) throw new Error(`run stored ${pieces} pieces`);
  return [
    {
      name: `\`run\`, memory at the end of ${BATCHES} batches (at most that after ${EARLY_BATCHES} and 5 %)`,
      measured: mean(late),
      limit: 1.05 * mean(early),
      unit: "MiB",
      profile:
        "it grows while the engine compiles what runs often, and has been flat since about batch 5000 in a run of that length",
    },
  ];
}

async function starts(stage: Stage): Promise<readonly Budget[]> {
  const commands: [string[], number][] = [
    [["status", "--services", supervisedServices(stage)], 25],
    [["tail", "-n", "10", logDirectory(stage)], 25],
    ...["run", "upload", "ship", "generate", "multilog"].map((name): [string[], number] => [
      [name, "--help"],
      40,
    ]),
  ];
  const other = await fastestStart(["/usr/bin/python3", "-c", "pass"]);
  const found: Budget[] = [];
  for (const [args, limit] of commands) {
    const { wallMs, cpuMs } = await fastestStart([executable, ...args]);
    const command = `\`${args.filter((arg) => !arg.startsWith("/")).join(" ")}\``;
    const name = `${command}, the fastest of ${STARTS} starts`;
    const profile = `${cpuMs.toFixed(0)} ms of it are its own processor time, on a core where the fastest \`python3 -c pass\` takes ${other.wallMs.toFixed(0)} ms`;
    found.push({ name, measured: wallMs, limit, unit: "ms", profile });
  }
  return found;
}

/** What else runs on the core makes a start longer by a multiple, and none shorter. */
async function fastestStart(command: readonly string[]): Promise<Cost> {
  const costs: Cost[] = [];
  for (let start = 0; start < STARTS; start++) costs.push(await measure([...ONE_CORE, ...command], {}, 1));
  return costs.toSorted((a, b) => a.wallMs - b.wallMs)[0]!;
}

function supervisedServices(stage: Stage): string {
  const services = join(stage.directory, "services");
  mkdirSync(services);
  for (let index = 0; index < 50; index++) {
    const service = new ServiceDirectory();
    service.supervised({ age: 5, pid: 7, want: "u" });
    writeFileSync(join(service.path, "run"), "");
    symlinkSync(service.path, join(services, `s${index}`));
  }
  return services;
}

function logDirectory(stage: Stage): string {
  const directory = join(stage.directory, "log");
  mkdirSync(directory);
  const label = (index: number) => `@4000000058779e${index.toString(16).padStart(2, "0")}00000000`;
  for (let index = 0; index < 100; index++) {
    const lines = `${label(index)} ${"x".repeat(73)}\n`.repeat(10_000);
    writeFileSync(join(directory, index < 99 ? `${label(index)}.s` : "current"), lines);
  }
  return directory;
}

async function environmentOf(stage: Stage): Promise<Record<string, string>> {
  const endpoint = await stage.startServer("http");
  return { PATH: process.env.PATH!, HOME: stage.directory, ...stage.environment(endpoint) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

function memoryMiB(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}
