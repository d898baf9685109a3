/** `npm start`: the main job once, against an S3 server of its own on loopback, and what it left in the bucket. */

import { rmSync } from "node:fs";
import { listObjects, listPieces, readObject } from "./support/bucket.ts";
import { run } from "./support/logship.ts";
import { runDirectory } from "./support/run-directory.ts";
import { environmentOf } from "./support/s3-server.ts";
import { startS3rver } from "./support/s3rver.ts";

const bucket = "203.0.113.7-logs";
const command = ["run", "--once", "--records", "20000", "--to", `s3://${bucket}`];
const say = (text: string) => process.stdout.write(`${text}\n`);

const server = await startS3rver();
try {
  say(`$ logship ${command.join(" ")}      # to an S3 server at ${server.endpoint}`);
  const { stdout, stderr, exitCode } = await run(command, { env: environmentOf(server) });
  process.stderr.write(stderr); // what it says before the first receipt
  process.stdout.write(stdout);
  process.exitCode = exitCode;
  if (exitCode === 0) await showBucket();
} finally {
  await server.stop();
  rmSync(runDirectory, { recursive: true, force: true });
}

async function showBucket(): Promise<void> {
  say(`\nIn s3://${bucket} now:`);
  for (const { key, size } of await listObjects(server, bucket)) say(`${String(size).padStart(9)}  ${key}`);
  const [first] = await listPieces(server, bucket);
  if (!first) return;
  say(`\nThe first records of ${first}:`);
  const text = (await readObject(server, bucket, first)).toString("utf8");
  say(text.split("\n", 3).join("\n"));
  say("\nThe server is gone, and its bucket with it. To go on, into a directory:");
  say("  dist/logship run --once --success --to file:///tmp/out");
  say("  dist/logship verify file:///tmp/out");
}
