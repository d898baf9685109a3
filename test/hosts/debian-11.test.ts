import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { debianIfPossible } from "./debian.ts";
import { type Storage, startStorage } from "./storage.ts";
import { PATHS, wrongIn } from "./walk.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const host = await debianIfPossible("Debian 11");

describe.skipIf(!host)("on Debian 11, with glibc 2.31, systemd 247 and bash 5.1", () => {
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
      expect(walk.host).toStartWith("Debian GNU/Linux 11 (bullseye), glibc 2.31, kernel ");
      expect(wrongIn(walk, PATHS)).toBe("");
    },
    2 * MINUTES,
  );

  // After the installation, which would use the daemontools that this puts there.
  test(
    "multilog, tai64n and tai64nlocal do what they were seen to do, and files, logs and times are read as ever",
    async () => {
      const rooms = ["diary", "follow", "multilog", "ship", "system", "tai64n", "time"];
      const paths = rooms.map((room) => `./test/${room}/`);
      const { stderr, exitCode } = await host!.test("./test/e2e/multilog-cases.test.ts", ...paths);
      expect(stderr).toMatch(/^ *0 fail$/m);
      expect(Number(/^ *(\d+) pass$/m.exec(stderr)?.[1])).toBeGreaterThan(480);
      expect(exitCode).toBe(0);
    },
    2 * MINUTES,
  );
});
