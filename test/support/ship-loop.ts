import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { listPieces, readObject } from "./bucket.ts";
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
import type { NumberedWriter } from "./log-writers.ts";
import type { Process } from "./logship.ts";
import type { ProxiedServer } from "./proxied-server.ts";
import { seededRandom } from "./random.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { freshBucketName } from "./servers.ts";

export interface Loop {
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly random: () => number;
  /** Starts the program anew. */
  start(): Process;
  /** True when all logs are known to logship. */
  isBegun(): boolean;
}

export const FAULTS = [
  slowDown,
  internalError,
  earlyError,
  resetInBody,
  lostAnswer,
  truncatedAnswer,
  silence,
];

/** After a longer while in which this process was not running, a log is not filled up all at once. */
const STALLED_MS = 500;

/**
 * Writes and rotates logs at random while logship ships them and is killed every 0.2 to 2 s. @returns how often it was
 * killed
 */
export async function runLoop(
  writers: readonly NumberedWriter[],
  { seconds, linesPerSecond, random, ...loop }: Loop,
) {
  // What is rotated before logship has seen it once is none of its business.
  for (const writer of writers) writer.write(1);
  const first = loop.start();
  await first.until("the first state", () => loop.isBegun(), 60_000);
  first.kill("SIGKILL");
  await first.result;
  const endMs = performance.now() + seconds * 1000;
  let kills = 0;
  const writing = Promise.all(
    writers.map(async (writer) => {
      let writtenMs = performance.now();
      let rotateMs = writtenMs + 300 + random() * 2000;
      while (performance.now() < endMs) {
        await Bun.sleep(5);
        const now = performance.now();
        const passedMs = Math.min(now - writtenMs, STALLED_MS);
        writer.write(Math.round((passedMs / 1000) * linesPerSecond));
        writtenMs = now;
        if (now < rotateMs) continue;
        const rotating = writer.rotate();
        // What a server writes while its log is renamed.
        if (writer.isBusyWhileRotated) writer.write(20);
        await rotating;
        rotateMs = performance.now() + 200 + random() * 3000;
      }
    }),
  );
  const killing = async () => {
    while (performance.now() < endMs) {
      const process = loop.start();
      // On a busy machine it may never get beyond its start otherwise, and multilog deletes what nobody has held.
      if (kills % 2 === 0) await process.until("its start", () => process.awaitsTerm());
      await Bun.sleep(200 + random() * 1800);
      process.kill("SIGKILL");
      await process.result;
      kills++;
    }
  };
  await Promise.all([writing, killing()]);
  for (const writer of writers) await writer.close();
  return kills;
}

/** Faults for a share of the requests. */
export function shakyServer(s3: ProxiedServer, random: () => number, share: number): void {
  s3.proxy.setPlan(atRandom(random, share, FAULTS));
}

/** The numbers that a bucket holds of a source, in the order of the keys. */
export async function storedNumbers(s3: ProxiedServer, bucket: string, source: string): Promise<number[]> {
  const name = source.replace(/^\//, "").replaceAll("_", "!5f").replaceAll("/", "_");
  const keys = (await listPieces(s3.server, bucket)).filter((key) => key.includes(`/source=${name}/`));
  const numbers: number[] = [];
  for (const key of keys) {
    const content = await readObject(s3.server, bucket, key);
    const text = (key.endsWith(".gz") ? gunzipSync(content) : content).toString("latin1");
    if (!text.endsWith("\n")) throw new Error(`${key} does not end at a line end`);
    for (const line of text.slice(0, -1).split("\n")) numbers.push(Number.parseInt(line, 10));
  }
  return numbers;
}

/** Every line exactly once, in order. */
export async function expectAll(
  s3: ProxiedServer,
  bucket: string,
  writers: readonly NumberedWriter[],
): Promise<void> {
  for (const { source, count } of writers) {
    const numbers = await storedNumbers(s3, bucket, source);
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
