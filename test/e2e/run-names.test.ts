/** Runs that begin in the same second: each has a batch of its own, whatever the destination. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listPieces, readAll } from "../support/bucket.ts";
import { run } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName, serverKinds } from "../support/servers.ts";

const RUNS = 6;
const gateway = serverKinds.find(({ name }) => name.includes("RADOS"))!;

function runsAtOnce(to: string, env: Record<string, string> = {}) {
  const one = () => run(["run", "--once", "--records", "5", "--to", to], { env });
  return Promise.all(Array.from({ length: RUNS }, one));
}

test("runs that begin in the same second do not overwrite each other in a directory", async () => {
  const directory = temporaryDirectory("same-second");
  for (const { exitCode } of await runsAtOnce(pathToFileURL(directory).href)) expect(exitCode).toBe(0);
  const batches = readdirSync(directory);
  expect(batches).toHaveLength(RUNS);
  for (const batch of batches) {
    expect(readFileSync(join(directory, batch, `${batch}.log.aa`), "utf8").split("\n")).toHaveLength(6);
  }
});

test.skipIf(!gateway.isInstalled)(
  "runs that begin in the same second do not overwrite each other in a bucket",
  async () => {
    const server = await gateway.start();
    const bucket = freshBucketName();
    const env = environmentOf(server);
    await run(["run", "--once", "--records", "1", "--to", `s3://${bucket}`], { env });
    for (const { exitCode } of await runsAtOnce(`s3://${bucket}`, env)) expect(exitCode).toBe(0);
    expect(await listPieces(server, bucket)).toHaveLength(RUNS + 1);
    expect((await readAll(server, bucket)).toString().split("\n")).toHaveLength(RUNS * 5 + 2);
    await server.stop();
  },
  600_000,
);
