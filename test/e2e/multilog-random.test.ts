/** Random scripts and input go through daemontools' programs and ours, which must leave the same. */

import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutLabels } from "../multilog/expect-files.ts";
import { type RandomScript, randomInput, randomScript } from "../multilog/random-script.ts";
import { needs } from "../support/needs.ts";
import { withoutSimd } from "../support/processor.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { RECORD } from "../support/stored-lines.ts";

const RUNS = Number(process.env.LOGSHIP_TEST_RUNS ?? 100);
const AT_ONCE = 3;
const ours = join(standIns("multilog"), "multilog");
const isInstalled = needs("multilog");
const original = Bun.which("multilog") ?? "";

interface Outcome {
  readonly exitCode: number;
  readonly stderr: string;
  /** For each directory its files in the order of their names, without their labels. */
  readonly files: Record<string, string[]>;
  readonly contents: Record<string, string>;
}

async function outcomeOf(
  program: string,
  script: RandomScript,
  input: string,
  isPipe: boolean,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const directory = temporaryDirectory("random");
  const command = isPipe ? ["sh", "-c", 'cat "$0" | "$@"', input, program] : [program];
  const child = Bun.spawn([...command, ...script.args], {
    cwd: directory,
    stdin: isPipe ? "ignore" : Bun.file(input),
    env: { ...process.env, ...env },
    stderr: "pipe",
    stdout: "ignore",
  });
  const stderr = Buffer.from(await new Response(child.stderr).arrayBuffer()).toString("latin1");
  const exitCode = await child.exited;
  const hide = script.isStamped ? withoutLabels : (text: string) => text;
  const files: Outcome["files"] = {};
  const contents: Outcome["contents"] = {};
  for (const name of script.statusFiles) {
    contents[name] = hide(readFileSync(join(directory, name), "latin1"));
  }
  for (const name of new Set(script.directories)) {
    const names = readdirSync(join(directory, name))
      .sort()
      .filter((file) => file !== RECORD);
    files[name] = names.map((file) => describeFile(join(directory, name), file));
    const text = names.map((file) => readFileSync(join(directory, name, file), "latin1")).join("");
    contents[name] = hide(text);
  }
  rmSync(directory, { recursive: true });
  return { exitCode, stderr: hide(stderr), files, contents };
}

function describeFile(directory: string, name: string): string {
  const { mode, size } = statSync(join(directory, name));
  return `${name.replace(/^@[0-9a-f]{24}/, "@")} ${(mode & 0o7777).toString(8)} ${size}`;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

test.skipIf(!isInstalled)(
  `${RUNS} random scripts leave the same files, messages and exit codes as daemontools' multilog`,
  async () => {
    const random = seededRandom("multilog-random");
    const inputs = temporaryDirectory("input");
    mkdirSync(inputs, { recursive: true });
    let next = 0;
    const worker = async () => {
      while (next < RUNS) {
        const run = next++;
        const script = randomScript(random);
        const input = join(inputs, `${run}`);
        writeFileSync(input, randomInput(random));
        const isPipe = run % 2 === 1;
        const isScalar = run % 4 > 1;
        const [our, their] = await Promise.all([
          outcomeOf(ours, script, input, isPipe, isScalar ? withoutSimd : {}),
          outcomeOf(original, script, input, isPipe),
        ]);
        const context = `run ${run} from a ${isPipe ? "pipe" : "file"}, ${isScalar ? "without SIMD" : ""}: ${JSON.stringify(script.args)}`;
        const { contents, ...rest } = our;
        const { contents: theirContents, ...theirRest } = their;
        expect({ context, ...rest }).toEqual({ context, ...theirRest });
        for (const [name, content] of Object.entries(contents)) {
          const difference = `${context}, ${name} from byte ${firstDifference(content, theirContents[name]!)}`;
          expect([content === theirContents[name], difference]).toEqual([true, difference]);
        }
        rmSync(input);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  },
  1_200_000,
);
