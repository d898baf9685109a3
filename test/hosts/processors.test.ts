import { beforeAll, describe, expect, test } from "bun:test";
import { collect } from "../install/collect.ts";
import { needs } from "../support/needs.ts";
import { buildForArm64, PROCESSORS, processorPrograms, walkEmulated } from "./processors.ts";
import { wrongIn } from "./walk.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
/** The others are walked by `npm run hosts`. */
const CHOSEN = ["generate", "run", "ship", "multilog", "tail"];

describe.skipIf(!needs(...processorPrograms))("on an emulated processor", () => {
  beforeAll(buildForArm64, MINUTES);

  test.each(["IvyBridge", "Nehalem"])("%s is one without AVX2, as the C library sees it", async (name) => {
    const emulator = PROCESSORS[name]!.slice(0, -1);
    const { stdout } = await collect([...emulator, "/lib64/ld-linux-x86-64.so.2", "--help"]);
    expect(stdout).toContain("x86-64-v2 (supported");
    expect(stdout).not.toContain("x86-64-v3 (supported");
  });

  test.each(Object.keys(PROCESSORS))(
    "the same bytes are generated, stored, shipped, kept and shown: %s",
    async (name) => {
      expect(wrongIn(await walkEmulated(name, CHOSEN), CHOSEN)).toBe("");
    },
    2 * MINUTES,
  );
});
