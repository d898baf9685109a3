import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { debianIfPossible } from "./debian.ts";
import { type Storage, startStorage } from "./storage.ts";
import { PATHS, wrongIn } from "./walk.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const hosts = [
  { name: "Debian 13", system: /^Debian GNU\/Linux 13 \(trixie\), glibc 2\.41, / },
  { name: "Debian testing", system: /^Debian GNU\/Linux \S+, glibc 2\.(4[2-9]|[5-9]\d), / },
] as const;

for (const { name, system } of hosts) {
  const host = await debianIfPossible(name);

  describe.skipIf(!host)(`on ${name}`, () => {
    const { container } = host ?? {};
    let storage: Storage;

    beforeAll(async () => {
      storage = await startStorage();
      await container!.boot();
    }, MINUTES);

    afterAll(async () => {
      await container!.powerOff();
      await storage.stop();
    }, MINUTES);

    test(
      "every main path works, setup among them",
      async () => {
        const walk = await host!.walk(storage);
        expect(walk.host).toMatch(system);
        expect(wrongIn(walk, PATHS)).toBe("");
      },
      2 * MINUTES,
    );
  });
}
