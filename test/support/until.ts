/** What is done at once is done within this on a busy machine too; whatever waits, waits longer. */
export const AT_ONCE_MS = 20_000;

/** Soon at first, and then no oftener than this: a look may start a program, whose time others wait for. */
const LONGEST_PAUSE_MS = 100;

/**
 * Waits until a condition holds and returns what it gave.
 *
 * @throws Error `<what> did not happen within <limit>`
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 90_000,
): Promise<NonNullable<T>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > limitMs) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await Bun.sleep(Math.min(LONGEST_PAUSE_MS, 10 + waitedMs / 10));
  }
}
