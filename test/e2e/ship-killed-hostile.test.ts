/** As ship-killed, with rotations that take their time, and with a disk for positions that is full again and again. */
import { afterAll, beforeAll, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { DatedLog, LinkedLog, SlowlyCompressedLog, SlowlyCopiedLog } from "../support/hostile-log-writers.ts";
import { isRoot, needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { type Disturbance, LOOP_SECONDS, shipKilled } from "../support/ship-loop.ts";

/** The other loop is the longer one. */
const SECONDS = LOOP_SECONDS / 2;

let s3: ProxiedServer;
beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

const writersIn = (directory: string) => [
  new DatedLog(`${directory}/dated`, "access.log"),
  new SlowlyCompressedLog(`${directory}/compressed`, "access.log"),
  new SlowlyCopiedLog(`${directory}/copied`, "access.log"),
  new LinkedLog(`${directory}/linked`, "access.log"),
];

/** Fills the disk of the positions for up to a second, and frees it for as long. */
const fullNowAndThen: Disturbance = async (stateDirectory, random, endMs) => {
  mkdirSync(stateDirectory);
  Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", stateDirectory]);
  await Bun.sleep(5000); // the first state of each
  while (performance.now() < endMs) {
    Bun.spawnSync(["sh", "-c", `cat /dev/zero >${stateDirectory}/filling 2>/dev/null`]);
    await Bun.sleep(random() * 1000);
    rmSync(`${stateDirectory}/filling`);
    await Bun.sleep(random() * 1000);
  }
};

test(
  "each line is stored once and in order, whatever the step of a rotation in which logship looks or is killed",
  () => shipKilled(s3, "ship killed in rotations", writersIn, [], async () => {}, SECONDS),
  900_000,
);

test.skipIf(!isRoot() || !needs("mount", "umount"))(
  "each line is stored once and in order when the disk of the positions is full now and then",
  async () => {
    let mounted = "";
    try {
      const disturb: Disturbance = (state, random, endMs) => {
        mounted = state;
        return fullNowAndThen(state, random, endMs);
      };
      await shipKilled(s3, "ship killed on a full disk", writersIn, [], disturb, SECONDS);
    } finally {
      Bun.spawnSync(["umount", mounted]);
    }
  },
  900_000,
);
