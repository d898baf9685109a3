import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import {
  atRandom,
  earlyError,
  internalError,
  lostAnswer,
  resetInBody,
  silence,
  slowDown,
  truncatedAnswer,
} from "./faults.ts";
import { runLoop, storedNumbers } from "./kill-loop.ts";
import type { NumberedWriter } from "./log-writers.ts";
import type { ProxiedServer } from "./proxied-server.ts";
import { seededRandom } from "./random.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { freshBucketName } from "./servers.ts";

export const FAULTS = [
  slowDown,
  internalError,
  earlyError,
  resetInBody,
  lostAnswer,
  truncatedAnswer,
  silence,
];

/** Faults for a share of the requests. */
export function shakyServer(s3: ProxiedServer, random: () => number, share: number): void {
  s3.proxy.setPlan(atRandom(random, share, FAULTS));
}

/** Every line exactly once, in order. */
export async function expectAll(
  s3: ProxiedServer,
  bucket: string,
  writers: readonly NumberedWriter[],
): Promise<void> {
  for (const { source, count } of writers) {
    const numbers = await storedNumbers(s3.server, bucket, source);
    const wrong = numbers.findIndex((number, index) => number !== index);
    const around = wrong < 0 ? [] : numbers.slice(Math.max(0, wrong - 2), wrong + 3);
    expect({ source, wrong, around, stored: numbers.length }).toEqual({
      source,
      wrong: -1,
      around: [],
      stored: count,
    });
  }
}

export const LOOP_SECONDS = Number(process.env.LOGSHIP_LOOP_SECONDS ?? (process.env.CI === "true" ? 60 : 12));
const LINES_PER_SECOND = 20_000;

/** What happens to the directory of the states while logship is killed again and again. */
export type Disturbance = (stateDirectory: string, random: () => number, endMs: number) => Promise<void>;

/** Ships logs that are written and rotated at random to a server that misbehaves, is killed all the time, and loses no line. */
export async function shipKilled(
  s3: ProxiedServer,
  subject: string,
  writersIn: (directory: string) => NumberedWriter[],
  args: readonly string[] = [],
  disturb: Disturbance = async () => {},
  seconds = LOOP_SECONDS,
): Promise<void> {
  const random = seededRandom(subject);
  const bucket = freshBucketName();
  const directory = temporaryDirectory("loop");
  const state = `${directory}/state`;
  const writers = writersIn(directory);
  const sources = writers.map(({ source }) => source);
  const pieces = ["--piece-bytes", "100k", "--max-age", "300ms", "--timeout", "1s"];
  const options = ["--state", state, "--host", "h", ...pieces, ...args];
  const faults = atRandom(random, 0.2, FAULTS);
  const messages: string[] = [];
  const endMs = performance.now() + seconds * 1000;
  const disturbing = disturb(state, random, endMs);
  const kills = await runLoop(writers, {
    seconds,
    linesPerSecond: LINES_PER_SECOND / writers.length,
    random,
    isBegun: () => stateCount(state) === writers.length,
    start: () => {
      const logship = s3.start("ship", bucket, [...options, ...sources], {}, faults);
      logship.result.then(({ stderr }) => messages.push(stderr));
      return logship;
    },
  });
  await disturbing;
  const last = await s3.logship("ship", bucket, [...options, "--once", ...sources]);
  process.stderr.write(`${kills} kills; ${messages.join("")}${last.stderr}`);
  expect(last.exitCode).toBe(0);
  await expectAll(s3, bucket, writers);
  expect(kills).toBeGreaterThan(seconds / 3);
}

function stateCount(directory: string): number {
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")).length : 0;
}
