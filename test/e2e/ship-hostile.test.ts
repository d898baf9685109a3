/** What operators and file systems do to logs besides rotating them: each line is stored once, or a warning says what is gone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { formatState, type SourceState } from "../../src/ship/state.ts";
import { createBucket, readAll } from "../support/bucket.ts";
import { slowDown } from "../support/faults.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

let s3: ProxiedServer;
beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

describe("a rotated file that is not yet shipped, because S3 is away", () => {
  /** Rotates a log of which one piece is on its way, does something to the rotated file, and lets S3 come back. */
  async function rotatedWhileAway(act: (rotated: string) => void, isDone: (stored: string) => boolean) {
    const shipment = new Shipment();
    const bucket = freshBucketName();
    await createBucket(s3.server, bucket);
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("old", 100));
    const options = [
      "--state",
      shipment.state,
      "--max-age",
      "100ms",
      "--piece-bytes",
      "100",
      "--concurrency",
      "1",
    ];
    let isAway = true;
    const logship = s3.start("ship", bucket, [...options, log], {}, () => (isAway ? slowDown : undefined));
    await logship.until("a try", () => s3.requestsFor(bucket).length > 0);
    renameSync(log, `${log}.1`);
    writeFileSync(log, linesOf("new", 3));
    const isMet = () => (shipment.stateFile.state.generations as unknown[]).length === 2;
    await logship.until("that the new one is seen", isMet);
    act(`${log}.1`);
    isAway = false;
    const stored = async () => (await readAll(s3.server, bucket)).toString();
    await until("the rest", async () => isDone(await stored()), 60_000);
    logship.kill("SIGTERM");
    const { stderr, exitCode } = await logship.result;
    expect(exitCode).toBe(0);
    return { stored: await stored(), stderr, log };
  }

  test("is shipped out of its .gz when it was compressed and shredded", async () => {
    const { stored, stderr } = await rotatedWhileAway(
      (rotated) => {
        writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)));
        expect(Bun.spawnSync(["shred", "--iterations=1", "--remove", rotated]).exitCode).toBe(0);
      },
      (text) => text.includes("old 100\n") && text.includes("new 3\n"),
    );
    expect(stderr).not.toContain(" gone");
    expect(stored).toBe(linesOf("old", 100) + linesOf("new", 3));
  });

  test("does not keep the others waiting when it was emptied, and a warning says what is gone", async () => {
    const { stored, stderr, log } = await rotatedWhileAway(
      (rotated) => truncateSync(rotated),
      (text) => text.includes("new 3\n"),
    );
    const kept = stored.length - linesOf("new", 3).length;
    expect(stored).toBe(linesOf("old", 100).slice(0, kept) + linesOf("new", 3));
    const lost = linesOf("old", 100).length - kept;
    expect(stderr).toContain(
      `warning: ${log}.1 was emptied, and no copy of it is there: ${lost} bytes that were not shipped are gone\n`,
    );
  });
});

describe("a disk that has another device number after a reboot, as btrfs, LVM and NFS give it", () => {
  /** Changes the numbers in the state, which is as if those of the disk had changed. */
  function renumber({ stateFile }: Shipment): void {
    const state = stateFile.state as unknown as SourceState;
    const generations = state.generations.map((generation) => {
      return { ...generation, place: { ...generation.place, device: generation.place.device + 7 } };
    });
    writeFileSync(stateFile.path, formatState({ ...state, generations }));
  }

  test("makes no line of a file come twice, nor of the files that it was rotated to", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("first", 50));
    await shipment.once([log]);
    renumber(shipment);
    appendFileSync(log, linesOf("second", 50));
    await shipment.once([log]);
    expect(shipment.text).toBe(linesOf("first", 50) + linesOf("second", 50));
    renumber(shipment);
    appendFileSync(log, linesOf("third", 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, linesOf("fourth", 5));
    const last = await shipment.once([log]);
    expect([last.stderr, last.exitCode]).toEqual(["", 0]);
    expect(shipment.text).toBe(
      linesOf("first", 50) + linesOf("second", 50) + linesOf("third", 5) + linesOf("fourth", 5),
    );
  });

  test("makes no line of a log directory come twice", async () => {
    const shipment = new Shipment();
    const directory = shipment.path("main");
    mkdirSync(directory);
    writeFileSync(`${directory}/current`, linesOf("first", 50));
    writeFileSync(`${directory}/lock`, "");
    writeFileSync(`${directory}/state`, "");
    await shipment.once([directory]);
    renumber(shipment);
    appendFileSync(`${directory}/current`, linesOf("second", 50));
    await shipment.once([directory]);
    expect(shipment.text).toBe(linesOf("first", 50) + linesOf("second", 50));
  });
});

/** A shipment that an ordinary user may make, of a log of which the first lines have arrived. */
async function shippingAsOrdinaryUser() {
  const shipment = new Shipment();
  const log = shipment.path("access.log");
  for (const directory of [shipment.directory, shipment.bucket, shipment.state]) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o777);
  }
  writeFileSync(log, linesOf("first", 3));
  const logship = startAsOrdinaryUser(shipment.args([log]));
  await shipment.arrives(linesOf("first", 3));
  return { shipment, log, logship };
}

test.skipIf(!canBeOrdinaryUser)(
  "a rotated log that may not be read is waited for, and no file is left open by looking for it",
  async () => {
    const { shipment, log, logship } = await shippingAsOrdinaryUser();
    const openCount = () => readdirSync(`/proc/${logship.pid}/fd`).length;
    const reads = () => Number(/syscr: (\d+)/.exec(readFileSync(`/proc/${logship.pid}/io`, "latin1"))?.[1]);
    writeFileSync(`${log}.1`, linesOf("second", 3), { mode: 0o600 });
    renameSync(log, `${log}.2`);
    writeFileSync(log, "");
    await logship.until("a warning", () => logship.stderr.includes(`${log}.1: access denied`));
    const [openBefore, readsBefore] = [openCount(), reads()];
    // Each look reads the file that was the log a few times.
    await until("several looks", () => reads() >= readsBefore + 20);
    expect(openCount()).toBeLessThan(openBefore + 3);
    appendFileSync(log, linesOf("new", 3));
    chmodSync(`${log}.1`, 0o644);
    await shipment.arrives(linesOf("first", 3) + linesOf("second", 3) + linesOf("new", 3));
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  },
);

test.skipIf(!canBeOrdinaryUser)(
  "a new log that may not be read yet does not hold up the rest of the old one",
  async () => {
    const { shipment, log, logship } = await shippingAsOrdinaryUser();
    renameSync(log, `${log}.1`);
    writeFileSync(log, linesOf("new", 3), { mode: 0o600 });
    appendFileSync(`${log}.1`, linesOf("second", 3));
    await logship.until("a warning", () => logship.stderr.includes("access denied"));
    appendFileSync(`${log}.1`, linesOf("third", 3));
    await shipment.arrives(linesOf("first", 3) + linesOf("second", 3) + linesOf("third", 3));
    chmodSync(log, 0o644);
    await shipment.arrives(
      linesOf("first", 3) + linesOf("second", 3) + linesOf("third", 3) + linesOf("new", 3),
    );
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  },
);
