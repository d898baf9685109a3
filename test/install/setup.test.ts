import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { type S3rver, startS3rver } from "../support/s3rver.ts";
import { until } from "../support/until.ts";
import { Container } from "./container.ts";
import { fetchTarball } from "./tarball.ts";

const MINUTES = 60_000;
const isWanted = process.env.CI === "true" || process.env.LOGSHIP_TEST_INSTALL === "1";
if (!isWanted)
  process.stderr.write("skipping test/install, which takes minutes: LOGSHIP_TEST_INSTALL=1 runs it\n");
const isPossible =
  isWanted && needs("debootstrap", "systemd-nspawn", "nsenter", "apt-get") && process.getuid?.() === 0;
const tarball = isPossible ? await fetchTarball() : undefined;

describe.skipIf(!tarball)("install/setup.sh on a bare Debian 12 that systemd has booted", () => {
  const container = new Container();
  const objects = temporaryDirectory("objects");
  let s3: S3rver;

  const setup = (...args: string[]) => container.run("/root/logship/install/setup.sh", ...args);
  const logship = (...args: string[]) => container.run("logship", ...args);
  const settings = () =>
    [
      ["--daemontools-tarball", "/root/daemontools.tar.gz"],
      ["--bucket", "requisitions-logs", "--region", s3.region, "--interval", "1s"],
      ["--env", `AWS_ENDPOINT_URL=${s3.endpoint}`, "--env", `AWS_ACCESS_KEY_ID=${s3.accessKeyId}`],
      ["--env", `AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey}`],
      ["--env", "LOGSHIP_RECORDS=300", "--env", "LOGSHIP_PIECE_BYTES=20k"],
    ].flat();
  /** Every file that setup.sh could have touched, with what would show a change. */
  const traces = async () => {
    const places = "/daemon /service /command /usr/local /var/lib/logship /lib/systemd/system /etc/systemd";
    const found = await container.shell(
      `find ${places} -name supervise -prune -o -path '*/log/main/*' -prune -o -printf '%p %y %m %u %T@ %l\\n' 2>/dev/null | sort`,
    );
    return found.stdout;
  };
  const pidOf = async (pattern: string) => {
    const found = await container.shell(
      `for p in /proc/[0-9]*; do [[ $(tr '\\0' ' ' 2>/dev/null <$p/cmdline) == ${pattern} ]] && echo \${p#/proc/}; done`,
    );
    return found.stdout
      .trim()
      .split("\n")
      .filter((pid) => pid !== "")
      .map(Number);
  };
  const batches = () => readdirSync(join(objects, "requisitions-logs"), { withFileTypes: true }).length;
  let bare: string;

  beforeAll(async () => {
    s3 = await startS3rver(objects);
    await container.build();
    const copied = join(container.root, "root/logship");
    mkdirSync(join(copied, "dist"), { recursive: true });
    cpSync(executable, join(copied, "dist/logship"));
    cpSync(join(import.meta.dir, "../../install"), join(copied, "install"), { recursive: true });
    cpSync(tarball!, join(container.root, "root/daemontools.tar.gz"));
    writeFileSync(join(container.root, "root/other.tar.gz"), "something else");
    await container.boot();
    bare = await traces();
  }, 5 * MINUTES);

  afterAll(async () => {
    await container.powerOff();
    await s3.stop();
  }, 2 * MINUTES);

  test("names all that is in the way at once and changes nothing", async () => {
    const result = await setup("--user", "nobody-of-this-name", "--daemontools-tarball", "/root/not-there");
    expect(result.stderr).toBe(
      "setup: problem: there is no account nobody-of-this-name (--user ACCOUNT)\n" +
        "setup: problem: /root/not-there cannot be read\n" +
        "setup: fatal: unable to install: 2 problem(s), nothing was changed\n",
    );
    expect(result.exitCode).toBe(111);
    expect(await traces()).toBe(bare);
  });

  test("says with --dry-run what it would do, and does nothing", async () => {
    const result = await setup(...settings(), "--dry-run");
    expect(result.stdout).toContain("setup: link /service/requisitions to /daemon/services/requisitions\n");
    expect(result.exitCode).toBe(0);
    expect(await traces()).toBe(bare);
  });

  test("refuses a wrong command line with exit code 100", async () => {
    const result = await setup("--purge");
    expect(result.stderr).toBe("setup: fatal: unable to parse --purge: it belongs to --uninstall\n");
    expect(result.exitCode).toBe(100);
  });

  test(
    "installs nothing when the tarball is not the one it knows",
    async () => {
      const result = await setup("--daemontools-tarball", "/root/other.tar.gz");
      expect(result.stderr).toMatch(
        /^setup: fatal: unable to check and unpack it: its sha256 is [0-9a-f]{64}, not that of daemontools 0.76\n$/,
      );
      expect(result.exitCode).toBe(111);
      expect(await traces()).toBe(bare);
    },
    5 * MINUTES,
  );

  test(
    "leaves nothing but a compiler when it is interrupted while it compiles",
    async () => {
      const result = await container.shell(
        `set -m; /root/logship/install/setup.sh ${settings().join(" ")} & sleep 1; kill -TERM -- -$!; wait $!`,
      );
      expect(result.exitCode).toBe(143);
      expect(await traces()).toBe(bare);
      expect((await container.shell("ls -d /.daemontools* 2>/dev/null")).stdout).toBe("");
    },
    2 * MINUTES,
  );

  test(
    "labels the programs of daemontools for SELinux, and takes the label back",
    async () => {
      const fake = "/root/selinux";
      await container.shell(
        `mkdir ${fake}; cd ${fake}; printf '#!/bin/sh\\necho Enforcing\\n' >getenforce; ` +
          `for tool in semanage restorecon; do printf '#!/bin/sh\\necho %s "$@" >>${fake}/calls\\n' $tool >$tool; done; chmod +x *`,
      );
      const script = `PATH=${fake}:$PATH /root/logship/install/setup.sh`;
      const installed = await container.shell(`${script} ${settings().join(" ")}`);
      expect(installed.stderr).toBe("");
      expect(installed.exitCode).toBe(0);
      const removed = await container.shell(`${script} --uninstall --purge`);
      expect(removed.exitCode).toBe(0);
      expect((await container.run("cat", `${fake}/calls`)).stdout).toBe(
        "restorecon /usr/local/bin/logship\n" +
          "semanage fcontext -a -t bin_t /daemon/admin/daemontools-0.76/command(/.*)?\n" +
          "restorecon -R /daemon/admin/daemontools-0.76/command\n" +
          "semanage fcontext -d /daemon/admin/daemontools-0.76/command(/.*)?\n",
      );
      expect(namesIn(await traces())).toBe(namesIn(bare));
    },
    3 * MINUTES,
  );

  test(
    "makes the host a supervised shipper",
    async () => {
      const result = await setup(...settings());
      expect(result.stderr).toBe("");
      expect(result.stdout).toMatch(/^\/service\/requisitions: up \(pid \d+\) \d+ seconds$/m);
      expect(result.stdout).toMatch(/^\/service\/requisitions\/log: up \(pid \d+\) \d+ seconds$/m);
      expect(result.exitCode).toBe(0);
      expect((await container.run("systemctl", "is-active", "daemontools.service")).stdout).toBe("active\n");
      expect((await container.run("systemctl", "is-enabled", "daemontools.service")).stdout).toBe(
        "enabled\n",
      );
    },
    5 * MINUTES,
  );

  test("is svscanboot, svscan, supervise and logship as the account, one the parent of the next", async () => {
    const [run] = await pidOf("'/usr/local/bin/logship run '");
    let pid = run;
    const chain: string[] = [];
    while (pid !== undefined && pid > 1) {
      const status = await container.shell(
        `tr '\\0' ' ' </proc/${pid}/cmdline; stat -c ' %U' /proc/${pid}; grep PPid /proc/${pid}/status`,
      );
      chain.push(status.stdout.split("\n")[0]!.replace(/ +/g, " "));
      pid = Number(/PPid:\s+(\d+)/.exec(status.stdout)?.[1]);
    }
    expect(chain).toEqual([
      "/usr/local/bin/logship run ec2-user",
      "supervise requisitions root",
      "svscan /service root",
      "/bin/sh /command/svscanboot root",
    ]);
  });

  test("uploads objects and tells of them in a labelled diary", async () => {
    await until("three batches in the bucket", () => batches() >= 3);
    const diary = await container.run("cat", "/service/requisitions/log/main/current");
    expect(diary.stdout).toMatch(
      /^@4[0-9a-f]{23} upload: (access\.\S+\/access\.\S+\.log\.aa) to s3:\/\/requisitions-logs\/\1$/m,
    );
    const tail = await logship("tail", "-n", "1");
    expect(tail.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} upload: \S+ to s3:\/\/requisitions-logs\/\S+\n$/,
    );
    const status = await logship("status", "--verbose");
    expect(status.stdout).toContain("  runs      /usr/local/bin/logship run (as ec2-user)\n");
    expect(status.stdout).toMatch(/^ {2}uploaded {2}\d{4}-\S+ \S+ upload: /m);
    expect(status.exitCode).toBe(0);
  });

  test("keeps settings and credentials from everyone but root", async () => {
    const found = await container.shell(
      "stat -c '%a %U %n' /service/requisitions/env /service/requisitions/env/AWS_*",
    );
    expect(found.stdout.split("\n")[0]).toBe("700 root /service/requisitions/env");
    expect(found.stdout).toContain("600 root /service/requisitions/env/AWS_SECRET_ACCESS_KEY\n");
  });

  test(
    "changes nothing on a second run",
    async () => {
      const before = await traces();
      const result = await setup(...settings());
      expect(result.stdout).toStartWith("setup: everything is in place already\n");
      expect(result.exitCode).toBe(0);
      expect(await traces()).toBe(before);
    },
    2 * MINUTES,
  );

  test(
    "restarts the service when a setting changes",
    async () => {
      const [before] = await pidOf("'/usr/local/bin/logship run '");
      const result = await setup("--interval", "2s");
      expect(result.stdout).toContain("setup: write /daemon/services/requisitions/env/LOGSHIP_INTERVAL\n");
      expect(result.exitCode).toBe(0);
      const [after] = await pidOf("'/usr/local/bin/logship run '");
      expect(after).not.toBe(before);
    },
    2 * MINUTES,
  );

  test(
    "obeys svc -d and svc -u",
    async () => {
      await container.run("svc", "-d", "/service/requisitions");
      await until("the end of the service", async () => (await logship("status")).exitCode === 1);
      expect((await logship("status", "requisitions")).stdout).toMatch(/: down \d+ seconds, normally up\n$/);
      await container.run("svc", "-u", "/service/requisitions");
      await until("the start of the service", async () => (await logship("status")).exitCode === 0);
    },
    2 * MINUTES,
  );

  test.each(["'/usr/local/bin/logship run '", "'/usr/local/bin/logship multilog '*"])(
    "starts %s again after kill -9",
    async (pattern) => {
      const [before] = await pidOf(pattern);
      await container.shell(`kill -9 ${before}`);
      await until("another process", async () => {
        const [after] = await pidOf(pattern);
        return after !== undefined && after !== before;
      });
    },
    MINUTES,
  );

  test(
    "starts supervise again after kill -9, and the program once its orphan is gone",
    async () => {
      const [supervise] = await pidOf("'supervise requisitions '");
      const [orphan] = await pidOf("'/usr/local/bin/logship run '");
      await container.shell(`kill -9 ${supervise} ${orphan}`);
      const started = await logship("start", "--timeout", "20s", "requisitions");
      expect(started.exitCode).toBe(0);
    },
    MINUTES,
  );

  test(
    "starts everything again after kill -9 of svscanboot",
    async () => {
      const [before] = await pidOf("'svscan /service '");
      const [boot] = await pidOf("'/bin/sh /command/svscanboot '");
      await container.shell(`kill -9 ${boot}`);
      await until("another svscan", async () => {
        const [after] = await pidOf("'svscan /service '");
        return after !== undefined && after !== before;
      });
      expect((await logship("start", "--timeout", "20s", "requisitions")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test(
    "uploads again by itself after a reboot",
    async () => {
      await container.powerOff();
      const before = batches();
      await container.boot();
      await until("a new batch", () => batches() > before);
      expect((await logship("status")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test("has in the bucket all that the diary tells of, and the diary goes back to before the reboot", async () => {
    const diary = await logship("tail", "--since", "1d", "--tai", "--grep", " upload: ");
    const told = diary.stdout.trimEnd().split("\n");
    expect(told.length).toBeGreaterThan(10);
    expect(told.toSorted()).toEqual(told);
    for (const line of told) {
      const key = line.replace(/^.* to s3:\/\/requisitions-logs\//, "");
      expect(existsSync(join(objects, "requisitions-logs", `${key}._S3rver_object`))).toBe(true);
    }
  });

  test(
    "keeps settings and logs when it is uninstalled",
    async () => {
      const result = await setup("--uninstall");
      expect(result.exitCode).toBe(0);
      const left = await container.shell(
        "find /daemon /service /command /usr/local/bin /lib/systemd/system/daemontools.service -type f 2>/dev/null",
      );
      expect(left.stdout).toContain("/daemon/services/requisitions/env/LOGSHIP_TO\n");
      expect(left.stdout).toContain("/daemon/services/requisitions/log/main/current\n");
      expect(left.stdout.replace(/^\/daemon\/services\/requisitions\/(env|log\/main)\/.*\n/gm, "")).toBe("");
      expect(await pidOf("'svscan /service '")).toEqual([]);
    },
    2 * MINUTES,
  );

  test(
    "leaves nothing with --uninstall --purge",
    async () => {
      const result = await setup("--uninstall", "--purge");
      expect(result.exitCode).toBe(0);
      expect(namesIn(await traces())).toBe(namesIn(bare));
    },
    2 * MINUTES,
  );
});

/** The paths alone: directories that something else made and that were changed meanwhile have another time. */
function namesIn(traces: string): string {
  return traces.replace(/^(\S+) .*$/gm, "$1");
}
