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
