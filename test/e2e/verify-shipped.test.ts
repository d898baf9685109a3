/** What ship has stored: verify finds what is missing, double or damaged, and compares with the files that are there. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { bucketInMemory, startMemoryS3 } from "../support/memory-s3.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { type KeptObject, keptObjects } from "../support/stored-batch.ts";

let whole: KeptObject[];
let stop: () => Promise<void>;
let log: string;

/** Two generations: a log that was rotated away, of five pieces, and the one after it, of one. */
beforeAll(async () => {
  const server = await startS3rver();
  stop = server.stop;
  const [work, bucket] = [temporaryDirectory("work"), freshBucketName()];
  log = join(work, "access.log");
  const ship = async () => {
    const args = ["ship", "--once", "--state", join(work, "state"), "--piece-bytes", "20k"];
    const result = await run([...args, "--to", `s3://${bucket}`, log], { env: environmentOf(server) });
    expect(result.exitCode).toBe(0);
  };
  writeFileSync(log, (await run(["generate", "--seed", "7", "--start", "0", "--bytes", "90k"])).stdout);
  await ship();
  renameSync(log, `${log}.1`);
  writeFileSync(log, (await run(["generate", "--seed", "8", "--start", "0", "--bytes", "10k"])).stdout);
  await ship();
  whole = await keptObjects(server, bucket);
  expect(whole).toHaveLength(6);
});

afterAll(() => stop());

async function verified(objects: readonly KeptObject[], ...args: string[]) {
  const served = objects.map((object) => ({ ...object, body: Uint8Array.from(object.body) }));
  const server = startMemoryS3(bucketInMemory(served));
  const result = await run(["verify", "s3://bucket", "--json", ...args], { env: environmentOf(server) });
  await server.stop();
  const events = result.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const found = events.filter(({ event }) => event === "finding");
  expect(result.exitCode).toBe(found.length === 0 ? 0 : 1);
  return found.map(({ kind, keys }) => [
    kind,
    keys.map((key: string) => whole.findIndex((o) => o.key === key)),
  ]);
}

test("what ship stored is complete, also against its files", async () => {
  expect(await verified(whole)).toEqual([]);
  expect(await verified(whole, "--source", log, "--source", `${log}.1`)).toEqual([]);
});

test("a missing piece of a generation is a hole, wherever it was", async () => {
  expect(await verified(whole.toSpliced(0, 1))).toEqual([["hole", [1]]]);
  expect(await verified(whole.toSpliced(2, 1))).toEqual([["hole", [1, 3]]]);
  expect(await verified(whole.toSpliced(4, 1))).toEqual([["hole", [3]]]);
  expect(await verified(whole.slice(5))).toEqual([["hole", [5]]]);
});

test("a double piece, a cut one, a changed one and two swapped ones are found", async () => {
  const piece = whole[2]!;
  const double = { ...piece, key: piece.key.replace(/\d{16}/, "0000000000099999") };
  expect(await verified([...whole, double])).toEqual([["double", [-1, 2]]]);
  expect(await verified(whole.with(2, { ...piece, body: piece.body.subarray(1) }))).toEqual([
    ["length", [2]],
  ]);
  const body = Buffer.from(piece.body);
  body[100]! ^= 1;
  expect(await verified(whole.with(2, { ...piece, body }))).toEqual([["checksum", [2]]]);
  const swapped = whole.with(2, { ...whole[3]!, key: piece.key }).with(3, { ...piece, key: whole[3]!.key });
  expect((await verified(swapped)).map(([kind]) => kind)).toEqual(["misplaced", "misplaced"]);
});

test("lines of a file that are not stored are found, a line without its end is not missed", async () => {
  appendFileSync(log, "not yet whole");
  expect(await verified(whole, "--source", log)).toEqual([]);
  appendFileSync(log, "\n");
  expect(await verified(whole, "--source", log)).toEqual([["source", []]]);
  const other = join(temporaryDirectory("work"), "other.log");
  writeFileSync(other, "something else\n");
  expect(await verified(whole, "--source", other)).toEqual([["source", []]]);
});

/** A directory into which ship has stored a log of some pieces. */
async function shippedDirectory(args: readonly string[], prepare: (to: string) => void) {
  const work = temporaryDirectory("work");
  const [to, source] = [join(work, "to"), join(work, "access.log")];
  mkdirSync(to);
  prepare(to);
  writeFileSync(source, (await run(["generate", "--seed", "7", "--start", "0", "--bytes", "50k"])).stdout);
  const common = ["ship", "--once", "--state", join(work, "state"), "--host", "web1", "--piece-bytes", "20k"];
  const { exitCode } = await run([...common, ...args, "--to", `file://${to}`, source]);
  expect(exitCode).toBe(0);
  return { to, source };
}

test("a directory is read through the links that ship has stored through", async () => {
  const { to, source } = await shippedDirectory([], (directory) => {
    mkdirSync(join(directory, "../other-disk"));
    symlinkSync("../other-disk", join(directory, "host=web1"));
  });
  expect(readdirSync(join(to, "../other-disk"))).toHaveLength(1);
  const { stdout, stderr, exitCode } = await run(["verify", `file://${to}`, "--source", source]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^complete: \S+ of web1: 3 objects, /m);
  expect(exitCode).toBe(0);
});

test("a link to nothing is an object that is gone, and one that leads back is not followed for ever", async () => {
  const { to } = await shippedDirectory([], () => {});
  symlinkSync("nowhere", join(to, "gone"));
  const gone = await run(["verify", `file://${to}`]);
  expect(gone.stdout).toMatch(/^gone: \S+: gone was listed, but is not there$/m);
  expect(gone.exitCode).toBe(1);
  rmSync(join(to, "gone"));
  symlinkSync("..", join(to, "host=web1/back"));
  const around = await run(["verify", `file://${to}`]);
  expect(around.stderr).toBe(
    `logship: fatal: unable to list file://${to}: host=web1/back/ is a link to a directory that it lies in\n`,
  );
  expect(around.exitCode).toBe(111);
});

test.each([[[]], [["--gzip"]]])(
  "pieces of a key of their own are known in a directory by --key %j",
  async (args) => {
    const key = "logs/{date}/{host}/{source}/{generation}-{offset}.{host}";
    const { to, source } = await shippedDirectory(["--key", key, ...args], () => {});
    const { stdout, exitCode } = await run(["verify", `file://${to}`, "--key", key, "--source", source]);
    expect(stdout).toMatch(/^complete: \S+ of web1: 3 objects, /m);
    expect(exitCode).toBe(0);
    const below = await run(["verify", `file://${join(to, "..")}/to`], { env: { LOGSHIP_KEY: key } });
    expect(below.exitCode).toBe(0);
    const without = await run(["verify", `file://${to}`]);
    expect(without.stdout).toMatch(
      /^foreign: \S+: logs\/\S+ has a key of a form of its own: --key tells verify what ship was given$/m,
    );
    expect(without.exitCode).toBe(1);
  },
);
