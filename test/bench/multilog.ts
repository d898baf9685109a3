/**
 * `bun test/bench/multilog.ts [MB]`: multilog and its filters beside daemontools' and s6-log, 300 MB of lines of 200 bytes
 * on tmpfs, in turns in one run. Aims: multilog 4 times djb's and 2.5 times s6-log's MB/s with less processor time than
 * either, at most 45 MB at its peak and 32 MB while it waits; the filters 4 times the originals; a line is in `current`
 * 5 ms after it was written, at the median.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { standIns } from "../support/stand-ins.ts";
import { numberedLines } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";
import { type Cost, measure, row } from "./measure.ts";

const ROUNDS = 5;
const LINE_BYTES = 200;
const megabytes = Number(process.argv[2] ?? 300);
const shared = mkdtempSync("/dev/shm/logship-bench-");
const programs = standIns("multilog", "tai64n", "tai64nlocal");
const ours = (name: string) => join(programs, name);
const theirs = (name: string) => Bun.which(name) ?? name;

const PATTERNS = ["-*", "+* ERROR *", "+*line 0*", "-*GET /health*", "+*.*"];

/** Each with the same work for the three programs; s6-log has regular expressions and its own order. */
const configurations: { name: string; script: string[]; s6: string[] }[] = [
  { name: "t ./d", script: ["t", "./d"], s6: ["n10", "s99999", "t", "./d"] },
  { name: "./d", script: ["./d"], s6: ["n10", "s99999", "./d"] },
  {
    name: "t s16777215 n50 ./d",
    script: ["t", "s16777215", "n50", "./d"],
    s6: ["n50", "s16777215", "t", "./d"],
  },
  {
    name: "five patterns",
    script: [...PATTERNS, "./d"],
    s6: ["n10", "s99999", "-", "+ ERROR ", "+line 0", "-GET /health", "+\\.", "./d"],
  },
  {
    name: "t and five patterns",
    script: ["t", ...PATTERNS, "./d"],
    s6: ["n10", "s99999", "-", "+ ERROR ", "+line 0", "-GET /health", "+\\.", "t", "./d"],
  },
];

function writeInput(): string {
  const path = join(shared, "input");
  const linesOfMegabyte = 1_000_000 / LINE_BYTES;
  for (let part = 0; part < megabytes; part++) {
    appendFileSync(path, numberedLines(linesOfMegabyte, LINE_BYTES, part * linesOfMegabyte));
  }
  return path;
}

const FROM_FILE = 'cd "$0" && rm -rf d && in=$1 && shift && exec "$@" <"$in" 2>/dev/null';
const FROM_PIPE = 'cd "$0" && rm -rf d && in=$1 && shift && exec "$@" < <(exec cat "$in") 2>/dev/null';

/** Medians of several rounds, in each of which every contender has its turn. */
async function race(
  shell: string,
  input: string,
  contenders: Record<string, string[]>,
): Promise<Record<string, Cost>> {
  const costs: Record<string, Cost[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(contenders)) {
      const cost = await measure(["bash", "-c", shell, shared, input, ...command], { TZ: zone }, 1);
      costs[name] = [...(costs[name] ?? []), cost];
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
  return Object.fromEntries(
    Object.entries(costs).map(([name, list]) => [
      name,
      {
        wallMs: median(list.map(({ wallMs }) => wallMs)),
        cpuMs: median(list.map(({ cpuMs }) => cpuMs)),
        peakMiB: median(list.map(({ peakMiB }) => peakMiB)),
      },
    ]),
  );
}

function report(name: string, size: number, costs: Record<string, Cost>): void {
  const our = costs.logship!;
  for (const [program, { wallMs, cpuMs, peakMiB }] of Object.entries(costs)) {
    row(
      program === "logship" ? name : "",
      program,
      (size / wallMs / 1000).toFixed(0),
      (wallMs / our.wallMs).toFixed(2),
      (cpuMs / 1000).toFixed(2),
      peakMiB.toFixed(1),
    );
  }
}

let zone = "UTC";
const input = writeInput();
const size = statSync(input).size;
const heads = ["program", "MB/s", "ours is times", "CPU s", "peak MiB"];

for (const [source, shell] of [
  ["from a file", FROM_FILE],
  ["from a pipe", FROM_PIPE],
] as const) {
  row(`multilog ${source}`, ...heads);
  for (const { name, script, s6 } of configurations) {
    const contenders = {
      logship: [ours("multilog"), ...script],
      daemontools: [theirs("multilog"), ...script],
      "s6-log": ["s6-log", ...s6],
    };
    report(name, size, await race(shell, input, contenders));
  }
}
rmSync(join(shared, "d"), { recursive: true, force: true });

row("filters to /dev/null", ...heads);
const filter = (name: string) => ({ logship: [ours(name)], daemontools: [theirs(name)] });
report("tai64n", size, await race(FROM_FILE, input, filter("tai64n")));
const labelled = join(shared, "labelled");
Bun.spawnSync(["sh", "-c", '"$0" <"$1" >"$2"', theirs("tai64n"), input, labelled]);
const labelledSize = statSync(labelled).size;
report("tai64nlocal, TZ=UTC", labelledSize, await race(FROM_FILE, labelled, filter("tai64nlocal")));
zone = "";
const withoutZone = FROM_FILE.replace("exec", "unset TZ && exec");
report("tai64nlocal, TZ not set", labelledSize, await race(withoutZone, labelled, filter("tai64nlocal")));

/** How long it takes from the write of a line until `current` has it, in ms. */
async function delays(count: number): Promise<{ delays: number[]; idleMiB: number; laterMiB: number }> {
  const directory = join(shared, "single");
  mkdirSync(directory);
  const fifo = join(directory, "fifo");
  Bun.spawnSync(["mkfifo", fifo]);
  const pipe = openSync(fifo, "r+");
  const child = Bun.spawn([ours("multilog"), "t", "./d"], { cwd: directory, stdin: pipe });
  const current = join(directory, "d/current");
  await until("current", () => existsSync(current));
  await Bun.sleep(500);
  const idleMiB = residentMiB(child.pid);
  const line = numberedLines(1, LINE_BYTES);
  const found: number[] = [];
  let before = fileKey(current);
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    writeSync(pipe, line);
    while (fileKey(current) === before);
    found.push(performance.now() - startedAt);
    before = fileKey(current);
  }
  const laterMiB = residentMiB(child.pid);
  child.kill("SIGTERM");
  await child.exited;
  closeSync(pipe);
  return { delays: found.sort((a, b) => a - b), idleMiB, laterMiB };
}

function fileKey(path: string): string {
  try {
    const { ino, size } = statSync(path);
    return `${ino} ${size}`;
  } catch {
    return ""; // between two names
  }
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}

const single = await delays(10_000);
const percentile = (part: number) => single.delays[Math.floor(single.delays.length * part)]!.toFixed(2);
row("10000 lines, one write each", "median ms", "99 % ms", "idle MiB", "afterwards MiB");
row("", percentile(0.5), percentile(0.99), single.idleMiB.toFixed(1), single.laterMiB.toFixed(1));
rmSync(shared, { recursive: true, force: true });
