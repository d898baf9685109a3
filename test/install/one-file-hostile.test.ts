import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { seededRandom } from "../support/random.ts";
import { until } from "../support/until.ts";
import { distPrograms, distWith } from "./dist.ts";
import { Host, ONE_FILE, pathsIn } from "./host.ts";
import { tarballIfPossible } from "./tarball.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const tarball = await tarballIfPossible(...distPrograms);
const project = join(import.meta.dir, "../..");

describe.skipIf(!tarball)("logship setup in hostile surroundings", () => {
  const host = new Host({ hasNetwork: false });
  const { container } = host;
  const settings = "--interval 1s --env LOGSHIP_RECORDS=300 --env LOGSHIP_TO=file:///var/tmp/objects";
  const setup = (options: string) => container.shell(`${ONE_FILE} setup ${options}`);
  /** What a setup keeps for itself while it runs. */
  const leftovers = async () => (await container.shell("ls -dA /run/logship-setup /.daemontools*")).stdout;
  let bare: string;

  const expectShipper = async (services = "/service") => {
    const status = await host.logship("status");
    expect(status.stdout).toStartWith(`${services}/requisitions: up `);
    expect(status.exitCode).toBe(0);
  };
  const expectBareAfterUninstall = async () => {
    const result = await setup("--uninstall --purge");
    expect(result.stderr).toBe("");
    expect(result.exitCode).toBe(0);
    expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
    expect(await leftovers()).toBe("");
  };

  beforeAll(async () => {
    await host.prepareWith(join(await distWith(tarball!), "logship"));
    cpSync(join(project, "install"), join(container.root, "home/ec2-user/install"), { recursive: true });
    await container.shell("rm /usr/bin/apt-get; install -d -o ec2-user /var/tmp/objects");
    bare = await host.traces();
  }, 8 * MINUTES);

  afterAll(() => host.dispose(), 2 * MINUTES);

  test(
    "killed again and again at any step, it goes on where it was, and leaves nothing",
    async () => {
      const random = seededRandom("logship setup killed");
      const signals = ["TERM", "INT", "KILL"];
      let result = { stdout: "", stderr: "", exitCode: -1 };
      for (let run = 0; run < 40 && result.exitCode !== 0; run++) {
        const steps = 1 + Math.floor(random() * 6);
        const signal = signals[Math.floor(random() * signals.length)]!;
        // TERM and INT are to be handed on by logship; KILL cannot be.
        result = await host.setupKilled(
          `${ONE_FILE} setup ${settings}`,
          steps,
          signal,
          signal === "KILL" ? "all" : "program",
        );
        expect([0, 130, 137, 143]).toContain(result.exitCode);
        if (signal !== "KILL") expect(await leftovers()).toBe("");
      }
      expect((await setup(settings)).exitCode).toBe(0);
      await expectShipper();
      await expectBareAfterUninstall();
    },
    8 * MINUTES,
  );

  test(
    "goes on to the end when only the program is killed, and the next one clears up",
    async () => {
      const killed = await container.shell(`
        : >/root/said # of an earlier setup
        ${ONE_FILE} setup ${settings} >/root/said 2>&1 & until grep -q wait /root/said; do sleep .01; done
        kill -9 $!; ls /run/logship-setup; ${ONE_FILE} setup ${settings}; echo $?; flock /run/logship-setup.lock true`);
      expect(killed.stdout).toBe("install\n111\n");
      expect(killed.stderr).toContain(
        "logship: fatal: unable to set up this host: another setup is at work\n",
      );
      await expectShipper();
      await expectBareAfterUninstall();
    },
    3 * MINUTES,
  );

  test("leaves the files of a setup that is at work alone", async () => {
    const result = await container.shell(`
      mkdir /run/logship-setup; flock /run/logship-setup.lock ${ONE_FILE} setup; echo $?; rmdir /run/logship-setup && echo there`);
    expect(result.stderr).toBe("logship: fatal: unable to set up this host: another setup is at work\n");
    expect(result.stdout).toBe("111\nthere\n");
  });

  test("names the directory for which there is no room, and has changed nothing", async () => {
    const result = await container.shell(
      `unshare --mount bash -c 'mount -t tmpfs -o size=8k tmpfs /run && ${ONE_FILE} setup ${settings}; code=$?; ls /run; exit $code'`,
    );
    expect(result.stderr).toBe(
      "logship: fatal: unable to unpack the installer into /run/logship-setup: out of disk space\n",
    );
    expect(result.stdout).toBe("logship-setup.lock\n");
    expect(result.exitCode).toBe(111);
    expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
  });

  test(
    "works with umask 077, a home, /tmp and /run where nothing may be executed, and sudo's path",
    async () => {
      const result = await container.shell(`
        cp ${ONE_FILE} /opt; mount -t tmpfs -o noexec tmpfs /home/ec2-user; mount -t tmpfs -o noexec tmpfs /tmp
        mount -o remount,noexec /run; cd /home/ec2-user; umask 077
        HOME=/home/ec2-user PATH=/sbin:/bin:/usr/sbin:/usr/bin /opt/logship setup ${settings}; code=$?
        mount -o remount,exec /run; cd /; umount /home/ec2-user /tmp; rm /opt/logship; exit $code`);
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      const shown = await container.shell("runuser -u ec2-user -- /usr/local/bin/logship status --verbose");
      expect(shown.stdout).toContain("runs      /usr/local/bin/logship run (as ec2-user)");
      await expectBareAfterUninstall();
    },
    3 * MINUTES,
  );

  test(
    "brings its programs to install/setup.sh beside it, also from where nothing may be executed",
    async () => {
      const result = await container.shell(`
        mkdir /root/noexec; mount -t tmpfs -o noexec,size=200m tmpfs /root/noexec; cp -r /home/ec2-user/. /root/noexec
        bash /root/noexec/install/setup.sh ${settings}; code=$?; umount /root/noexec; exit $code`);
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      expect(result.stdout).not.toContain("compile");
      await expectShipper();
      await expectBareAfterUninstall();
    },
    3 * MINUTES,
  );

  test("with --from-source says what it lacks to compile", async () => {
    const result = await setup("--from-source");
    expect(result.stderr).toBe(
      "setup: fatal: unable to install gcc make patch C-headers: there is no apt-get, dnf or yum; install them yourself, or take a logship of 'npm run dist', which needs none\n",
    );
    expect(result.exitCode).toBe(111);
    expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
  });

  describe.skipIf(!needs("svscan"))("where Debian's daemontools is installed", () => {
    beforeAll(() => {
      const script = readFileSync(join(project, "install/daemontools.sh"), "utf8");
      const names = /^COMMANDS=\(([^)]*)\)/m.exec(script)![1]!.trim().split(/\s+/);
      for (const name of names) cpSync(join("/usr/bin", name), join(container.root, "usr/bin", name));
    });

    test(
      "uses it with a unit of its own, in /etc/service",
      async () => {
        const result = await setup(settings);
        expect(result.stderr).toBe("");
        expect(result.exitCode).toBe(0);
        await expectShipper("/etc/service");
        const found = await container.shell(
          "readlink /command/supervise; ls -d /daemon/admin /service; cat /lib/systemd/system/daemontools.service",
        );
        expect(found.stdout).toStartWith("/usr/bin/supervise\n# Only what ");
        expect(found.stdout).toContain("stop --timeout 40s /etc/service/*'");
        expect((await setup(settings)).stdout).toStartWith("setup: everything is in place already\n");
        expect((await container.run("systemctl", "stop", "daemontools")).exitCode).toBe(0);
        await expectBareAfterUninstall();
        expect((await container.run("ls", "/usr/bin/svscanboot")).exitCode).toBe(0);
      },
      3 * MINUTES,
    );

    test(
      "joins the services that its own unit runs, and leaves them running when it is uninstalled",
      async () => {
        await container.shell(`
          mkdir -p /etc/service /root/other; printf '#!/bin/sh\\nexec sleep 1000\\n' >/root/other/run; chmod +x /root/other/run
          ln -s /root/other /etc/service/other
          printf '[Service]\\nExecStart=/usr/bin/svscanboot /etc/service/\\nRestart=always\\n[Install]\\nWantedBy=multi-user.target\\n' \\
            >/lib/systemd/system/daemontools-run.service
          systemctl daemon-reload; systemctl enable --now daemontools-run.service`);
        await until(
          "the other service",
          async () => (await container.run("svok", "/root/other")).exitCode === 0,
        );
        const other = await host.pidOf("'supervise other '");
        const result = await setup(settings);
        expect(result.stderr).toBe("");
        expect(result.stdout).toContain("setup: keep the daemontools-run.service that is here already\n");
        expect(result.exitCode).toBe(0);
        expect((await host.logship("status", "requisitions")).exitCode).toBe(0);
        const removed = await setup("--uninstall --purge");
        expect(removed.stderr).toContain("there are other services: /etc/service/other\n");
        expect((await container.shell("ls /etc/service")).stdout).toBe("other\n");
        expect(await host.pidOf("'supervise other '")).toBe(other!);
      },
      3 * MINUTES,
    );
  });
});
