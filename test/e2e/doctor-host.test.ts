/** `logship doctor` and hosts that do not work: the right line, the right remedy, the right exit code. */
import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nextGeneration } from "../../src/contract/generation-id.ts";
import { ServiceDirectory } from "../supervise/service-directory.ts";
import { Svscan } from "../supervise/svscan.ts";
import { labelOf, mountTmpfs } from "../support/disk.ts";
import { diagnosis, doctor, expectFindings } from "../support/doctor.ts";
import { isRoot, needs } from "../support/needs.ts";
import { canBeOrdinaryUser, ORDINARY_UID, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

const OFFLINE = ["--offline"];

const mayMount = isRoot() && needs("mount", "umount");

function examine(services: string, env: Record<string, string> = {}) {
  return doctor(OFFLINE, { env: { LOGSHIP_SERVICES: services, ...env } });
}

describe("disk and time", () => {
  test.skipIf(!mayMount)("a full disk", async () => {
    using disk = mountTmpfs("size=1m");
    writeFileSync(join(disk.path, "filler"), Buffer.alloc(1024 * 1024));
    expectFindings(await doctor(OFFLINE, { env: { LOGSHIP_STATE: disk.path } }), 1, {
      check: "disk",
      verdict: "failed",
      text: `full: 0 B free for ${disk.path}`,
      remedy: `du -xh ${disk.path} | sort -h | tail`,
    });
  });

  test.skipIf(!mayMount)("a disk without inodes, for a directory that is yet to be made", async () => {
    using disk = mountTmpfs("size=200m,nr_inodes=2");
    writeFileSync(join(disk.path, "last"), "");
    expectFindings(await doctor(OFFLINE, { env: { LOGSHIP_STATE: join(disk.path, "new/state") } }), 1, {
      check: "disk",
      verdict: "failed",
      text: `no inodes left for ${disk.path}`,
      remedy: `du -x --inodes ${disk.path} | sort -n | tail`,
    });
  });

  test.skipIf(!mayMount)("a disk that will soon be full", async () => {
    using disk = mountTmpfs("size=20m");
    expectFindings(await doctor(OFFLINE, { env: { LOGSHIP_STATE: disk.path } }), 0, {
      check: "disk",
      verdict: "warning",
      text: `only 21.0 MB free for ${disk.path}`,
      remedy: /^du /,
    });
  });

  test("a time zone that this host does not have", async () => {
    const found = await doctor(OFFLINE, { env: { TZ: "Mars/Olympus" } });
    expect(found.exitCode).toBe(0);
    expect(found.lines.find(({ check }) => check === "time zone")).toEqual(
      expect.objectContaining({
        verdict: "warning",
        text: expect.stringMatching(/local times are UTC$/),
        remedy: expect.stringMatching(/^(unset TZ|\S+ install tzdata)$/),
      }),
    );
  });
});

describe.skipIf(!needs("svscan", "supervise", "svc", "multilog"))("services", () => {
  async function isUp(svscan: Svscan, ...names: string[]): Promise<void> {
    await until("services are up", async () => (await svscan.logship("status", ...names)).exitCode === 0);
  }

  test("all up, with a logger that has room: all ok", async () => {
    await using svscan = new Svscan();
    svscan.add("s", "exec 2>&1; echo hello; exec sleep 1000", "exec multilog t ./main");
    svscan.start();
    await isUp(svscan, join(svscan.services, "s"), join(svscan.services, "s/log"));
    const found = await examine(svscan.services);
    expectFindings(found, 0);
    const checks = found.lines.slice(-5).map(({ check }) => check);
    expect(checks).toEqual(["svscan", "service", "logger", "log", "shipping"]);
    expect(found.lines.find(({ check }) => check === "log")?.text).toMatch(
      /\/s\/log\/main: \d+ B, [\d.]+ [GT]B free/,
    );
  });

  test("no svscan", async () => {
    using directory = new ServiceDirectory();
    directory.write("run").supervised({ age: 100, pid: process.pid, want: "u" });
    expectFindings(await examine(directory.parent), 1, {
      check: "svscan",
      verdict: "failed",
      text: `no svscan looks after ${directory.parent}`,
      remedy: /systemctl start daemontools/,
    });
  });

  test.skipIf(!mayMount || !needs("unshare"))("no svscan but one of a container", async () => {
    using directory = new ServiceDirectory();
    directory.write("run").supervised({ age: 100, pid: process.pid, want: "u" });
    const services = directory.parent;
    const script = `mount -t tmpfs tmpfs ${services} && exec svscan ${services}`;
    await using other = Bun.spawn(["unshare", "--mount", "sh", "-c", script], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    await until("its start", () => readFileSync(`/proc/${other.pid}/comm`, "latin1") === "svscan\n");
    expectFindings(await examine(services), 1, {
      check: "svscan",
      verdict: "failed",
      text: `no svscan looks after ${services}`,
      remedy: /systemctl start daemontools/,
    });
  });

  test("a service that is down, and one that is meant to be", async () => {
    await using svscan = new Svscan();
    svscan.add("s", "exec sleep 1000");
    const resting = svscan.add("resting", "exec sleep 1000");
    writeFileSync(join(resting, "down"), "");
    svscan.start();
    const service = join(svscan.services, "s");
    await isUp(svscan, service);
    await svscan.logship("stop", service);
    expectFindings(await examine(svscan.services), 1, {
      check: "service",
      verdict: "failed",
      text: new RegExp(`^${service}: down \\d+ seconds, normally up$`),
      remedy: new RegExp(`^(sudo )?logship start ${service}$`),
    });
  });

  test("a logger that is down", async () => {
    await using svscan = new Svscan();
    svscan.add("s", "exec sleep 1000", "exec multilog t ./main");
    svscan.start();
    const log = join(svscan.services, "s/log");
    await isUp(svscan, log);
    await svscan.logship("svc", "-dk", log);
    await until("it is down", async () => (await svscan.logship("status", log)).stdout.includes(": down"));
    expectFindings(await examine(svscan.services), 1, {
      check: "logger",
      verdict: "failed",
      text: new RegExp(`^${log}: down \\d+ seconds, normally up$`),
      remedy: new RegExp(`logship start ${log}$`),
    });
  });

  test("a service that ends again and again", async () => {
    await using svscan = new Svscan();
    svscan.add("s", "exec sleep 0.7");
    svscan.start();
    const service = join(svscan.services, "s");
    const isTold = async () => {
      const { lines, exitCode } = await examine(svscan.services);
      const found = lines.find(({ check }) => check === "service");
      return found?.verdict === "warning" ? { ...found, exitCode } : undefined;
    };
    const told = await until("the restart is told", isTold);
    expect(told.text).toEndWith("and not for the first time");
    expect(told.remedy).toBe(`logship tail ${service}`);
    expect(told.exitCode).toBe(0);
  });

  test("no supervise either", async () => {
    using directory = new ServiceDirectory();
    directory.write("run").fifo("supervise/ok", false);
    const found = await examine(directory.parent);
    expect(found.exitCode).toBe(1);
    expect(found.lines.find(({ check }) => check === "service")).toEqual(
      expect.objectContaining({
        verdict: "failed",
        text: `${directory.path}: supervise not running`,
        remedy: expect.stringMatching(new RegExp(`logship start ${directory.path}$`)),
      }),
    );
  });

  test.skipIf(!isRoot())("a log directory that the logger's account may not write", async () => {
    await using svscan = new Svscan();
    const service = svscan.add("s", "exec sleep 1000", "exec setuidgid nobody sleep 1000");
    const main = join(service, "log/main");
    logDirectory(main, "");
    chownSync(main, 0, 0);
    svscan.start();
    await isUp(svscan, service, join(service, "log"));
    expectFindings(await examine(svscan.services), 1, {
      check: "log",
      verdict: "failed",
      text: `${main}: nobody may not write there: access denied`,
      remedy: `chown -R nobody ${main}`,
    });
    chownSync(main, ORDINARY_UID, ORDINARY_UID);
    expectFindings(await examine(svscan.services), 0);
  });

  test.skipIf(!mayMount || !needs("readproctitle", "pkill"))(
    "a logger that waits because its disk is full",
    async () => {
      using disk = mountTmpfs("size=64k");
      await using svscan = new Svscan();
      svscan.add("s", "exec 2>&1; exec yes something to log", `exec multilog t ${disk.path}/main`);
      svscan.startWithTitle();
      const said = async () => {
        const { lines } = await examine(svscan.services);
        return lines.find(({ check, verdict }) => check === "svscan" && verdict === "warning");
      };
      const told = await until("the complaint is shown", said);
      expect(told.text).toMatch(
        /^its programs say: .*multilog: warning: unable to write .*out of disk space/s,
      );
    },
  );

  test.skipIf(!mayMount)("a log on a disk that is full, and one that will be", async () => {
    await using svscan = new Svscan();
    const service = svscan.add("s", "exec sleep 1000", "exec sleep 1000");
    const main = join(service, "log/main");
    mkdirSync(main);
    using _disk = mountTmpfs("size=64k", main);
    logDirectory(main, "");
    svscan.start();
    await isUp(svscan, service, join(service, "log"));
    writeFileSync(join(main, "current"), `${labelOf(60)} ${"x".repeat(20_000)}\n`);
    const remedy = `du -xh ${main} | sort -h | tail`;
    expectFindings(await examine(svscan.services), 0, {
      check: "log",
      verdict: "warning",
      text: /main: (19\.\d|20\.0) kB, \d+\.\d kB free, 0 h at \d+ B\/s if nothing is deleted$/,
      remedy,
    });
    Bun.spawnSync(["dd", "if=/dev/zero", `of=${main}/filler`, "bs=4k"], { stderr: "ignore" });
    expectFindings(await examine(svscan.services), 1, {
      check: "log",
      verdict: "failed",
      text: `${main}: its disk is full, and the logger waits until it is not`,
      remedy,
    });
  });

  test("trouble in the log of a service counts until it works again", async () => {
    await using svscan = new Svscan();
    const service = svscan.add("s", "exec sleep 1000", "exec sleep 1000");
    const log = logDirectory(join(service, "log/main"), "");
    svscan.start();
    await isUp(svscan, service, join(service, "log"));
    const look = `logship tail ${service}`;
    const fatal = "logship: fatal: unable to locate credentials: set them (see logship doctor)";
    writeFileSync(log, `${labelOf(20)} ${fatal}\n`);
    expectFindings(await examine(svscan.services), 0, {
      check: "trouble",
      verdict: "warning",
      text: `${service}: ${fatal}`,
      remedy: look,
    });
    const waiting = "logship: warning: unable to upload a to s3://b, trying on: timed out";
    writeFileSync(log, `${labelOf(20)} ${fatal}\n${labelOf(10)} ${waiting}\n`);
    const found = await examine(svscan.services);
    expect(found.lines.find(({ check }) => check === "uploads")).toEqual(
      expect.objectContaining({ verdict: "failed", text: `${service}: ${waiting}`, remedy: look }),
    );
    expect(found.exitCode).toBe(1);
    writeFileSync(log, `${labelOf(20)} ${fatal}\n${labelOf(5)} upload: a to s3://b/a\n`);
    expectFindings(await examine(svscan.services), 0);
  });

  test("a FIFO in place of a log's current file", async () => {
    await using svscan = new Svscan();
    const service = svscan.add("s", "exec sleep 1000", "exec sleep 1000");
    const log = logDirectory(join(service, "log/main"), "");
    renameSync(log, `${log}.old`);
    Bun.spawnSync(["mkfifo", log]);
    svscan.start();
    await isUp(svscan, service, join(service, "log"));
    expectFindings(await examine(svscan.services), 1, {
      check: "log",
      verdict: "failed",
      text: `unable to open ${log}: not a regular file`,
      remedy: `ls -la ${service}/log`,
    });
  });

  test.skipIf(!canBeOrdinaryUser)("services that this account may not look at: 111", async () => {
    const services = temporaryDirectory("services");
    chmodSync(services, 0o700);
    const args = ["doctor", "--json", "--offline", "--services", services, "--state", "/nowhere"];
    const found = diagnosis(await startAsOrdinaryUser(args).result);
    const hidden = found.lines.find(({ check }) => check === "services");
    expect(hidden).toEqual({
      check: "services",
      verdict: "failed",
      text: `unable to read services directory ${services}: access denied`,
      remedy: "sudo logship doctor",
      looked: false,
    });
    expect([1, 111]).toContain(found.exitCode); // 1 where the account sees that there is no svscan
  });
});

describe("shipping", () => {
  async function shipped(): Promise<Shipment> {
    const shipment = new Shipment();
    writeFileSync(shipment.path("a.log"), linesOf("line", 3));
    await shipment.once([shipment.path("a.log")]);
    return shipment;
  }

  function examineState({ state }: Shipment) {
    return doctor(OFFLINE, { env: { LOGSHIP_STATE: state } });
  }

  test("a log that is shipped and not behind", async () => {
    const shipment = await shipped();
    const found = await examineState(shipment);
    expectFindings(found, 0);
    expect(found.lines.find(({ check }) => check === "shipping")?.text).toBe(
      `${shipment.path("a.log")}: nothing behind, nobody ships it now`,
    );
  });

  test("a state that is damaged, or a FIFO", async () => {
    const shipment = await shipped();
    const { path } = shipment.stateFile;
    const damages = { damaged: () => writeFileSync(path, "{}"), "not a regular file": () => fifoAt(path) };
    for (const [reason, damage] of Object.entries(damages)) {
      damage();
      expectFindings(await examineState(shipment), 1, {
        check: "shipping",
        verdict: "failed",
        text: `unable to read ${path}: ${reason}`,
        remedy: new RegExp(`mv ${path} ${path}\\.damaged$`),
      });
    }
  });

  test("a state that was damaged", async () => {
    const shipment = await shipped();
    const { path } = shipment.stateFile;
    writeFileSync(`${path}.damaged`, "{}");
    expectFindings(await examineState(shipment), 0, {
      check: "shipping",
      verdict: "warning",
      text: `${path}.damaged was damaged and set aside: what it told may have been shipped twice`,
      remedy: new RegExp(`rm ${path}\\.damaged$`),
    });
  });

  test("a lock that is a FIFO is no reason to wait", async () => {
    const shipment = await shipped();
    fifoAt(shipment.stateFile.path.replace(/json$/, "lock"));
    expectFindings(await examineState(shipment), 0);
  });

  test.each([
    [20 * 60, "warning", 0],
    [2 * 3600, "failed", 1],
  ] as const)("a log that is %p s behind", async (seconds, verdict, exitCode) => {
    const shipment = await shipped();
    const sinceMs = Date.now() - seconds * 1000;
    shipment.rewriteState((state) => ({
      ...state,
      acknowledgedMs: sinceMs,
      generations: state.generations.map((generation) => ({
        ...generation,
        id: nextGeneration(sinceMs, undefined),
      })),
    }));
    writeFileSync(shipment.path("a.log"), linesOf("line", 5));
    expectFindings(await examineState(shipment), exitCode, {
      check: "shipping",
      verdict,
      text: new RegExp(`a\\.log: 14 B and up to ${seconds / 10}\\d s behind, nobody ships it now$`),
      remedy: "logship status --verbose",
    });
  });

  test.skipIf(!canBeOrdinaryUser)("positions that this account may not read: 111", async () => {
    const state = temporaryDirectory("state");
    chmodSync(state, 0o700);
    chmodSync(runDirectory, 0o711);
    const args = ["doctor", "--json", "--offline", "--services", "/nowhere", "--state", state];
    expectFindings(diagnosis(await startAsOrdinaryUser(args).result), 111, {
      check: "shipping",
      verdict: "failed",
      text: `unable to read directory ${state}: access denied`,
      remedy: "sudo logship doctor",
    });
  });

  test.skipIf(!canBeOrdinaryUser)(
    "positions in a directory that this account may not enter: 111",
    async () => {
      const closed = temporaryDirectory("closed");
      chmodSync(closed, 0o700);
      chmodSync(runDirectory, 0o711);
      const state = join(closed, "state");
      const args = ["doctor", "--json", "--offline", "--services", "/nowhere", "--state", state];
      const remedy = "sudo logship doctor";
      expectFindings(
        diagnosis(await startAsOrdinaryUser(args).result),
        111,
        { check: "disk", verdict: "failed", text: `unable to look at ${state}: access denied`, remedy },
        {
          check: "shipping",
          verdict: "failed",
          text: `unable to read directory ${state}: access denied`,
          remedy,
        },
      );
    },
  );

  test("positions that are no directory: 111", async () => {
    const file = join(temporaryDirectory("state"), "file");
    writeFileSync(file, "");
    expectFindings(await doctor(OFFLINE, { env: { LOGSHIP_STATE: file } }), 111, {
      check: "shipping",
      verdict: "failed",
      text: `unable to read directory ${file}: not a directory`,
      remedy: `ls -ld ${file}`,
    });
  });
});

function fifoAt(path: string): void {
  Bun.spawnSync(["rm", "-f", path]);
  Bun.spawnSync(["mkfifo", path]);
}

/** A log directory as multilog leaves it. @returns the path of `current` */
function logDirectory(path: string, content: string): string {
  mkdirSync(path, { recursive: true });
  for (const name of ["lock", "state"]) writeFileSync(join(path, name), "");
  writeFileSync(join(path, "current"), content);
  return join(path, "current");
}
