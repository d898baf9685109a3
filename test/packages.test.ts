import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { distPrograms } from "./install/dist.ts";
import { PACKAGES } from "./support/packages.ts";
import { radosGatewayPrograms } from "./support/radosgw.ts";
import { slurmPrograms } from "./support/slurm.ts";

test("every program that a test asks for comes from a package that npm test installs", async () => {
  const listed = new Set(Object.values(PACKAGES).flat());
  const onEveryDebian = ["bash", "prlimit", "split", "apt-get"];
  const asked: string[] = [...distPrograms, ...radosGatewayPrograms, ...slurmPrograms];
  for await (const file of new Bun.Glob("**/*.ts").scan(import.meta.dir)) {
    const text = readFileSync(join(import.meta.dir, file), "utf8");
    for (const [, names] of text.matchAll(/needs\(("[^)]*)\)/g)) {
      asked.push(...[...names!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!));
    }
  }
  expect(asked).toContain("strace");
  expect(asked.filter((program) => !listed.has(program) && !onEveryDebian.includes(program))).toEqual([]);
});
