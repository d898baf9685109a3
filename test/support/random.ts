/** A seeded source of numbers in [0, 1); the seed is printed, and LOGSHIP_TEST_SEED repeats a run. */
export function seededRandom(subject: string): () => number {
  const seed = Number(process.env.LOGSHIP_TEST_SEED ?? Date.now() % 1_000_000);
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
