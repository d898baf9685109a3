/** logship ship killed with -9 again and again, while logs are rotated and the server misbehaves: every line is there once. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { atRandom } from "../support/faults.ts";
import {
  CompressedLog,
  EmptiedLog,
  MultilogLog,
  type NumberedWriter,
  RenamedLog,
} from "../support/log-writers.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { freshBucketName } from "../support/servers.ts";
import { expectAll, FAULTS, runLoop } from "../support/ship-loop.ts";

const SECONDS = Number(process.env.LOGSHIP_LOOP_SECONDS ?? (process.env.CI === "true" ? 60 : 12));
const LINES_PER_SECOND = 20_000;

let s3: ProxiedServer;
beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

async function loop(subject: string, args: readonly string[]): Promise<void> {
  const random = seededRandom(subject);
  const bucket = freshBucketName();
  const directory = temporaryDirectory("loop");
  const writers: NumberedWriter[] = [
    new RenamedLog(`${directory}/renamed`, "access.log"),
    new EmptiedLog(`${directory}/emptied`, "access.log"),
    new MultilogLog(`${directory}/multilog`, 200_000),
    new CompressedLog(`${directory}/compressed`, "access.log"),
  ];
  const sources = writers.map(({ source }) => source);
  const options = [
    "--state",
    `${directory}/state`,
    "--host",
    "h",
    "--piece-bytes",
    "100k",
    "--max-age",
    "300ms",
    "--timeout",
    "1s",
    ...args,
  ];
  const faults = atRandom(random, 0.2, FAULTS);
  const messages: string[] = [];
  const kills = await runLoop(writers, {
    seconds: SECONDS,
    linesPerSecond: LINES_PER_SECOND / writers.length,
    random,
    isBegun: () => stateCount(`${directory}/state`) === writers.length,
    start: () => {
      const logship = s3.start("ship", bucket, [...options, ...sources], {}, faults);
      logship.result.then(({ stderr }) => messages.push(stderr));
      return logship;
    },
  });
  const last = await s3.logship("ship", bucket, [...options, "--once", ...sources]);
  process.stderr.write(`${kills} kills; ${messages.join("")}${last.stderr}`);
  expect(last.exitCode).toBe(0);
  await expectAll(s3, bucket, writers);
  expect(kills).toBeGreaterThan(SECONDS / 3);
}

function stateCount(directory: string): number {
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")).length : 0;
}

test(
  "each line is stored once and in order, however often ship is killed",
  () => loop("ship killed", []),
  900_000,
);

test(
  "each line is stored once and in order with --gzip as well",
  () => loop("ship --gzip killed", ["--gzip"]),
  900_000,
);
