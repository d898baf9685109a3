/**
 * `ship` with its state on a disk, beside an earlier build if LOGSHIP_BENCH_EARLIER names one: many small logs, where the state
 * is most of the work, and one large log.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { numberedLines } from "../support/stored-lines.ts";
import { measure } from "./measure.ts";
import { type Stage, sentTo } from "./stage.ts";
import type { BudgetRows, Contender, Rows } from "./table.ts";

const MANY_LOGS = 3000;
const FEW_LOGS = 60;
const LARGE_MEGABYTES = 1000;
/** Of earlier states nothing is left, and as many files may be open as the host allows. */
const ANEW = 'ulimit -n "$(ulimit -Hn)" && rm -rf "$0" && exec "$@"';

const EARLIER = process.env.LOGSHIP_BENCH_EARLIER;

export const shipping: Rows = {
  [`ship ${MANY_LOGS} new logs, state on disk`]: async (stage) => {
    const endpoint = await stage.startServer("http");
    return {
      amount: MANY_LOGS,
      unit: "objects/s",
      env: stage.environment(endpoint),
      contenders: builds((program) => shipOnce(program, smallLogs(stage, MANY_LOGS)), { wall: 3 }),
      check: async (contender) => {
        const { objects } = await sentTo(endpoint);
        if (objects !== MANY_LOGS) throw new Error(`${contender} stored ${objects} objects`);
      },
    };
  },
  [`ship ${LARGE_MEGABYTES} MB in pieces of 8 MiB, state on disk`]: async (stage) => {
    const endpoint = await stage.startServer("http");
    const log = stage.lines(LARGE_MEGABYTES, 100);
    return {
      amount: LARGE_MEGABYTES,
      unit: "MB/s",
      env: stage.environment(endpoint),
      contenders: builds((program) => shipOnce(program, log), { wall: 1.3 }),
    };
  },
};

export const shippingBudgets: BudgetRows = {
  [`ship ${FEW_LOGS} new logs: fsyncs`]: async (stage) => {
    const endpoint = await stage.startServer("http");
    const counts = new Map<string, number>();
    for (const { name, command } of builds((program) => shipOnce(program, smallLogs(stage, FEW_LOGS)))) {
      const trace = join(stage.directory, "trace");
      const under = [
        "strace",
        "-f",
        "-qq",
        "-o",
        trace,
        "-e",
        "trace=fsync,fdatasync,syncfs,sync_file_range",
      ];
      await measure([...under, ...command!], stage.environment(endpoint), 1);
      counts.set(name, (readFileSync(trace, "utf8").match(/(?:sync|sync_file_range)\(/g) ?? []).length);
    }
    // Six of each log by the first build that was measured.
    const [, earlier = 6 * FEW_LOGS] = counts.values();
    const measured = counts.values().next().value!;
    const name = `\`ship --once\` of ${FEW_LOGS} new logs to S3, fsyncs`;
    return [{ name, measured, limit: Math.ceil(0.34 * earlier), unit: "calls" }];
  },
};

function builds(
  commandOf: (program: string) => readonly string[],
  aim: NonNullable<Contender["aim"]> = {},
): Contender[] {
  const ours = { name: "logship ship", command: commandOf(executable) };
  return EARLIER ? [ours, { name: "an earlier build", command: commandOf(EARLIER), aim }] : [ours];
}

function shipOnce(program: string, logs: string): string[] {
  const options = ["--once", "--quiet", "--host", "h", "--state", stateDirectory(), "--to", "s3://bucket"];
  return ["bash", "-c", ANEW, stateDirectory(), program, "ship", ...options, logs];
}

let made: string | undefined;

/** On the disk of temporary files, as the stage is none. */
function stateDirectory(): string {
  if (made === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "logship-bench-state-"));
    process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
    made = join(directory, "state");
  }
  return made;
}

/** @returns the pattern of so many logs of two lines */
function smallLogs(stage: Stage, count: number): string {
  const directory = join(stage.directory, "logs");
  mkdirSync(directory, { recursive: true });
  for (let index = 0; index < count; index++)
    writeFileSync(join(directory, `a${index}.log`), numberedLines(2, 20));
  return `${directory}/*.log`;
}
