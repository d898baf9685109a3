import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { distPrograms, distWith } from "./dist.ts";
import { Host, ONE_FILE, pathsIn } from "./host.ts";
import { tarballIfPossible } from "./tarball.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const DESTINATION = "/var/tmp/objects";
const tarball = await tarballIfPossible(...distPrograms);

describe.skipIf(!tarball)("logship setup on a bare Debian 12 without compiler and network", () => {
  const host = new Host({ hasNetwork: false });
  const { container } = host;
  const settings = `--interval 1s --env LOGSHIP_RECORDS=300 --env LOGSHIP_TO=file://${DESTINATION}`;
  /** As `sudo ./logship setup` runs it: with sudo's path and in the home of the account. */
  const setup = (options: string) =>
    container.shell(`cd /home/ec2-user; PATH=/sbin:/bin:/usr/sbin:/usr/bin ./logship setup ${options}`);
  const objects = async () => (await container.shell(`ls ${DESTINATION} | wc -l`)).stdout;
  let bare: string;

  beforeAll(async () => {
    await host.prepareWith(join(await distWith(tarball!), "logship"));
    await container.shell(`rm /bin/tar /bin/gzip; install -d -o ec2-user ${DESTINATION}`);
    bare = await host.traces();
  }, 8 * MINUTES);

  afterAll(() => host.dispose(), 2 * MINUTES);

  test("needs none of the programs that compile or fetch, and there is no network", async () => {
    const found = await container.shell("command -v gcc cc make patch tar gzip curl wget; ls /sys/class/net");
    expect(found.stdout).toBe("lo\n");
  });

  test("shows its options, to anyone", async () => {
    const help = await container.shell(`runuser -u ec2-user -- ${ONE_FILE} setup --help`);
    expect(help.stdout).toContain("  --bucket NAME ");
    expect((await container.shell(`runuser -u ec2-user -- ${ONE_FILE} setup -h`)).stdout).toContain(
      "  --bucket NAME ",
    );
    expect((await setup("--uninstall --help")).stdout).toStartWith("usage: logship setup [options]");
  });

  test("is for root alone", async () => {
    const refused = await container.shell(`runuser -u ec2-user -- ${ONE_FILE} setup`);
    expect(refused.stderr).toBe(
      "logship: fatal: unable to set up this host: this is not root: type sudo before it\n",
    );
    expect(refused.exitCode).toBe(111);
  });

  test("hands on the exit code of setup.sh, and with --dry-run does nothing", async () => {
    expect((await setup("--no-such-option")).exitCode).toBe(100);
    const result = await setup(`${settings} --dry-run`);
    expect(result.stdout).toContain("setup: put daemontools into /daemon/admin/daemontools-0.76\n");
    expect(result.stdout).not.toContain("compile");
    expect(result.exitCode).toBe(0);
    expect(await host.traces()).toBe(bare);
  });

  test("wants the account in /etc/passwd, which is all that its programs read", async () => {
    const elsewhere = "#!/bin/sh\\necho far:x:1001:1001::/:/bin/sh\\n";
    const result = await container.shell(`
      mkdir -p /root/fake; printf '${elsewhere}' >/root/fake/getent; chmod +x /root/fake/getent
      PATH=/root/fake:$PATH ${ONE_FILE} setup --user far`);
    expect(result.stderr).toBe(
      "setup: fatal: unable to install: the programs in logship know accounts of /etc/passwd only, not far (--from-source)\n",
    );
    expect(result.exitCode).toBe(111);
    expect(await host.traces()).toBe(bare);
  });

  test(
    "makes the host a supervised shipper",
    async () => {
      const startedAt = performance.now();
      const result = await setup(settings);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(`logship setup took ${seconds} s\n`);
      expect(result.stderr).toBe("");
      expect(result.stdout).toMatch(/^\/service\/requisitions: up \(pid \d+\) \d+ seconds$/m);
      expect(result.exitCode).toBe(0);
      expect((await container.run("systemctl", "is-enabled", "daemontools.service")).stdout).toBe(
        "enabled\n",
      );
      const before = await objects();
      await until("a new batch", async () => (await objects()) !== before);
    },
    2 * MINUTES,
  );

  test("puts the programs where they always were", async () => {
    const found = await container.shell(
      "readlink -f /command/supervise /usr/local/bin/setuidgid; stat -c %a /command/; stat -Lc %a /command/svc; ls /run/logship-setup",
    );
    expect(found.stdout).toBe(
      "/daemon/admin/daemontools-0.76/command/supervise\n/daemon/admin/daemontools-0.76/command/setuidgid\n755\n755\n",
    );
  });

  test("puts man pages and completion where man and the shells look", async () => {
    const found = await container.shell(`
      cd /usr/local/share; ls man/man1/logship.1 man/man1/logship-run.1 zsh/site-functions fish/vendor_completions.d
      source /etc/bash_completion.d/logship; complete -p logship; logship completion bash ru`);
    expect(found.stdout).toBe(
      "man/man1/logship-run.1\nman/man1/logship.1\n\nfish/vendor_completions.d:\nlogship.fish\n\n" +
        "zsh/site-functions:\n_logship\ncomplete -F _logship logship\n" +
        "run\tGenerate, split and upload, again and again: the main job.\n",
    );
  });

  test(
    "changes nothing on a second run, also by the program that is installed",
    async () => {
      const before = await host.traces();
      const supervise = await host.pidOf("'supervise requisitions '");
      for (const program of ["/home/ec2-user/logship", "/usr/local/bin/logship"]) {
        const result = await container.shell(`${program} setup ${settings}`);
        expect(result.stdout).toStartWith("setup: everything is in place already\n");
        expect(result.exitCode).toBe(0);
      }
      expect(await host.traces()).toBe(before);
      expect(await host.pidOf("'supervise requisitions '")).toBe(supervise!);
    },
    2 * MINUTES,
  );

  test(
    "ships again by itself after a reboot",
    async () => {
      await container.powerOff();
      await container.boot();
      const before = await objects();
      await until("a new batch", async () => (await objects()) !== before);
      expect((await host.logship("status")).exitCode).toBe(0);
    },
    2 * MINUTES,
  );

  test(
    "leaves nothing when it is uninstalled, by the program that goes with it",
    async () => {
      const result = await container.shell("/usr/local/bin/logship setup --uninstall --purge");
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
      expect((await container.shell("ls -d /run/logship-setup")).stdout).toBe("");
      expect(await host.pidOf("'svscan /service '")).toBeUndefined();
    },
    2 * MINUTES,
  );
});
