import { join } from "node:path";

/**
 * The seed of a random test: LOGSHIP_TEST_SEED; in CI that of the commit, so that what has passed for a change passes for it
 * again; elsewhere another one each time.
 */
export function testSeed(): number {
  const { LOGSHIP_TEST_SEED, CI } = process.env;
  if (LOGSHIP_TEST_SEED !== undefined) return Number(LOGSHIP_TEST_SEED);
  return (CI === "true" ? commitSeed() : undefined) ?? Date.now() % 1_000_000;
}

/** Undefined where this is no checkout of git. */
function commitSeed(): number | undefined {
  const git = Bun.which("git");
  if (git === null) return undefined;
  const { stdout } = Bun.spawnSync([git, "rev-parse", "HEAD"], { cwd: join(import.meta.dir, "../..") });
  const commit = /^[0-9a-f]{8}/.exec(stdout.toString())?.[0];
  return commit === undefined ? undefined : Number.parseInt(commit, 16) % 1_000_000;
}

/** A seeded source of numbers in [0, 1); the seed is printed, and LOGSHIP_TEST_SEED repeats a run. */
export function seededRandom(subject: string): () => number {
  const seed = testSeed();
  process.stderr.write(`${subject}: LOGSHIP_TEST_SEED=${seed}\n`);
  let state = seed >>> 0;
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
