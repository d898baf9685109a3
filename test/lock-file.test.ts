import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(join(import.meta.dir, "../package-lock.json"), "utf8"));
const packages: Record<string, Locked> = lock.packages;

test("the lock file names the packages of every system, so that npm ci is not refused on any", () => {
  const wanted = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
  expect(wanted).toContain("@biomejs/cli-darwin-arm64");
  const missing = wanted.filter(
    (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
  );
  expect(missing).toEqual([]);
});

test("the lock file leaves it to npm's settings where packages come from", () => {
  expect(Object.values(packages).filter((locked) => locked.resolved !== undefined)).toEqual([]);
});
