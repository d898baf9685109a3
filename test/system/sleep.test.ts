import { expect, test } from "bun:test";
import { LONGEST_TIMER_MS, sleep } from "../../src/system/sleep.ts";

test("sleep() waits the time it is told", async () => {
  const started = performance.now();
  await sleep(50, new AbortController().signal);
  expect(performance.now() - started).toBeGreaterThanOrEqual(49);
});

test("sleep() does not end early where the time is longer than a timer can hold", async () => {
  const controller = new AbortController();
  const winner = await Promise.race([
    sleep(LONGEST_TIMER_MS + 1000, controller.signal).then(() => "over"),
    sleep(100, controller.signal).then(() => "still asleep"),
  ]);
  controller.abort();
  expect(winner).toBe("still asleep");
});

test("sleep() rejects with the reason of its signal", async () => {
  const reason = new Error("enough");
  await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});
