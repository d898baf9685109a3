/** `bun test/bench/run.ts`: a million records to a server on loopback; what run needs of memory and processor time. */
import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { executable } from "../support/logship.ts";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { measure, row } from "./measure.ts";

const RECORDS = 1_000_000;
const server = await startS3rver();
const base = ["run", "--once", "--records", String(RECORDS)];

const runs: Record<string, string[]> = {
  "to S3": ["--to", `s3://${freshBucketName()}`],
  "to S3, --concurrency 16": ["--concurrency", "16", "--to", `s3://${freshBucketName()}`],
  "to S3, --gzip": ["--gzip", "--to", `s3://${freshBucketName()}`],
  "to S3, --format combined": ["--format", "combined", "--to", `s3://${freshBucketName()}`],
  "to a directory": ["--to", pathToFileURL(temporaryDirectory("target")).href],
};

row("run --once of a million records", "records/s", "CPU s", "peak RSS MiB");
for (const [name, options] of Object.entries(runs)) {
  const { wallMs, cpuMs, peakMiB } = await measure([executable, ...base, ...options], environmentOf(server));
  row(name, ((RECORDS * 1000) / wallMs).toFixed(0), (cpuMs / 1000).toFixed(2), peakMiB.toFixed(0));
}
await server.stop();
rmSync(runDirectory, { recursive: true, force: true });
