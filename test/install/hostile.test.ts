import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../support/random.ts";
import { distPrograms, distWith } from "./dist.ts";
import { Host, ONE_FILE, pathsIn } from "./host.ts";
import { tarballIfPossible } from "./tarball.ts";

/** Limits are there for what hangs; a busy machine gets five times what it takes. */
const MINUTES = 5 * 60_000;
const ROUNDS = Number(process.env.LOGSHIP_TEST_ROUNDS ?? 2);
const tarball = await tarballIfPossible(...distPrograms);

/**
 * Notes every name that svscan would see in /service, and holds setup.sh at whatever it is doing to have time to look;
 * from the moment on when there is such a directory.
 */
const LOOKER = `
until [[ -e /service || -e /root/stop-looking ]]; do sleep .01; done
while [[ ! -e /root/stop-looking ]]; do
  kill -STOP $1 2>/dev/null
  for name in /service/*; do echo "$name"; done
  kill -CONT $1 2>/dev/null
done | sort -u >/root/seen
`;

describe.skipIf(!tarball)("install/setup.sh in hostile surroundings", () => {
  const host = new Host();
  const { container } = host;
  const script = "/root/logship/install/setup.sh";
  const settings = () => host.settings.join(" ");
  let bare: string;

  beforeAll(async () => {
    await host.prepare(tarball!);
    // A compiler stays, so that the runs that are killed do not fetch it again and again.
    await container.shell(`${script} ${settings()} && ${script} --uninstall --purge`);
    bare = await host.traces();
  }, 8 * MINUTES);

  afterAll(() => host.dispose(), 2 * MINUTES);

  test(
    "killed again and again at any step, it goes on where it was, and leaves nothing when it is uninstalled",
    async () => {
      const random = seededRandom("setup.sh killed");
      let result = { stdout: "", stderr: "", exitCode: -1 };
      for (let run = 0; run < 60 && result.exitCode !== 0; run++) {
        const steps = 1 + Math.floor(random() * 14);
        const signal = random() < 0.5 ? "KILL" : "TERM";
        result = await host.setupKilled(`${script} ${settings()}`, steps, signal, "all");
        expect([0, 137, 143]).toContain(result.exitCode);
      }
      expect((await host.setup(...host.settings)).exitCode).toBe(0);
      expect((await host.logship("status")).exitCode).toBe(0);
      expect((await host.setup("--uninstall", "--purge")).exitCode).toBe(0);
      expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
      expect((await container.shell("ls -d /.daemontools* 2>/dev/null")).stdout).toBe("");
    },
    8 * MINUTES,
  );

  test(
    "changes nothing when the package manager fails, at once or half-way, and goes on when it works again",
    async () => {
      const farm = "/root/without-make";
      await container.shell(
        `mkdir ${farm}; ln -s /usr/bin/* /usr/sbin/* ${farm} 2>/dev/null; rm ${farm}/{make,apt-get}`,
      );
      const setupWith = (manager: string, does: string) =>
        container.shell(`
          printf '#!/bin/sh\n%s\n' '${does}' >${farm}/${manager}; chmod +x ${farm}/${manager}
          PATH=${farm} ${script} ${settings()}; code=$?; rm ${farm}/${manager}; exit $code`);
      const before = await host.traces();
      const failed = await setupWith(
        "yum",
        "echo 1 of 2 packages; echo Cannot find a valid baseurl >&2; exit 1",
      );
      expect(failed.stderr).toBe(
        "setup: fatal: unable to install make with yum: Cannot find a valid baseurl\n",
      );
      const halfway = await setupWith("dnf", "exit 0");
      expect(halfway.stderr).toBe("setup: fatal: unable to install make: dnf has not brought it\n");
      const none = await container.shell(`PATH=${farm} ${script} ${settings()}`);
      expect(none.stderr).toBe(
        "setup: fatal: unable to install make: there is no apt-get, dnf or yum; install them yourself, or take a logship of 'npm run dist', which needs none\n",
      );
      for (const { exitCode } of [failed, halfway, none]) expect(exitCode).toBe(111);
      expect(pathsIn(await host.traces())).toBe(pathsIn(before));
      const works = await setupWith("apt-get", `ln -sf /usr/bin/make ${farm}/make`);
      expect(works.stderr).toBe("");
      expect(works.exitCode).toBe(0);
      expect((await host.setup("--uninstall", "--purge")).exitCode).toBe(0);
    },
    4 * MINUTES,
  );

  test(
    `in ${ROUNDS} installations svscan never sees an unfinished name in /service`,
    async () => {
      // All but the last with daemontools out of the executable, which makes the same names and does not compile.
      await container.shell("mkdir -p /root/whole/dist && cp -r /root/logship/install /root/whole");
      cpSync(join(await distWith(tarball!), "logship"), join(container.root, "root/whole/dist/logship"));
      const [, , ...sourceless] = host.settings;
      const quick = `/root/whole/install/setup.sh ${sourceless.join(" ")}`;
      for (let round = 1; round <= ROUNDS; round++) {
        const isLast = round === ROUNDS;
        const result = await container.shell(`
          rm -f /root/stop-looking; ${isLast ? `${script} ${settings()}` : quick} & setup=$!
          bash -c '${LOOKER}' looker $setup & looker=$!
          wait $setup; code=$?; touch /root/stop-looking; wait $looker; cat /root/seen >&2; exit $code`);
        expect(result.stderr.replace("/service/*\n", "")).toBe("/service/requisitions\n");
        expect(result.exitCode).toBe(0);
        expect(result.stdout.includes("compile")).toBe(isLast);
        const status = await host.logship("status");
        expect(status.stdout).toMatch(
          /^\/service\/requisitions: up .*\n\/service\/requisitions\/log: up .*\n$/,
        );
        if (!isLast) expect((await host.setup("--uninstall", "--purge")).exitCode).toBe(0);
      }
    },
    2 * ROUNDS * MINUTES,
  );

  test("gives the account the FIFOs of supervise and nothing to write to as root", async () => {
    const found = await container.shell(
      "cd /service/requisitions && stat -L -c '%a %U %F %n' . log supervise log/supervise env log/main; " +
        "stat -c '%a %U %F %n' supervise/* log/supervise/*",
    );
    expect(found.stdout.trim().split("\n")).toEqual([
      "755 root directory .",
      "755 root directory log",
      "755 root directory supervise",
      "755 root directory log/supervise",
      "700 root directory env",
      "2755 ec2-user directory log/main",
      "600 ec2-user fifo supervise/control",
      "600 root regular empty file supervise/lock",
      "622 ec2-user fifo supervise/ok",
      "644 root regular file supervise/status",
      "600 ec2-user fifo log/supervise/control",
      "600 root regular empty file log/supervise/lock",
      "622 ec2-user fifo log/supervise/ok",
      "644 root regular file log/supervise/status",
    ]);
  });

  test(
    "lets the account look at its service and control it without root",
    async () => {
      const asAccount = (command: string) => container.shell(`runuser -u ec2-user -- ${command}`);
      const up =
        /^\/service\/requisitions: up \(pid (\d+)\) \d+ seconds\n\/service\/requisitions\/log: up .*\n$/;
      const before = await asAccount("logship status");
      expect(before.stdout).toMatch(up);
      expect((await asAccount("logship tail -n 1")).stdout).toContain(" upload: ");
      expect((await asAccount("logship restart requisitions")).exitCode).toBe(0);
      const restarted = await asAccount("logship status");
      expect(up.exec(restarted.stdout)?.[1]).not.toBe(up.exec(before.stdout)![1]);
      expect((await asAccount("logship stop requisitions")).exitCode).toBe(0);
      expect((await asAccount("logship status")).exitCode).toBe(1);
      expect((await asAccount("svc -u /service/requisitions /service/requisitions/log")).exitCode).toBe(0);
      expect((await asAccount("logship start requisitions")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test("lets others look, but not control", async () => {
    const asOther = (command: string) => container.shell(`runuser -u nobody -- ${command}`);
    expect((await asOther("logship status")).exitCode).toBe(0);
    expect((await asOther("logship tail -n 1")).stdout).toContain(" upload: ");
    const refused = await asOther("logship svc -t requisitions");
    expect(refused.stderr).toMatch(/: access denied\n$/);
    expect(refused.exitCode).toBe(111);
  });

  test(
    "opens what an earlier setup.sh has closed, without a restart",
    async () => {
      await container.shell(
        "cd /service/requisitions; for d in . log; do chmod 700 $d/supervise; chown root $d/supervise/*; chmod 600 $d/supervise/{ok,control}; done",
      );
      const before = await host.pidOf("'/usr/local/bin/logship run '");
      expect((await host.setup(...host.settings)).exitCode).toBe(0);
      expect(await host.pidOf("'/usr/local/bin/logship run '")).toBe(before);
      expect((await container.shell("runuser -u ec2-user -- logship status")).exitCode).toBe(0);
      expect((await host.setup(...host.settings)).stdout).toStartWith(
        "setup: everything is in place already\n",
      );
    },
    2 * MINUTES,
  );

  test("refuses to work beside another setup.sh", async () => {
    const result = await container.shell(
      `exec 9>/run/logship-setup.lock; flock 9; ${script} ${settings()} 9>&-`,
    );
    expect(result.stderr).toBe("setup: fatal: unable to begin: another setup is at work\n");
    expect(result.exitCode).toBe(111);
  });

  test(
    "works with umask 077, from where nothing may be executed, without /usr/local/bin in the path",
    async () => {
      expect((await host.setup("--uninstall", "--purge")).exitCode).toBe(0);
      const result = await container.shell(`
        mkdir -p /root/noexec && mount -t tmpfs -o noexec,size=200m tmpfs /root/noexec && cp -r /root/logship/. /root/noexec
        umask 077; export PATH=/sbin:/bin:/usr/sbin:/usr/bin
        bash /root/noexec/install/setup.sh ${settings()}; code=$?; umount /root/noexec; exit $code`);
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      const next = [...result.stdout.matchAll(/^ {2}(\/\S+) (status --verbose) /gm)][0]!;
      const shown = await container.shell(`PATH=/sbin:/bin runuser -u ec2-user -- ${next[1]} ${next[2]}`);
      expect(shown.stdout).toContain("runs      /usr/local/bin/logship run (as ec2-user)");
    },
    3 * MINUTES,
  );

  test(
    "is taken over by one file with daemontools inside, which restarts nothing but the service",
    async () => {
      expect((await host.setup(...host.settings)).exitCode).toBe(0);
      cpSync(join(await distWith(tarball!), "logship"), join(container.root, ONE_FILE));
      const untouched = () =>
        container.shell("cd /daemon/admin && find . -printf '%p %m %T@ %l\n' | sort; ls -l /command");
      const runs = async () => [await host.pidOf("'svscan /service '"), await host.pidOf("'supervise log '")];
      const [before, ranBefore] = [await untouched(), await runs()];
      const service = await host.pidOf("'/usr/local/bin/logship run '");
      const result = await container.run(ONE_FILE, "setup", "--interval", "1s");
      expect(result.stderr).toBe("");
      expect(result.stdout).toStartWith(
        "setup: install /usr/local/bin/logship\nsetup: wait until /service/requisitions is up\n" +
          "setup: restart it with what has changed\n/service/requisitions: up ",
      );
      expect(await untouched()).toEqual(before);
      expect(await runs()).toEqual(ranBefore);
      expect(await host.pidOf("'/usr/local/bin/logship run '")).not.toBe(service);
      const again = await container.run(ONE_FILE, "setup", "--interval", "1s");
      expect(again.stdout).toStartWith("setup: everything is in place already\n");
    },
    4 * MINUTES,
  );
});
