/** `npm run soak`, a minute of it. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const MINUTES = 60_000;
/** Elsewhere it is as short as can be judged. */
const DURATION = process.env.CI === "true" ? "1" : "0.4";

async function soak(...args: string[]) {
  const command = [process.execPath, join(import.meta.dir, "../soak/soak.ts"), ...args];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

describe.skipIf(!needs("svscan", "supervise", "svc"))("npm run soak", () => {
  const output = temporaryDirectory("soaked");

  test(
    "runs a small host, of which nothing grows, and leaves samples, a picture and figures, and no cgroup",
    async () => {
      const { stdout, stderr, exitCode } = await soak("--minutes", DURATION, "--output", output);
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^soak: \d+ seconds, .*200 MB.*\nsoak: nothing grows, see .*\n$/);
      expect(exitCode).toBe(0);
      expect(readdirSync(output).sort()).toEqual(["figures.md", "samples.jsonl", "soak.svg"]);
      expect(readFileSync(join(output, "figures.md"), "utf8")).toMatch(
        /`ship` \d+ MB, every byte once.*\| lag \| 0\.\d MB /s,
      );
      const groups = ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"].filter((path) => existsSync(path));
      const left = groups.flatMap((path) => readdirSync(path)).filter((name) => /^logship-soak-/.test(name));
      const running = left.filter((name) => existsSync(`/proc/${name.slice("logship-soak-".length)}`));
      expect(left).toEqual(running); // those of others
    },
    5 * MINUTES,
  );

  test("ends with 1 if something has grown", async () => {
    const lines = readFileSync(join(output, "samples.jsonl"), "utf8").trimEnd().split("\n");
    const leaking = lines.map((line, index) => {
      const { sample, ...other } = JSON.parse(line);
      if (sample) sample.processes.ship.descriptors += index;
      return JSON.stringify(sample ? { sample } : other);
    });
    const grown = temporaryDirectory("grown");
    writeFileSync(join(grown, "samples.jsonl"), `${leaking.join("\n")}\n`);
    const { stdout, exitCode } = await soak("--judge", grown);
    expect(stdout).toMatch(
      /^soak: descriptors of ship grows: by \d+\.\d, and 3 are allowed\nsoak: failed, see /,
    );
    expect(exitCode).toBe(1);
  });
});

test("npm run soak asks how long", async () => {
  expect(await soak()).toEqual({
    stdout: "",
    stderr: "soak: fatal: unable to soak: --hours or --minutes is missing\n",
    exitCode: 100,
  });
});
