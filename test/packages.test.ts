import { expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../src/build/project.ts";
import { processorPrograms } from "./hosts/processors.ts";
import { distPrograms } from "./install/dist.ts";
import { aptGet, mayInstall, PACKAGES } from "./support/packages.ts";
import { radosGatewayPrograms } from "./support/radosgw.ts";
import { temporaryDirectory } from "./support/run-directory.ts";
import { slurmPrograms } from "./support/slurm.ts";

test("every program that a test asks for comes from a package that npm test installs", async () => {
  const listed = new Set(Object.values(PACKAGES).flat());
  const onEveryDebian = ["bash", "prlimit", "split", "apt-get"];
  const asked: string[] = [...distPrograms, ...processorPrograms, ...radosGatewayPrograms, ...slurmPrograms];
  for await (const file of new Bun.Glob("**/*.ts").scan(import.meta.dir)) {
    const text = readFileSync(join(import.meta.dir, file), "utf8");
    for (const [, names] of text.matchAll(/needs\(("[^)]*)\)/g)) {
      asked.push(...[...names!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!));
    }
  }
  expect(asked).toContain("strace");
  expect(asked.filter((program) => !listed.has(program) && !onEveryDebian.includes(program))).toEqual([]);
});

const HELD = "/var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)";

/** An apt-get that finds the lock held until it was called three times, and then does what is wanted. */
function busyAptGet(then: string): string {
  const directory = temporaryDirectory("apt");
  const held = `echo "E: Could not get lock ${HELD}" >&2; exit 100`;
  const script = `echo "$@" >>${directory}/calls\n[ $(wc -l <${directory}/calls) -gt 3 ] || { ${held}; }\n${then}\n`;
  writeFileSync(join(directory, "apt-get"), `#!/bin/sh\n${script}`);
  chmodSync(join(directory, "apt-get"), 0o755);
  return join(directory, "apt-get");
}

test("another apt-get that holds the lock is waited for, and said so once", async () => {
  const said: string[] = [];
  const waiting = { program: busyAptGet(":"), lookAgainMs: 1 };
  expect(await aptGet(["install", "x"], (text) => said.push(text), waiting)).toBe(true);
  expect(said).toEqual([`waiting for another apt-get: ${HELD}`]);
  expect(
    await aptGet(["update"], (text) => said.push(text), { program: busyAptGet("exit 100"), lookAgainMs: 1 }),
  ).toBe(false);
});

test("setup waits for it as well", () => {
  const bin = dirname(busyAptGet('touch "$(dirname "$0")/gcc"'));
  const sources = "source install/messages.sh; source install/from-source.sh";
  const missing = `missing_tools() { [[ -e ${bin}/gcc ]] || echo gcc; }`;
  const script = `${sources}; dry_run=no; ${missing}; sleep() { :; }; install_tools; say done`;
  const { stdout, stderr, exitCode } = Bun.spawnSync(["bash", "-c", script], {
    cwd: root,
    env: { PATH: `${bin}:${process.env.PATH}` },
  });
  expect(stdout.toString()).toBe(
    `setup: install gcc with apt-get\nsetup: wait for apt: ${HELD}\nsetup: done\n`,
  );
  expect(stderr.toString()).toBe("");
  expect(exitCode).toBe(0);
});

test("npm test installs what it lacks, but not with --unit or --no-install", () => {
  expect(mayInstall(["bun", "test/run.ts"])).toBe(true);
  expect(mayInstall(["bun", "test/run.ts", "test/e2e/upload"])).toBe(true);
  expect(mayInstall(["bun", "test/run.ts", "--unit"])).toBe(false);
  expect(mayInstall(["bun", "test/run.ts", "--no-install", "test/e2e/upload"])).toBe(false);
});
