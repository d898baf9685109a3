import { appendFileSync } from "node:fs";

/**
 * True if all these programs are installed; otherwise the tests that want them are to be skipped.
 *
 * What is missing is noted for test/run.ts, which names it at the end of the run.
 *
 * @throws Error `not installed: <program>, …` where CI=true, because there everything has to be tested
 */
export function needs(...programs: string[]): boolean {
  const missing = programs.filter((program) => Bun.which(program) === null);
  if (missing.length === 0) return true;
  if (process.env.CI === "true") throw new Error(`not installed: ${missing.join(", ")}`);
  note(missing);
  return false;
}

/**
 * Notes that something is missing which is no program, such as what has to be fetched.
 *
 * @throws Error `missing: <thing>` where CI=true
 */
export function lacks(thing: string): void {
  if (process.env.CI === "true") throw new Error(`missing: ${thing}`);
  note([thing]);
}

/** Notes that something is missing that no host has to have, in CI neither. */
export function isWithout(thing: string): void {
  note([thing]);
}

/** True for root; otherwise the tests that only root can run are to be skipped, and it is noted as above. */
export function isRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  note(["the rights of root"]);
  return false;
}

function note(missing: readonly string[]): void {
  const list = process.env.LOGSHIP_TEST_MISSING;
  if (list) appendFileSync(list, missing.map((thing) => `${thing}\n`).join(""));
  else process.stderr.write(`skipping tests, missing here: ${missing.join(", ")}\n`);
}
