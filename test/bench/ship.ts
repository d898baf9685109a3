/**
 * `bun test/bench/ship.ts [ROUNDS]`: a log of 1 GB shipped to an S3 server that forgets it, beside peers that upload the same
 * bytes, split beforehand; then what ship takes while nothing happens, and while a log grows.
 *
 * Aims: fewest processor seconds of all, at most 110 MB; idle with 20 logs at most 0.2 % of a core and 60 MB; with 5 MB/s at
 * most 10 % of a core.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { runDirectory } from "../support/run-directory.ts";
import { type Cost, measure, row } from "./measure.ts";
import { peerPath } from "./peer.ts";
import { startForgetfulServer } from "./stage.ts";

const LOG = "1G";
const MEGABYTES = 1024 * 1.048576;
const PIECE = "8M";
const IDLE_SOURCES = 20;
const IDLE_SECONDS = 60;
const STEADY_SECONDS = 20;
const STEADY_BYTES_PER_SECOND = 5_000_000;
const TICKS_PER_SECOND = 100;

const CREDENTIALS = {
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "k",
  AWS_SECRET_ACCESS_KEY: "s",
};

interface Place {
  readonly directory: string;
  readonly endpoint: string;
}

/** What stores a log of 1 GB, as its users would start it. Names of programs that are missing are empty. */
function contenders({ directory, endpoint }: Place): Record<string, string[]> {
  const [log, split, state] = ["access.log", "split", "state"].map((name) => join(directory, name));
  const remote = `:s3,provider=Other,env_auth=true,endpoint='${endpoint}':bucket`;
  const ship = [
    executable,
    "ship",
    "--once",
    "--piece-bytes",
    PIECE,
    "--to",
    "s3://bucket",
    "--state",
    state!,
  ];
  const anew = ["sh", "-c", 'rm -rf "$0" && exec "$@"', state!];
  return {
    "logship ship": [...anew, ...ship, log!],
    "s5cmd cp": [peerPath("s5cmd") ?? "", "--endpoint-url", endpoint, "cp", `${split}/`, "s3://bucket/"],
    "rclone copy": [peerPath("rclone") ?? "", "copy", "--config", "/dev/null", split!, remote],
    "aws s3 cp": [
      peerPath("aws") ?? "",
      "s3",
      "cp",
      "--endpoint-url",
      endpoint,
      "--recursive",
      split!,
      "s3://bucket/",
    ],
  };
}

async function wholeLog(place: Place, rounds: number): Promise<void> {
  const log = join(place.directory, "access.log");
  const generate = ["generate", "--format", "combined", "--seed", "1", "--start", "2017-01-12T14:36:56Z"];
  Bun.spawnSync([executable, ...generate, "--bytes", LOG], { stdout: Bun.file(log) });
  const split = join(place.directory, "split");
  mkdirSync(split);
  Bun.spawnSync([executable, "split", "--bytes", PIECE, log, `${split}/access.log.`]);
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(contenders(place))) {
      if (command[0] === "") continue;
      const cost = await measure(command, { ...CREDENTIALS, AWS_ENDPOINT_URL_S3: place.endpoint }, 1);
      await checkStored(place.endpoint, name, Bun.file(log).size);
      costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  row(`${LOG} of combined log in ${PIECE}`, "MB/s", "CPU s", "peak RSS MB");
  for (const name of Object.keys(contenders(place))) {
    const list = costs.get(name);
    if (!list) {
      row(name, "not installed");
      continue;
    }
    const median = (pick: (cost: Cost) => number) =>
      list.map(pick).toSorted((a, b) => a - b)[list.length >> 1]!;
    const speed = (MEGABYTES * 1000) / median(({ wallMs }) => wallMs);
    const cpuSeconds = median(({ cpuMs }) => cpuMs) / 1000;
    row(
      name,
      speed.toFixed(0),
      cpuSeconds.toFixed(2),
      (median(({ peakMiB }) => peakMiB) * 1.048576).toFixed(0),
    );
  }
}

async function checkStored(endpoint: string, name: string, wanted: number): Promise<void> {
  const { bytes } = (await (await fetch(`${endpoint}/.counts`)).json()) as { bytes: number };
  if (bytes !== wanted) throw new Error(`${name} stored ${bytes} bytes of ${wanted}`);
}

/** Runs ship for a while beside what writes its logs, and measures it after a start of five seconds. */
async function whileRunning(
  place: Place,
  name: string,
  logs: readonly string[],
  seconds: number,
  write: (forSeconds: number) => Promise<void>,
): Promise<void> {
  const state = join(place.directory, `${logs.length}-state`);
  const command = [executable, "ship", "--to", "s3://bucket", "--state", state, ...logs];
  const env = { ...process.env, ...CREDENTIALS, AWS_ENDPOINT_URL_S3: place.endpoint };
  const ship = Bun.spawn(command, { env, stdout: "ignore", stderr: "inherit" });
  try {
    await write(5);
    const before = cpuTicks(ship.pid);
    const startedMs = performance.now();
    await write(seconds);
    const ticks = cpuTicks(ship.pid) - before;
    const share = ticks / TICKS_PER_SECOND / ((performance.now() - startedMs) / 1000);
    row(
      name,
      `${(share * 100).toFixed(2)} %`,
      `${residentMB(ship.pid, "VmRSS").toFixed(0)}`,
      `${residentMB(ship.pid, "VmHWM").toFixed(0)}`,
    );
  } finally {
    ship.kill();
    await ship.exited;
  }
}

async function growing(log: string, forSeconds: number): Promise<void> {
  const line = `${"x".repeat(199)}\n`;
  const fd = openSync(log, "a");
  const startedMs = performance.now();
  for (let written = 0; written < forSeconds * STEADY_BYTES_PER_SECOND; ) {
    const due = ((performance.now() - startedMs) / 1000) * STEADY_BYTES_PER_SECOND;
    const lines = Math.floor((due - written) / line.length);
    if (lines > 0) written += writeSync(fd, line.repeat(lines));
    await Bun.sleep(20);
  }
  closeSync(fd);
}

/** User and system time of a process. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function residentMB(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return (Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]) * 1024) / 1e6;
}

export async function benchShip(rounds: number): Promise<void> {
  const directory = mkdtempSync("/dev/shm/logship-bench-ship-");
  const server = await startForgetfulServer();
  try {
    const place = { directory, endpoint: server.endpoint };
    await wholeLog(place, rounds);
    row("running", "of a core", "RSS MB", "peak RSS MB");
    const idle = Array.from({ length: IDLE_SOURCES }, (_, index) => join(directory, `idle-${index}.log`));
    for (const log of idle) writeFileSync(log, "a line\n".repeat(1000));
    await whileRunning(place, `idle, ${IDLE_SOURCES} logs`, idle, IDLE_SECONDS, (seconds) =>
      Bun.sleep(seconds * 1000),
    );
    const grown = join(directory, "grown.log");
    await whileRunning(place, "5 MB/s", [grown], STEADY_SECONDS, (seconds) => growing(grown, seconds));
  } finally {
    server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await benchShip(Number(process.argv[2] ?? 3));
  rmSync(runDirectory, { recursive: true, force: true });
}
