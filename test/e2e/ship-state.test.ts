/** What ship keeps on disk: it survives a kill at any step, a full disk, damage, and a second process. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { startProxiedServer } from "../support/proxied-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { linesOf, Shipment } from "../support/shipped.ts";

const CALLS = [
  "write",
  "fsync",
  "rename(at2?)?",
  "openat",
  "ftruncate",
  "mkdir(at)?",
  "flock",
  "unlink(at)?",
];
/** More calls than these come from the runtime, before and after. */
const MOST_KILLS_OF_A_CALL = 60;

/** Runs ship once and kills it when it enters a call for the `count`th time. @returns whether it was killed */
async function onceKilled(shipment: Shipment, log: string, call: string, count: number): Promise<boolean> {
  const trace = shipment.path("trace");
  const inject = `inject=/^${call}$:signal=KILL:when=${count}`;
  // Only what has to do with files of ours: everything else is the runtime's.
  const paths = call === "write" || call === "fsync" ? [] : ["-P", shipment.state];
  const under = ["strace", "-f", "-o", trace, "-e", `trace=/^${call}$`, "-e", inject, ...paths];
  const result = await run(shipment.args([log], "--once", "--piece-bytes", "300"), { under });
  return result.exitCode === 137 || /killed by SIGKILL/.test(readFileSync(trace, "latin1"));
}

describe("a kill -9", () => {
  test.skipIf(!needs("strace"))(
    "at any write, fsync or rename leaves every line stored once",
    async () => {
      let kills = 0;
      const calls = [...CALLS];
      const worker = async () => {
        for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
          for (let count = 1; count <= MOST_KILLS_OF_A_CALL; count++) {
            const shipment = new Shipment();
            const log = shipment.path("access.log");
            writeFileSync(log, linesOf("first", 3));
            await shipment.once([log]);
            appendFileSync(log, linesOf("line", 100));
            const isKilled = await onceKilled(shipment, log, call, count);
            if (!isKilled) break;
            kills++;
            appendFileSync(log, linesOf("added", 20));
            if (count % 2 === 0) {
              renameSync(log, `${log}.1`);
              writeFileSync(log, "new\n");
            }
            const last = await shipment.once([log], "--piece-bytes", "300");
            expect([call, count, last.stderr, last.exitCode]).toEqual([call, count, "", 0]);
            const expected = `${linesOf("first", 3)}${linesOf("line", 100)}${linesOf("added", 20)}${count % 2 === 0 ? "new\n" : ""}`;
            expect(shipment.text).toBe(expected);
            rmSync(shipment.directory, { recursive: true });
          }
        }
      };
      await Promise.all([worker(), worker()]);
      expect(kills).toBeGreaterThan(30);
    },
    300_000,
  );
});

describe("the state on disk", () => {
  test.skipIf(!needs("strace"))("is all that ship writes", async () => {
    const s3 = await startProxiedServer();
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("line", 1000));
    const trace = shipment.path("trace");
    const calls =
      "trace=open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,truncate";
    const result = await s3.logship(
      "ship",
      freshBucketName(),
      ["--once", "--state", shipment.state, "--piece-bytes", "1000", log],
      { under: ["strace", "-f", "-qq", "-o", trace, "-e", calls] },
    );
    await s3.stop();
    expect(result.exitCode).toBe(0);
    const changing = readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => !/ = -1 /.test(line) && !line.includes("/dev/null") && !line.includes("/proc/"))
      .filter((line) => /O_WRONLY|O_RDWR|O_CREAT|\b(?:rename|unlink|mkdir|link|truncate)/.test(line));
    expect(changing.filter((line) => !line.includes(shipment.state))).toEqual([]);
    expect(changing.length).toBeGreaterThan(10);
    expect(
      readdirSync(shipment.state)
        .sort()
        .map((file) => file.replace(/.*\./, "")),
    ).toEqual(["json", "lock"]);
  });

  test("excludes a second process", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("line", 3));
    const first = shipment.start([log]);
    await shipment.arrives(linesOf("line", 3));
    const second = await shipment.once([log]);
    expect(second.stderr).toBe(`logship: fatal: unable to ship ${log}: another process ships it already\n`);
    expect(second.exitCode).toBe(111);
    first.kill("SIGTERM");
    expect((await first.result).exitCode).toBe(0);
  });

  test("cut short at any length is kept aside, and the log is shipped again under a new generation", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("old", 3));
    await shipment.once([log]);
    renameSync(log, `${log}.1`);
    writeFileSync(log, linesOf("line", 3));
    await shipment.once([log]);
    const { path } = shipment.stateFile;
    const whole = readFileSync(path);
    for (const length of [0, 1, 100, whole.length >> 1, whole.length - 2]) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      rmSync(shipment.bucket, { recursive: true });
      const result = await shipment.once([log]);
      expect(result.stderr).toBe(
        `logship: warning: ${path} is damaged and kept as ${path}.damaged: ${log}, and 1 older files of it of the last day, ` +
          "is shipped again from the start, under a new generation\n",
      );
      expect(result.exitCode).toBe(0);
      expect(shipment.text).toBe(linesOf("old", 3) + linesOf("line", 3));
      expect(statSync(`${path}.damaged`).size).toBe(length);
    }
  });

  test.skipIf(!isRoot() || !needs("mount", "umount"))(
    "waits for room on a full disk, and uploads nothing without it",
    async () => {
      const shipment = new Shipment();
      const log = shipment.path("access.log");
      writeFileSync(log, linesOf("first", 3));
      mkdirSync(shipment.state);
      Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", shipment.state]);
      try {
        const logship = shipment.start([log]);
        await shipment.arrives(linesOf("first", 3));
        const filling = join(shipment.state, "filling");
        Bun.spawnSync(["sh", "-c", `cat /dev/zero > ${filling}`]);
        appendFileSync(log, linesOf("second", 3));
        await logship.until("a warning", () => logship.stderr.includes("out of disk space"));
        await Bun.sleep(1500); // a try more
        expect(shipment.text).toBe(linesOf("first", 3));
        rmSync(filling);
        await shipment.arrives(linesOf("first", 3) + linesOf("second", 3));
        const isAcknowledged = () => !readFileSync(shipment.stateFile.path, "utf8").includes('"first"');
        await logship.until("the acknowledgement on disk", isAcknowledged);
        logship.kill("SIGKILL");
        const { stderr } = await logship.result;
        const { path } = shipment.stateFile;
        expect(stderr).toBe(
          `logship: warning: unable to write ${path}: out of disk space; nothing new of ${log} is shipped until it can be\n` +
            `logship: info: ${path} can be written again\n`,
        );
        expect((await shipment.once([log])).stdout).toBe("");
      } finally {
        Bun.spawnSync(["umount", shipment.state]);
      }
    },
  );

  test("is where an account without rights to /var/lib may write", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, "line\n");
    const args = [
      "ship",
      "--once",
      "--to",
      `file://${shipment.bucket}`,
      "--state",
      join(shipment.state, "a/b"),
      log,
    ];
    expect((await run(args)).exitCode).toBe(0);
    expect(existsSync(join(shipment.state, "a/b"))).toBe(true);
  });
});
