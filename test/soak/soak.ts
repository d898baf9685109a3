/**
 * `npm run soak -- --hours 24` (or `--minutes 1`): logship on a small host for so long. Ends with 1 if anything grows.
 *
 *   --output DIR    where samples.jsonl, soak.svg and figures.md come to be (default: dist/soak)
 *   --judge DIR     soaks nothing, and judges and draws again what is in DIR, of a soak that is still under way too
 *   --publish DIR   soaks nothing, and puts picture and figures of what is in DIR into test/
 *
 * INT and TERM end it early; what it has sampled until then is judged.
 */
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { dist } from "../../src/build/project.ts";
import { executable } from "../support/logship.ts";
import { isSharedRun, runDirectory } from "../support/run-directory.ts";
import { troublesOf } from "./judge.ts";
import { durationOf } from "./picture.ts";
import { publish, writeReport } from "./report.ts";
import { type Line, readSoak } from "./samples.ts";
import { SmallHost } from "./small-host.ts";

const SAMPLES = "samples.jsonl";

const { values } = parseArgs({
  options: {
    hours: { type: "string" },
    minutes: { type: "string" },
    output: { type: "string", default: join(dist, "soak") },
    judge: { type: "string" },
    publish: { type: "string" },
  },
});

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`soak: fatal: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  if (!isSharedRun) rmSync(runDirectory, { recursive: true, force: true });
}

/** @returns the exit code */
async function main(): Promise<number> {
  if (values.publish) {
    publish(readSoak(join(resolve(values.publish), SAMPLES)));
    return 0;
  }
  if (values.judge) return report(resolve(values.judge));
  const seconds = Number(values.hours ?? 0) * 3600 + Number(values.minutes ?? 0) * 60;
  if (!(seconds > 0)) {
    process.stderr.write("soak: fatal: unable to soak: --hours or --minutes is missing\n");
    return 100;
  }
  const output = resolve(values.output);
  mkdirSync(output, { recursive: true });
  const path = join(output, SAMPLES);
  rmSync(path, { force: true });
  await soak(seconds, (line) => appendFileSync(path, `${JSON.stringify(line)}\n`));
  return report(output);
}

/** @returns the exit code: 1 if anything is wrong with the soak in a directory */
function report(directory: string): number {
  const soaked = readSoak(join(directory, SAMPLES));
  writeReport(soaked, directory);
  const troubles = troublesOf(soaked);
  for (const trouble of troubles) process.stdout.write(`soak: ${trouble}\n`);
  process.stdout.write(`soak: ${troubles.length === 0 ? "nothing grows" : "failed"}, see ${directory}\n`);
  return troubles.length === 0 ? 0 : 1;
}

async function soak(seconds: number, keep: (line: Line) => void): Promise<void> {
  /** Some 240 samples, at least one a minute; a person looks, and the log is rotated, each minute, or some thirty times. */
  const pauseSeconds = Math.min(60, Math.max(1, seconds / 240));
  const minuteSeconds = Math.min(60, Math.max(pauseSeconds, seconds / 30));
  await using host = new SmallHost();
  process.stdout.write(`soak: ${durationOf(seconds)}, ${host.limits.text}\n`);
  keep({ conditions: conditionsOf(host) });
  await host.start();
  const startedAt = performance.now();
  let minutes = 0;
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed >= seconds || interrupted.signal.aborted) break;
    const isNewMinute = elapsed >= minutes * minuteSeconds;
    if (isNewMinute) minutes++;
    keep({ sample: await host.sample(elapsed, isNewMinute) });
    if (isNewMinute) host.rotate();
    await pause(Math.min(pauseSeconds, seconds - elapsed));
  }
  keep({ work: await host.finish() });
}

/** Ends early if it is interrupted. */
function pause(seconds: number): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  interrupted.signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

function conditionsOf(host: SmallHost) {
  const version = Bun.spawnSync([executable, "--version"]).stdout.toString().trim();
  const kernel = Bun.spawnSync(["uname", "-sr"]).stdout.toString().trim();
  return {
    startedAt: new Date().toISOString(),
    host: `${cpus().length} x ${cpus()[0]?.model}, ${kernel}`,
    version,
    limits: host.limits.text,
    ...(host.mostMemoryBytes !== undefined && { mostMemoryBytes: host.mostMemoryBytes }),
  };
}
