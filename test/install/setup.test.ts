import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { Host, pathsIn } from "./host.ts";
import { tarballIfPossible } from "./tarball.ts";

/** Limits are there for what hangs; a busy machine gets five times what it takes. */
const MINUTES = 5 * 60_000;
const tarball = await tarballIfPossible();

describe.skipIf(!tarball)("install/setup.sh on a bare Debian 12 that systemd has booted", () => {
  const host = new Host();
  const { container } = host;
  let bare: string;

  beforeAll(async () => {
    await host.prepare(tarball!);
    bare = await host.traces();
  }, 5 * MINUTES);

  afterAll(() => host.dispose(), 2 * MINUTES);

  test("does not touch a service of that name that somebody else has made", async () => {
    await container.shell("mkdir -p /daemon/services/mine; echo mine >/daemon/services/mine/run");
    const result = await host.setup(...host.settings, "--service", "mine");
    expect(result.stderr).toStartWith(
      "setup: problem: /daemon/services/mine/run is there and not from this script (--service NAME)\n",
    );
    expect(result.exitCode).toBe(111);
    await container.run("rm", "-r", "/daemon");
  });

  test("names all that is in the way at once and changes nothing", async () => {
    const result = await host.setup(
      "--user",
      "nobody-of-this-name",
      "--daemontools-tarball",
      "/root/not-there",
    );
    expect(result.stderr).toBe(
      "setup: problem: there is no account nobody-of-this-name: useradd -r nobody-of-this-name makes it, --user ACCOUNT takes another\n" +
        "setup: problem: /root/not-there cannot be read\n" +
        "setup: fatal: unable to install: 2 problem(s), nothing was changed\n",
    );
    expect(result.exitCode).toBe(111);
    expect(await host.traces()).toBe(bare);
  });

  test("says with --dry-run what it would do, and does nothing", async () => {
    const result = await host.setup(...host.settings, "--dry-run");
    expect(result.stdout).toContain("setup: link /service/requisitions to /daemon/services/requisitions\n");
    expect(result.exitCode).toBe(0);
    expect(await host.traces()).toBe(bare);
  });

  test("refuses a wrong command line with exit code 100", async () => {
    const result = await host.setup("--purge");
    expect(result.stderr).toBe("setup: fatal: unable to parse --purge: it belongs to --uninstall\n");
    expect(result.exitCode).toBe(100);
  });

  test(
    "installs nothing when the tarball is not the one it knows",
    async () => {
      const result = await host.setup("--daemontools-tarball", "/root/other.tar.gz");
      expect(result.stderr).toMatch(
        /^setup: fatal: unable to check and unpack it: its sha256 is [0-9a-f]{64}, not that of daemontools 0.76\n$/,
      );
      expect(result.exitCode).toBe(111);
      expect(await host.traces()).toBe(bare);
    },
    5 * MINUTES,
  );

  test(
    "leaves nothing but a compiler when it is interrupted while it compiles",
    async () => {
      const result = await container.shell(
        `set -m; /root/logship/install/setup.sh ${host.settings.join(" ")} & sleep 1; kill -TERM -- -$!; wait $!`,
      );
      expect(result.exitCode).toBe(143);
      expect(await host.traces()).toBe(bare);
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
      const installed = await container.shell(`${script} ${host.settings.join(" ")}`);
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
      expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
    },
    3 * MINUTES,
  );

  test(
    "makes the host a supervised shipper",
    async () => {
      const result = await host.setup(...host.settings);
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
    const run = await host.pidOf("'/usr/local/bin/logship run '");
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
    await until("three batches in the bucket", () => host.batchCount() >= 3);
    const diary = await container.run("cat", "/service/requisitions/log/main/current");
    expect(diary.stdout).toMatch(
      /^@4[0-9a-f]{23} upload: (access\.\S+\/access\.\S+\.log\.aa) to s3:\/\/requisitions-logs\/\1$/m,
    );
    const tail = await host.logship("tail", "-n", "1");
    expect(tail.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} upload: \S+ to s3:\/\/requisitions-logs\/\S+\n$/,
    );
    const status = await host.logship("status", "--verbose");
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
      const before = await host.traces();
      const result = await host.setup(...host.settings);
      expect(result.stdout).toStartWith("setup: everything is in place already\n");
      expect(result.exitCode).toBe(0);
      expect(await host.traces()).toBe(before);
    },
    2 * MINUTES,
  );

  test(
    "restarts the service when a setting changes",
    async () => {
      const before = await host.pidOf("'/usr/local/bin/logship run '");
      const result = await host.setup("--interval", "2s");
      expect(result.stdout).toContain("setup: write /daemon/services/requisitions/env/LOGSHIP_INTERVAL\n");
      expect(result.exitCode).toBe(0);
      const after = await host.pidOf("'/usr/local/bin/logship run '");
      expect(after).not.toBe(before);
    },
    2 * MINUTES,
  );

  test(
    "obeys svc -d and svc -u",
    async () => {
      await container.run("svc", "-d", "/service/requisitions");
      await until("the end of the service", async () => (await host.logship("status")).exitCode === 1);
      expect((await host.logship("status", "requisitions")).stdout).toMatch(
        /: down \d+ seconds, normally up\n$/,
      );
      await container.run("svc", "-u", "/service/requisitions");
      await until("the start of the service", async () => (await host.logship("status")).exitCode === 0);
    },
    2 * MINUTES,
  );

  test.each(["'/usr/local/bin/logship run '", "'/usr/local/bin/logship multilog '*"])(
    "starts %s again after kill -9",
    async (pattern) => {
      const before = await host.pidOf(pattern);
      await container.shell(`kill -9 ${before}`);
      await until("another process", async () => {
        const after = await host.pidOf(pattern);
        return after !== undefined && after !== before;
      });
    },
    MINUTES,
  );

  test(
    "starts supervise again after kill -9, and the program once its orphan is gone",
    async () => {
      const supervise = await host.pidOf("'supervise requisitions '");
      const orphan = await host.pidOf("'/usr/local/bin/logship run '");
      await container.shell(`kill -9 ${supervise} ${orphan}`);
      const started = await host.logship("start", "--timeout", "20s", "requisitions");
      expect(started.exitCode).toBe(0);
    },
    MINUTES,
  );

  test(
    "starts everything again after kill -9 of svscanboot",
    async () => {
      const before = await host.pidOf("'svscan /service '");
      const boot = await host.pidOf("'/bin/sh /command/svscanboot '");
      await container.shell(`kill -9 ${boot}`);
      await until("another svscan", async () => {
        const after = await host.pidOf("'svscan /service '");
        return after !== undefined && after !== before;
      });
      expect((await host.logship("start", "--timeout", "20s", "requisitions")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test(
    "uploads again by itself after a reboot",
    async () => {
      await container.powerOff();
      const before = host.batchCount();
      await container.boot();
      await until("a new batch", () => host.batchCount() > before);
      expect((await host.logship("status")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test("has in the bucket all that the diary tells of, and the diary goes back to before the reboot", async () => {
    const diary = await host.logship("tail", "--since", "1d", "--tai", "--grep", " upload: ");
    const told = diary.stdout.trimEnd().split("\n");
    expect(told.length).toBeGreaterThan(10);
    const labels = told.map((line) => line.slice(0, 25));
    expect(labels.toSorted()).toEqual(labels);
    for (const line of told) {
      const key = line.replace(/^.* to s3:\/\/requisitions-logs\//, "");
      expect(host.hasObject(key)).toBe(true);
    }
  });

  test(
    "keeps settings and logs when it is uninstalled",
    async () => {
      const result = await host.setup("--uninstall");
      expect(result.exitCode).toBe(0);
      const left = await container.shell(
        "find /daemon /service /command /usr/local/bin /lib/systemd/system/daemontools.service -type f 2>/dev/null",
      );
      expect(left.stdout).toContain("/daemon/services/requisitions/env/LOGSHIP_TO\n");
      expect(left.stdout).toContain("/daemon/services/requisitions/log/main/current\n");
      expect(left.stdout.replace(/^\/daemon\/services\/requisitions\/(env|log\/main)\/.*\n/gm, "")).toBe("");
      expect(await host.pidOf("'svscan /service '")).toBeUndefined();
    },
    2 * MINUTES,
  );

  test(
    "leaves nothing with --uninstall --purge",
    async () => {
      const result = await host.setup("--uninstall", "--purge");
      expect(result.exitCode).toBe(0);
      expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
    },
    2 * MINUTES,
  );
});
