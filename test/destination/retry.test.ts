import { describe, expect, test } from "bun:test";
import { DestinationError } from "../../src/destination/destination.ts";
import { withRetries } from "../../src/destination/retry.ts";

const never = new AbortController().signal;
const passing = new DestinationError("503 SlowDown", true, undefined);
const final = new DestinationError("403 AccessDenied", false, undefined);

function failingTimes(times: number, error: Error) {
  let calls = 0;
  return async () => {
    if (calls++ < times) throw error;
  };
}

function recorder(random: () => number = () => 0.999999) {
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
  };
  return { waits, options: { attempts: 50, random, sleep } };
}

describe("withRetries()", () => {
  test("returns how many attempts it took", async () => {
    const { options } = recorder();
    expect(await withRetries(failingTimes(3, passing), options, never)).toBe(4);
  });

  test("doubles the bound of the wait from 0.4 s up to 20 s", async () => {
    const { waits, options } = recorder();
    await withRetries(failingTimes(9, passing), options, never);
    expect(waits).toEqual([400, 800, 1600, 3200, 6400, 12800, 20000, 20000, 20000]);
  });

  test("waits anything from nothing up to the bound", async () => {
    const { waits, options } = recorder(() => 0);
    await withRetries(failingTimes(5, passing), options, never);
    expect(waits).toEqual([0, 0, 0, 0, 0]);
  });

  test("throws at once what is not worth a retry", async () => {
    const { waits, options } = recorder();
    expect(withRetries(failingTimes(1, final), options, never)).rejects.toBe(final);
    expect(waits).toEqual([]);
  });

  test("throws the last failure when the attempts are used up", async () => {
    const { waits, options } = recorder();
    await expect(withRetries(failingTimes(3, passing), { ...options, attempts: 3 }, never)).rejects.toBe(
      passing,
    );
    expect(waits).toHaveLength(2);
  });

  test("throws an error that is no failure of a destination as it is", async () => {
    const { options } = recorder();
    const bug = new TypeError("bug");
    await expect(withRetries(failingTimes(1, bug), options, never)).rejects.toBe(bug);
  });

  test("stops at the signal with the signal's reason, without another attempt", async () => {
    const controller = new AbortController();
    let calls = 0;
    const attempt = async () => {
      calls++;
      controller.abort(new Error("stop"));
      throw passing;
    };
    const { options } = recorder();
    await expect(withRetries(attempt, options, controller.signal)).rejects.toThrow("stop");
    expect(calls).toBe(1);
  });

  test("waits what the server asks for, and a random wait behind it", async () => {
    const busy = new DestinationError("503 SlowDown", true, undefined, undefined, 7000);
    const { waits, options } = recorder();
    await withRetries(failingTimes(2, busy), options, never);
    expect(waits).toEqual([7400, 7800]);
  });

  test("waits no longer than five minutes, whatever the server asks for", async () => {
    const busy = new DestinationError("503 SlowDown", true, undefined, undefined, 86_400_000);
    const { waits, options } = recorder(() => 0);
    await withRetries(failingTimes(1, busy), options, never);
    expect(waits).toEqual([300_000]);
  });
});
