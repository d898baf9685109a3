import { expect, test } from "bun:test";
import { join } from "node:path";
import { collect } from "../install/collect.ts";
import { readWalk, wrongIn } from "./walk.ts";

const script = join(import.meta.dir, "main-paths.sh");

test.each(["true", "false"])("no path is right with a program that does nothing: %s", async (program) => {
  const chosen = ["starts", "generate", "split", "run", "upload", "filters", "stand_ins", "doctor"];
  const output = await collect(["sh", script, "--only", chosen.join(" "), Bun.which(program)!]);
  const walk = readWalk(output);
  expect([...walk.paths]).toEqual(
    chosen.map((name) => [name, { outcome: "failed", milliseconds: expect.any(Number) }]),
  );
  expect(output.stdout).toEndWith(`\n0 passed, ${chosen.length} failed\n`);
  expect(output.exitCode).toBe(1);
  expect(wrongIn(walk, chosen)).toBe(output.stdout);
});

test("a path without what it needs is skipped, which is not what was expected", async () => {
  const output = await collect(["env", "-u", "S3_ENDPOINTS", "sh", script, "--only", "s3", "/bin/true"]);
  const walk = readWalk(output);
  expect([...walk.paths]).toEqual([["s3", { outcome: "skipped", milliseconds: undefined }]]);
  expect(output.exitCode).toBe(0);
  expect(wrongIn(walk, ["s3"])).toContain("skipped s3: S3_ENDPOINTS is not set\n");
});

test("what did not come to its end is no walk", () => {
  const cut = { stdout: "host: here\nok starts 12\n", stderr: "Killed\n", exitCode: 137 };
  expect(() => readWalk(cut)).toThrow("main-paths.sh ended with 137: host: here\nok starts 12\nKilled\n");
});
