import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { directoryDestination } from "../../src/destination/directory.ts";
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
