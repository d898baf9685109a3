/** Logs that are written and rotated while logship is killed, and what of them is stored. */
import { gunzipSync } from "node:zlib";
import { listPieces, readObject } from "./bucket.ts";
import type { NumberedWriter } from "./log-writers.ts";
import type { Process } from "./logship.ts";
import type { S3Server } from "./s3-server.ts";

export interface Loop {
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly random: () => number;
  /** Starts the program anew. */
  start(): Process;
  /** True when all logs are known to logship. */
  isBegun(): boolean;
}

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

/** The numbers that a bucket holds of a source, in the order of the keys. */
export async function storedNumbers(server: S3Server, bucket: string, source: string): Promise<number[]> {
  const name = source.replace(/^\//, "").replaceAll("_", "!5f").replaceAll("/", "_");
  const keys = (await listPieces(server, bucket)).filter((key) => key.includes(`/source=${name}/`));
  const numbers: number[] = [];
  for (const key of keys) {
    const content = await readObject(server, bucket, key);
    const text = (key.endsWith(".gz") ? gunzipSync(content) : content).toString("latin1");
    if (!text.endsWith("\n")) throw new Error(`${key} does not end at a line end`);
    for (const line of text.slice(0, -1).split("\n")) numbers.push(Number.parseInt(line, 10));
  }
  return numbers;
}
