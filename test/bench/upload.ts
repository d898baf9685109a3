/** `bun test/bench/upload.ts`: 1000 pieces of 100 KB to a server on loopback, beside the AWS CLI in the same run. */
import { rmSync } from "node:fs";
import { createBucket, listPieces } from "../support/bucket.ts";
import { executable } from "../support/logship.ts";
import { directoryOfRecords } from "../support/records.ts";
import { runDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { measure, row } from "./measure.ts";

const FILES = 1000;
const { path } = directoryOfRecords({ files: FILES, recordsPerFile: 1000 });
const server = await startS3rver();

const commands: Record<string, (bucket: string) => string[]> = {
  "logship upload --concurrency 4": (bucket) => [executable, "upload", "--to", `s3://${bucket}`, path],
  "logship upload --concurrency 16": (bucket) => [
    executable,
    "upload",
    "--concurrency",
    "16",
    "--to",
    `s3://${bucket}`,
    path,
  ],
  "aws s3 cp --recursive (10 at a time)": (bucket) => [
    "aws",
    "s3",
    "cp",
    "--recursive",
    path,
    `s3://${bucket}/`,
  ],
};

row(`${FILES} files of 100 KB`, "objects/s", "CPU s per 1000", "peak RSS MiB");
for (const [name, command] of Object.entries(commands)) {
  const bucket = freshBucketName();
  await createBucket(server, bucket);
  const args = command(bucket);
  if (Bun.which(args[0]!) === null) {
    row(name, "not installed");
    continue;
  }
  const { wallMs, cpuMs, peakMiB } = await measure(args, environmentOf(server));
  const stored = (await listPieces(server, bucket)).length;
  if (stored !== FILES) throw new Error(`${name} stored ${stored} objects`);
  row(name, ((FILES * 1000) / wallMs).toFixed(0), (cpuMs / FILES).toFixed(2), peakMiB.toFixed(0));
}
await server.stop();
rmSync(runDirectory, { recursive: true, force: true });
