/** One log cut anywhere: what shards write, one after the other, is what one process writes. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const BLOCK = 2 ** 18;
const FORMATS = ["json", "combined", "nginx-json", "script"];
const START = "2017-01-12T14:36:56Z";
const SEEDED = ["--seed", "20170112", "--start", START];
const FOLDER = "access.2017-01-12-14:36:56";

async function generated(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await run(["generate", ...SEEDED, ...args]);
  expect([stderr, exitCode]).toEqual(["", 0]);
  return stdout;
}

async function ofShards(count: number, ...args: string[]): Promise<string> {
  let text = "";
  for (let shard = 1; shard <= count; shard++)
    text += await generated(...args, "--shard", `${shard}/${count}`);
  return text;
}

/** Not the texts themselves, which would fill the message of a failed test. */
function isSame(one: string, other: string): boolean {
  return one === other;
}

test.each(FORMATS)(
  "shards of a log in the format %s make up what one process writes",
  async (format) => {
    for (const [records, shards] of [
      [1, 3],
      [999, 7],
    ] as const) {
      const args = ["--format", format, "--records", String(records)];
      const [whole, parts] = await Promise.all([generated(...args), ofShards(shards, ...args)]);
      expect([records, shards, whole.length > 0, isSame(whole, parts)]).toEqual([
        records,
        shards,
        true,
        true,
      ]);
    }
  },
  120_000,
);

test("shards make up the log also where it ends at the border of a block, and where it is shorter than they are many", async () => {
  for (const [records, shards] of [
    [BLOCK - 1, 2],
    [BLOCK, 3],
    [BLOCK + 1, 7],
    [63, 64],
  ] as const) {
    const args = ["--format", "combined", "--records", String(records)];
    const [whole, parts] = await Promise.all([generated(...args), ofShards(shards, ...args)]);
    expect([records, isSame(whole, parts)]).toEqual([records, true]);
  }
}, 120_000);

test("--skip begins with any record of the log, and --records counts from there", async () => {
  const random = seededRandom("places to begin at");
  const total = BLOCK + 30_000;
  const lines = (await generated("--format", "combined", "--records", String(total))).split(/(?<=\n)/);
  for (let round = 0; round < 20; round++) {
    const skip = Math.floor(random() * total);
    const records = Math.min(5000, total - skip);
    const args = ["--format", "combined", "--skip", String(skip), "--records", String(records)];
    const isTail = isSame(await generated(...args), lines.slice(skip, skip + records).join(""));
    expect([skip, isTail]).toEqual([skip, true]);
  }
}, 120_000);

/** What each file of a directory is, and when it was written. */
function filesOf(directory: string): Record<string, { text: string; mtimeMs: number }> {
  const paths = readdirSync(join(directory, FOLDER)).map((name) => [name, join(directory, FOLDER, name)]);
  return Object.fromEntries(
    paths.map(([name, path]) => [
      name!,
      { text: readFileSync(path!, "utf8"), mtimeMs: statSync(path!).mtimeMs },
    ]),
  );
}

test("run --shard puts the pieces of all shards into one folder, in the order of the records", async () => {
  const directory = join(temporaryDirectory("shards"), "out");
  const args = ["run", ...SEEDED, "--records", "12000", "--piece-records", "500", "--success"];
  const shard = (number: number) => run([...args, "--shard", `${number}/12`, "--to", `file://${directory}`]);
  for (const number of [12, 3, 1, 2, 10, 11, 4, 5, 6, 7, 8, 9]) expect((await shard(number)).stderr).toBe("");
  const stored = filesOf(directory);
  const pieces = Object.keys(stored)
    .filter((name) => name.includes(".log."))
    .sort();
  expect(pieces).toHaveLength(24);
  expect(pieces[4]).toBe(`${FOLDER}.log.03-of-12.aa`);
  const whole = await generated("--records", "12000");
  expect(isSame(pieces.map((name) => stored[name]!.text).join(""), whole)).toBe(true);

  // A shard that is run again writes its own pieces, with the same bytes, and no other file.
  expect((await shard(3)).exitCode).toBe(0);
  for (const [name, { text, mtimeMs }] of Object.entries(filesOf(directory))) {
    expect([name, isSame(text, stored[name]!.text)]).toEqual([name, true]);
    expect([name, mtimeMs > stored[name]!.mtimeMs]).toEqual([name, name.includes("03-of-12")]);
  }
  const records = ["--records", "12000"];
  const { stdout, exitCode } = await run(["verify", `file://${directory}`, ...SEEDED, ...records]);
  expect(stdout).toContain("12000 records");
  expect(exitCode).toBe(0);
}, 60_000);

test.each([
  ["AWS Batch", { AWS_BATCH_JOB_ARRAY_INDEX: "2", AWS_BATCH_JOB_ARRAY_SIZE: "4" }],
  ["Kubernetes", { JOB_COMPLETION_INDEX: "2" }],
  ["Slurm", { SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_MIN: "1", SLURM_ARRAY_TASK_COUNT: "4" }],
  [
    "Slurm, counted otherwise",
    { SLURM_ARRAY_TASK_ID: "14", SLURM_ARRAY_TASK_MIN: "10", SLURM_ARRAY_TASK_STEP: "2" },
  ],
])("--shard N takes K from %s", async (_, env: Record<string, string>) => {
  const args = ["generate", ...SEEDED, "--records", "1000"];
  const [asked, told] = await Promise.all([
    run([...args, "--shard", "3/4"]),
    run([...args, "--shard", "4"], { env }),
  ]);
  expect([told.stderr, told.exitCode]).toEqual(["", 0]);
  expect(isSame(told.stdout, asked.stdout)).toBe(true);
});

const ENGINES = "no AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID to say which one";
test.each([
  ["4", ENGINES, {}],
  ["4", "JOB_COMPLETION_INDEX 4 is none of 4; give K/4", { JOB_COMPLETION_INDEX: "4" }],
  ["4", "JOB_COMPLETION_INDEX is not a whole number", { JOB_COMPLETION_INDEX: "-1" }],
  ["4", "SLURM_ARRAY_TASK_COUNT is 5", { SLURM_ARRAY_TASK_ID: "1", SLURM_ARRAY_TASK_COUNT: "5" }],
  ["5/4", "K must be from 1 to 4", {}],
  ["0/4", "K must be from 1 to 4", {}],
  ["a/4", "must be K/N such as 3/12", {}],
  ["1/4", "--bytes and --duration do not go with it", { LOGSHIP_BYTES: "1M" }],
])("--shard %s is wrong usage, said in a line: %s", async (shard, reason, env: Record<string, string>) => {
  const args = ["generate", ...SEEDED, "--records", "10", "--shard", shard];
  const { stdout, stderr, exitCode } = await run(args, { env });
  expect(stderr).toContain(reason);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect([stdout, exitCode]).toEqual(["", 100]);
});

test.each(["--seed", "--start", "--records"])("--shard without %s is wrong usage", async (lacking) => {
  const all = { "--seed": "7", "--start": START, "--records": "10" };
  const args = Object.entries(all)
    .filter(([name]) => name !== lacking)
    .flat();
  for (const command of [["generate"], ["run", "--to", "file:///nowhere"]]) {
    const { stderr, exitCode } = await run([...command, ...args, "--shard", "1/4"]);
    expect(stderr).toContain("needs --seed, --start and --records, which say what log it is a part of");
    expect(exitCode).toBe(100);
  }
});
