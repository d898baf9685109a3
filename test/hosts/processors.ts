/** Other processors than this one, as QEMU emulates them for one program. */
import { join } from "node:path";
import { dist } from "../../src/build/project.ts";
import { collect } from "../install/collect.ts";
import { executable } from "../support/logship.ts";
import type { Storage } from "./storage.ts";
import { readWalk, type Walk } from "./walk.ts";

export const PROCESSORS: Readonly<Record<string, readonly string[]>> = {
  // With AVX and without AVX2; QEMU warns that it has not the two others.
  IvyBridge: ["qemu-x86_64-static", "-cpu", "IvyBridge,-x2apic,-tsc-deadline", executable],
  // Without either.
  Nehalem: ["qemu-x86_64-static", "-cpu", "Nehalem", executable],
  // With the C library that Debian has for it.
  arm64: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", join(dist, "logship-arm64")],
};

/** Debian has QEMU and the C library of arm64 in packages of their own; these are the programs for `needs()`. */
export const processorPrograms = [
  "qemu-x86_64-static",
  "qemu-aarch64-static",
  "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1",
];

/** @param only The paths to walk; by default all that need no host of their own. */
export async function walkEmulated(
  processor: string,
  only?: readonly string[],
  storage?: Storage,
): Promise<Walk> {
  const trusted = storage ? { ...storage.environment, AWS_CA_BUNDLE: storage.certificate } : {};
  const settings = Object.entries(trusted).map(([key, value]) => `${key}=${value}`);
  const chosen = only ? ["--only", only.join(" ")] : [];
  const script = join(import.meta.dir, "main-paths.sh");
  return readWalk(await collect(["env", ...settings, "sh", script, ...chosen, ...PROCESSORS[processor]!]));
}

/** Builds what arm64 runs. @throws Error with what the build said */
export async function buildForArm64(): Promise<void> {
  const built = await collect([
    process.execPath,
    join(import.meta.dir, "../../src/build/build.ts"),
    "--arm64",
  ]);
  if (built.exitCode !== 0) throw new Error(`the build for arm64 failed: ${built.stderr}`);
}
