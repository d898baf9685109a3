import { afterEach, expect, setSystemTime, test } from "bun:test";
import { renewed } from "../../src/destination/renewal.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2017, 0, 12, 14, 36, 56);

afterEach(() => {
  setSystemTime();
});

/** A source of keys that last for so long, and how often it was asked. */
function sourceOf(lifeMs: number | undefined) {
  const source = {
    asked: 0,
    fails: false,
    async get() {
      source.asked++;
      if (source.fails) throw new Error("away");
      const expiration = lifeMs === undefined ? undefined : new Date(Date.now() + lifeMs);
      return { accessKeyId: `key-${source.asked}`, secretAccessKey: "s", ...(expiration && { expiration }) };
    },
  };
  return source;
}

function at(minutes: number): void {
  setSystemTime(new Date(START_MS + minutes * MINUTE_MS));
}

test("keys without an end are looked for once", async () => {
  at(0);
  const source = sourceOf(undefined);
  const keys = renewed(() => source.get());
  await Promise.all([keys(), keys()]);
  at(1_000_000);
  expect((await keys()).accessKeyId).toBe("key-1");
  expect(source.asked).toBe(1);
});

test("keys are renewed five minutes before their end, and used meanwhile", async () => {
  at(0);
  const source = sourceOf(60 * MINUTE_MS);
  const keys = renewed(() => source.get());
  await keys();
  at(54);
  await keys();
  expect(source.asked).toBe(1);
  at(56);
  expect((await keys()).accessKeyId).toBe("key-1");
  expect((await keys()).accessKeyId).toBe("key-2");
  expect(source.asked).toBe(2);
});

test("keys of a short life are kept for half of it", async () => {
  at(0);
  const source = sourceOf(2 * MINUTE_MS);
  const keys = renewed(() => source.get());
  await keys();
  at(0.9);
  await keys();
  expect(source.asked).toBe(1);
  at(1.1);
  await keys();
  expect(source.asked).toBe(2);
});

test("a renewal that fails counts only when the keys are over, and is tried again", async () => {
  at(0);
  const source = sourceOf(60 * MINUTE_MS);
  const keys = renewed(() => source.get());
  await keys();
  source.fails = true;
  at(58);
  expect((await keys()).accessKeyId).toBe("key-1");
  await Bun.sleep(0);
  expect((await keys()).accessKeyId).toBe("key-1");
  expect(source.asked).toBe(2);
  at(61);
  await expect(keys()).rejects.toMatchObject({
    reason: "the credentials have expired and cannot be renewed now",
    isWorthRetry: true,
    topic: "credentials",
  });
  source.fails = false;
  expect((await keys()).accessKeyId).not.toBe("key-1");
});

test("a first look that fails is no renewal", async () => {
  const source = sourceOf(undefined);
  source.fails = true;
  await expect(renewed(() => source.get())()).rejects.toThrow("away");
});

test("keys that are refused are looked for at once, but not oftener than once a second", async () => {
  at(0);
  const source = sourceOf(undefined);
  const keys = renewed(() => source.get());
  await keys();
  at(1);
  const refused = await Promise.all([keys({ forceRefresh: true }), keys({ forceRefresh: true })]);
  expect(refused.map(({ accessKeyId }) => accessKeyId)).toEqual(["key-2", "key-2"]);
  expect((await keys({ forceRefresh: true })).accessKeyId).toBe("key-2");
  expect((await keys()).accessKeyId).toBe("key-2");
  expect(source.asked).toBe(2);
  at(1.1);
  expect((await keys({ forceRefresh: true })).accessKeyId).toBe("key-3");
});

test("keys that are refused stay where their source has none at the moment", async () => {
  at(0);
  const source = sourceOf(undefined);
  const keys = renewed(() => source.get());
  await keys();
  at(1);
  source.fails = true;
  expect((await keys({ forceRefresh: true })).accessKeyId).toBe("key-1");
});
