import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import { hexCrc32 } from "../../src/contract/content.ts";
import { directoryDestination } from "../../src/destination/directory.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

test.each(["../x", "a/../../x", "../precious", "a/.."])("%s leads out of no directory", async (key) => {
  const place = temporaryDirectory("place");
  const root = join(place, "out");
  mkdirSync(root);
  writeFileSync(join(place, "precious"), "precious\n");
  const destination = directoryDestination(root, true);
  const object = { key, content: Buffer.from("harm\n"), contentType: "text/plain", metadata: {} };
  const { signal } = new AbortController();
  const calls = [
    () => destination.put(object as never, signal),
    () => destination.claimFolder(`${key}/`, signal),
    () => destination.find(key, signal),
  ];
  for (const call of calls) expect(call()).rejects.toThrow("its key leads out of the destination");
  expect(readdirSync(place).sort()).toEqual(["out", "precious"]);
  expect(existsSync(join(root, "a"))).toBe(false);
});

test("keys are listed as S3 would: by prefix, behind another key, a page at a time, or a folder deep", async () => {
  const random = seededRandom("listing");
  const root = temporaryDirectory("listed");
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
  const names = ["a", "b", "b.c", "b-", "dt=1", "dt=2", "x"];
  const all = new Set<string>();
  for (let count = 0; count < 60; count++) {
    const folders = Array.from({ length: Math.floor(random() * 3) }, () => `${pick(names)}.d/`).join("");
    all.add(`${folders}${pick(names)}`);
  }
  for (const key of all) {
    mkdirSync(join(root, key, ".."), { recursive: true });
    writeFileSync(join(root, key), "");
  }
  writeFileSync(join(root, `.${crypto.randomUUID()}.tmp`), "");
  const destination = directoryDestination(root, true);
  const { signal } = new AbortController();
  for (let count = 0; count < 300; count++) {
    const whole = pick([...all]);
    const prefix = whole.slice(0, Math.floor(random() * whole.length));
    const after = pick(["", "b", `${prefix}a`, pick([...all])]);
    const isFlat = random() < 0.5;
    const entries = [...all]
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        const end = isFlat ? key.indexOf("/", prefix.length) : -1;
        return end < 0 ? key : key.slice(0, end + 1);
      });
    const expected = [...new Set(entries)].filter((key) => key > after).sort();
    expect(await destination.list({ prefix, after, isFlat }, signal)).toEqual({
      keys: expected,
      isCut: false,
    });
  }
});

test("a listing comes to an end where a link leads back, and gives a thousand keys at once", async () => {
  const root = temporaryDirectory("listed");
  mkdirSync(join(root, "a/b"), { recursive: true });
  symlinkSync("..", join(root, "a/b/back"));
  for (let count = 0; count < 1001; count++) writeFileSync(join(root, `a/${count + 1000}`), "");
  const destination = directoryDestination(root, true);
  const { signal } = new AbortController();
  const first = await destination.list({ prefix: "a/", after: "" }, signal);
  expect([first.keys.length, first.isCut]).toEqual([1000, true]);
  const second = await destination.list({ prefix: "a/", after: "a/1999" }, signal);
  expect(second.keys[0]).toBe("a/2000");
  expect(await destination.list({ prefix: "none/", after: "" }, signal)).toEqual({ keys: [], isCut: false });
});

test.each(["", ".gz"])(
  "an object that has to be new writes over none, and is stored if the same is there%s",
  async (end) => {
    const root = temporaryDirectory("new");
    const destination = directoryDestination(root, true);
    const { signal } = new AbortController();
    const put = (text: string) => {
      const metadata = { bytes: String(text.length), crc32: hexCrc32(crc32(text)) };
      const content = end === "" ? Buffer.from(text) : gzipSync(text);
      return destination.put(
        { key: `a/b${end}`, content, contentType: "text/plain", metadata, isNew: true },
        signal,
      );
    };
    await put("one\n");
    await put("one\n");
    expect(put("two\n")).rejects.toThrow("something else is there under this key");
    expect((await destination.find(`a/b${end}`, signal))?.metadata).toEqual({
      bytes: "4",
      crc32: hexCrc32(crc32("one\n")),
    });
    expect(readdirSync(join(root, "a"))).toEqual([`b${end}`]);
    unlinkSync(join(root, `a/b${end}`));
    symlinkSync("nowhere", join(root, `a/b${end}`));
    expect(put("two\n")).rejects.toThrow("something else is there under this key");
  },
);
