/** What is done at once is done within this on a busy machine too; whatever waits, waits longer. */
export const AT_ONCE_MS = 20_000;

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
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await Bun.sleep(10);
  }
}
