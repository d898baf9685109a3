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
import { measure } from "./measure.ts";
import type { Stage } from "./stage.ts";
import type { Table } from "./table.ts";

const ONE_CORE = ["taskset", "-c", "0"];
const STARTS = 15;
/** By then what runs often is compiled. */
const STEADY_AFTER_MS = 30_000;
const STEADY_MS = 30_000;
const BATCHES = 10_000;
const EARLY_BATCHES = 500;
const CLOCK_TICKS_PER_SECOND = 100;

/** What logship may need beside what else a small host does. */
export async function budgets(table: Table, stage: Stage): Promise<void> {
  const endpoint = await stage.startServer("http");
  const env = { PATH: process.env.PATH!, HOME: stage.directory, ...stage.environment(endpoint) };
  const running = await steadyRun(table, env);
  const logging = await idleMultilog(table, stage);
  const limits = { name: "`run --rate 1000/s` and `multilog` together", limit: "115 MiB" };
  table.budget({ ...limits, figure: `${(running + logging).toFixed(0)} MiB` });
  await manyBatches(table, env);
  await starts(table, stage);
}

async function steadyRun(table: Table, env: Record<string, string>): Promise<number> {
  const args = ["run", "--rate", "1000/s", "--interval", "0", "--records", "20000", "--to", "s3://bucket"];
  const child = Bun.spawn([...ONE_CORE, executable, ...args], { env, stdout: "ignore" });
  await Bun.sleep(STEADY_AFTER_MS);
  const before = cpuSeconds(child.pid);
  await Bun.sleep(STEADY_MS);
  const share = ((cpuSeconds(child.pid) - before) * 1000) / STEADY_MS;
  const peak = memoryMiB(child.pid, "VmHWM");
  child.kill("SIGTERM");
  await child.exited;
  const name = "`run --rate 1000/s`";
  table.budget({ name: `${name}, share of the core`, figure: `${(100 * share).toFixed(1)} %`, limit: "2 %" });
  table.budget({ name: `${name}, peak memory`, figure: `${peak.toFixed(0)} MiB`, limit: "85 MiB" });
  return peak;
}

/** Waiting for input; and how long it takes from the write of a line until `current` has it. */
async function idleMultilog(table: Table, stage: Stage): Promise<number> {
  const fifo = join(stage.directory, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const pipe = openSync(fifo, "r+");
  const multilog = join(standIns("multilog"), "multilog");
  const child = Bun.spawn([...ONE_CORE, multilog, "t", "./idle"], { cwd: stage.directory, stdin: pipe });
  const current = join(stage.directory, "idle/current");
  await until("current", () => existsSync(current));
  await Bun.sleep(3000);
  const idle = memoryMiB(child.pid, "VmRSS");
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
  const delay = delays.toSorted((a, b) => a - b)[delays.length >> 1]!;
  table.budget({ name: "idle `multilog t ./d`", figure: `${idle.toFixed(0)} MiB`, limit: "30 MiB" });
  table.budget({ name: "a line is in `current`, median", figure: `${delay.toFixed(2)} ms`, limit: "5 ms" });
  return idle;
}

async function manyBatches(table: Table, env: Record<string, string>): Promise<void> {
  const args = [
    "run",
    "--batches",
    String(BATCHES),
    "--interval",
    "0",
    "--records",
    "20",
    "--to",
    "s3://bucket",
  ];
  const child = Bun.spawn([...ONE_CORE, executable, ...args], { env, stdout: "pipe" });
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
  table.budget({
    name: `memory at the end of ${BATCHES} batches; at batch ${EARLY_BATCHES} it was ${mean(early).toFixed(0)} MiB`,
    figure: `${mean(late).toFixed(0)} MiB`,
    limit: `${(1.05 * mean(early)).toFixed(0)} MiB`,
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function starts(table: Table, stage: Stage): Promise<void> {
  const services = join(stage.directory, "services");
  mkdirSync(services);
  for (let index = 0; index < 50; index++) {
    const service = new ServiceDirectory();
    service.supervised({ age: 5, pid: 7, want: "u" });
    writeFileSync(join(service.path, "run"), "");
    symlinkSync(service.path, join(services, `s${index}`));
  }
  const log = join(stage.directory, "log");
  mkdirSync(log);
  const label = (index: number) => `@4000000058779e${index.toString(16).padStart(2, "0")}00000000`;
  for (let index = 0; index < 100; index++) {
    const lines = `${label(index)} ${"x".repeat(73)}\n`.repeat(10_000);
    writeFileSync(join(log, index < 99 ? `${label(index)}.s` : "current"), lines);
  }
  const commands: [string[], string][] = [
    [["status", "--services", services], "25 ms"],
    [["tail", "-n", "10", log], "25 ms"],
    ...["run", "upload", "generate", "multilog"].map((name): [string[], string] => [
      [name, "--help"],
      "40 ms",
    ]),
  ];
  for (const [args, limit] of commands) {
    const { wallMs, cpuMs } = await measure([...ONE_CORE, executable, ...args], {}, STARTS);
    const name = `\`${args.filter((arg) => !arg.startsWith("/")).join(" ")}\``;
    table.budget({ name, figure: `${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of the processor`, limit });
  }
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

function memoryMiB(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}
