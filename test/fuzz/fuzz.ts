/**
 * What strangers say, to every command of the built program, at random: `npm run fuzz -- [--seconds N] [--seed N] [--only STRANGER]…`;
 * with `--round N` one round of one stranger again. Prints the seed, and what has failed with the smallest case that was found.
 */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { runDirectory } from "../support/run-directory.ts";
import { fuzz, fuzzAgain } from "./rounds.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", multiple: true },
    round: { type: "string" },
  },
});
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
if (values.round === undefined) {
  const { cases, failures } = await fuzz({
    seed,
    seconds: Number(values.seconds),
    onFailure: (failure) => process.stdout.write(`FAILED ${failure}\n\n`),
    ...(values.only && { names: values.only }),
  });
  for (const [name, count] of Object.entries(cases))
    process.stdout.write(`${String(count).padStart(7)} ${name}\n`);
  process.stdout.write(`${failures.length} failures\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} else {
  const failure = await fuzzAgain(values.only?.[0] ?? "", seed, Number(values.round));
  process.stdout.write(`${failure ?? "no failure"}\n`);
  process.exitCode = failure === undefined ? 0 : 1;
}
rmSync(runDirectory, { recursive: true, force: true });
