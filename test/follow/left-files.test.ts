import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { digestOf } from "../../src/follow/cursor.ts";
import { FileFollower } from "../../src/follow/file-follower.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** Compresses the older file and puts it back, again and again; what it holds is there at any moment. */
const COMPRESSING = `
  const { copyFileSync, renameSync, unlinkSync } = require("node:fs");
  const [plain, packed] = process.argv.slice(-2);
  // Two changes within one look are more than a rotation makes.
  const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  for (let round = 0; round < 500; round++) {
    copyFileSync(packed, plain + ".tmp");
    renameSync(plain + ".tmp", plain + ".gz");
    pause();
    unlinkSync(plain);
    pause();
    copyFileSync(plain.replace("access.log.1", "content"), plain + ".tmp");
    renameSync(plain + ".tmp", plain);
    pause();
    unlinkSync(plain + ".gz");
    pause();
  }`;

test("an older file that is being compressed is known at any moment", async () => {
  const directory = temporaryDirectory("older");
  const path = join(directory, "access.log");
  writeFileSync(path, "");
  writeFileSync(`${path}.1`, "one\n");
  writeFileSync(join(directory, "content"), "one\n");
  writeFileSync(join(directory, "packed"), gzipSync("one\n"));
  const compressing = Bun.spawn(
    [process.execPath, "-e", COMPRESSING, `${path}.1`, join(directory, "packed")],
    { stderr: "inherit" },
  );
  const { sha256 } = digestOf(readFileSync(join(directory, "content")));
  const follower = new FileFollower(path);
  const versions = new Set();
  while (compressing.exitCode === null) {
    for (let look = 0; look < 50; look++) {
      follower.look({ readsPacked: true, read: () => {}, end: () => {} });
      versions.add(follower.left);
      expect(follower.left!.map(({ head }) => head.sha256)).toContain(sha256);
    }
    await Bun.sleep(0);
  }
  expect(await compressing.exited).toBe(0);
  expect(versions.size).toBeGreaterThan(100);
});
