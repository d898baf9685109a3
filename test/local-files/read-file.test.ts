import { expect, test } from "bun:test";
import { appendFileSync, existsSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readChunks, readFileInto, readUnsized } from "../../src/local-files/read-file.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const SIZE = 300_000;

function newFile(content = "a".repeat(SIZE)): string {
  const path = join(temporaryDirectory("read"), "file");
  writeFileSync(path, content);
  return path;
}

/** What can happen to a file between the look at it and the end of reading, and what is said of it. */
const CHANGES: Record<string, { change: (path: string) => void; sizes: string }> = {
  "is cut short": { change: (path) => truncateSync(path, 1000), sizes: `: ${SIZE} bytes, then 1000` },
  grows: { change: (path) => appendFileSync(path, "more"), sizes: `: ${SIZE} bytes, then ${SIZE + 4}` },
  "is written anew": { change: (path) => writeFileSync(path, "b".repeat(SIZE)), sizes: "" },
  "is replaced": {
    change(path) {
      writeFileSync(`${path}.new`, "b".repeat(SIZE));
      renameSync(`${path}.new`, path);
    },
    sizes: "",
  },
};

for (const [what, { change, sizes }] of Object.entries(CHANGES)) {
  test(`a file that ${what} is not taken for what it was`, async () => {
    const path = newFile();
    const known = statSync(path);
    await Bun.sleep(20); // the clock of a file system goes in steps
    change(path);
    const message = `it changed while it was read${sizes}`;
    await expect(readFileInto(Buffer.alloc(SIZE), path, known)).rejects.toThrow(message);
    const readAll = async () => {
      for await (const _ of readChunks(path, known));
    };
    await expect(readAll()).rejects.toThrow(message);
  });
}

test("a file that changes between two chunks ends with an error instead of its end", async () => {
  const path = newFile();
  const chunks = readChunks(path, statSync(path));
  expect((await chunks.next()).done).toBe(false);
  truncateSync(path, 1000);
  await expect(chunks.next()).rejects.toThrow(`it changed while it was read: ${SIZE} bytes, then 1000`);
});

test("a file that stays as it is is read whole", async () => {
  const path = newFile();
  const known = statSync(path);
  expect((await readFileInto(Buffer.alloc(SIZE), path, known)).toString()).toBe("a".repeat(SIZE));
  let length = 0;
  for await (const chunk of readChunks(path, known)) length += chunk.length;
  expect(length).toBe(SIZE);
});

const SETTING = "/sys/kernel/mm/transparent_hugepage/enabled";

test.skipIf(!existsSync(SETTING))("a file of /sys holds less than it says", async () => {
  const known = statSync(SETTING);
  const content = await readFileInto(Buffer.alloc(known.size), SETTING, known);
  expect(content.length).toBeWithin(1, known.size);
  expect(content.toString()).toContain("never");
});

test("a file that was empty when it was looked at and has content at its end is not taken for one of /proc", async () => {
  await expect(readUnsized(newFile("late\n"), 1000)).rejects.toThrow(
    "it changed while it was read: 0 bytes, then 5",
  );
  expect((await readUnsized("/proc/version", 1000)).toString()).toStartWith("Linux version");
  expect(await readUnsized(newFile(""), 1000)).toEqual(Buffer.alloc(0));
});
