import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { linesOf } from "../support/shipped.ts";
import { until } from "../support/until.ts";
import { distPrograms, distWith } from "./dist.ts";
import { Host, ONE_FILE, pathsIn } from "./host.ts";
import { tarballIfPossible } from "./tarball.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const DESTINATION = "/var/tmp/objects";
const LOGS = "/var/log/nginx";
const tarball = await tarballIfPossible(...distPrograms);

/** What Debian has in /etc/logrotate.d/nginx, without the signal: here every line opens the log anew. */
const LOGROTATE = `${LOGS}/*.log {
  rotate 9
  missingok
  create 0640 www-data adm
  compress
  delaycompress
}
`;

describe.skipIf(!tarball)("logship setup --ship on a bare Debian 12", () => {
  const host = new Host({ hasNetwork: false });
  const { container } = host;
  const settings = `--env LOGSHIP_TO=file://${DESTINATION} --env LOGSHIP_MAX_AGE=100ms`;
  const setup = (options: string) => container.shell(`${ONE_FILE} setup ${settings} ${options}`);
  const ship = `--ship '${LOGS}/*access.log'`;
  const logging = (first: number, last: number) =>
    container.shell(`for ((n = ${first}; n <= ${last}; n++)); do echo "line $n" >>${LOGS}/access.log; done`);
  const rotating = () => container.shell("logrotate -f /root/nginx.conf");
  let bare: string;

  /** What is stored of the log, in the order of its keys. */
  const stored = () => {
    const directory = join(container.root, DESTINATION);
    const names = readdirSync(directory, { recursive: true }).map(String);
    const keys = names.filter((name) => name.includes("source=var_log_nginx_access.log/"));
    const pieces = keys.filter((name) => name.endsWith(".log")).sort();
    return pieces.map((name) => readFileSync(join(directory, name), "utf8")).join("");
  };
  const shipper = () => host.pidOf("'/usr/local/bin/logship ship '*");

  beforeAll(async () => {
    await host.prepareWith(join(await distWith(tarball!), "logship"));
    await container.shell(`
      install -d -o ec2-user ${DESTINATION}; install -d -g adm ${LOGS}
      install -m 640 -o www-data -g adm /dev/null ${LOGS}/access.log
      printf '%s' '${LOGROTATE}' >/root/nginx.conf`);
    bare = await host.traces();
  }, 8 * MINUTES);

  afterAll(() => host.dispose(), 2 * MINUTES);

  test("refuses what it could not ship", async () => {
    const relative = await setup("--ship access.log/../x");
    expect(relative.stderr).toBe(
      "setup: fatal: unable to parse --ship access.log/../x: must be an absolute path or pattern, or the name of a service\n",
    );
    expect(relative.exitCode).toBe(100);
    expect((await setup(`${ship} --interval 5s`)).stderr).toBe(
      "setup: fatal: unable to parse --interval: it belongs to the simulation\n",
    );
    expect((await setup("--ship web")).stderr).toStartWith(
      "setup: problem: there is no service web in /service\n",
    );
    expect(await host.traces()).toBe(bare);
  });

  test("says how to let an account read the log, as long as it may not, and changes nothing", async () => {
    const first = await setup(ship);
    expect(first.stderr).toBe(
      `setup: problem: ec2-user may not read ${LOGS}/access.log, its group adm may: usermod -aG adm ec2-user\n` +
        "setup: fatal: unable to install: 1 problem(s), nothing was changed\n",
    );
    expect(first.exitCode).toBe(111);
    await container.shell(`chmod 700 ${LOGS}`);
    expect((await setup(ship)).stderr).toStartWith(
      `setup: problem: ec2-user may not read ${LOGS}: setfacl -R -m u:ec2-user:rX,d:u:ec2-user:rX ${LOGS}\n`,
    );
    await container.shell(`chmod 755 ${LOGS}`);
    expect(await host.traces()).toBe(bare);
  });

  test(
    "makes a supervised shipper that reads by the groups of its account, and status shows how far behind it is",
    async () => {
      await container.shell("usermod -aG adm ec2-user");
      await logging(1, 3);
      const result = await setup(ship);
      expect(result.stderr).toBe("");
      expect(result.stdout).toMatch(/^\/service\/ship: up \(pid \d+\) \d+ seconds$/m);
      expect(result.exitCode).toBe(0);
      await until("the first lines", () => stored() === linesOf("line", 3));
      const status = await host.logship("status", "--verbose");
      expect(status.stdout).toContain(
        `  runs      /usr/local/bin/logship ship '${LOGS}/*access.log' (as ec2-user)\n`,
      );
      expect(status.stdout).toMatch(
        new RegExp(`^ {2}ships {5}${LOGS}/access.log: byte 21 of \\S+, nothing behind, `, "m"),
      );
      expect((await container.shell("ls /service")).stdout).toBe("ship\n");
    },
    2 * MINUTES,
  );

  test(
    "changes nothing on a second run, and keeps what it ships when another setting changes",
    async () => {
      const before = await host.traces();
      expect((await setup(ship)).stdout).toStartWith("setup: everything is in place already\n");
      expect((await setup("--service ship")).stdout).toStartWith("setup: everything is in place already\n");
      expect(await host.traces()).toBe(before);
      const changed = await setup("--service ship --env LOGSHIP_PIECE_BYTES=1M");
      expect(changed.stdout).toContain("setup: write /daemon/services/ship/env/LOGSHIP_PIECE_BYTES\n");
      expect(await shipper()).toBeDefined();
    },
    2 * MINUTES,
  );

  test(
    "ships every line once across logrotate, kill -9 and a reboot",
    async () => {
      await logging(4, 40);
      await rotating();
      await logging(41, 80);
      await container.shell(`kill -9 ${await shipper()}`);
      await logging(81, 120);
      await rotating();
      await logging(121, 160);
      await until("all lines after the kill", () => stored() === linesOf("line", 160));
      await logging(161, 200);
      await container.powerOff();
      await container.boot();
      await rotating();
      await logging(201, 240);
      await until("all lines after the reboot", () => stored() === linesOf("line", 240));
      expect((await container.shell(`ls ${LOGS}`)).stdout).toBe(
        "access.log\naccess.log.1\naccess.log.2.gz\naccess.log.3.gz\n",
      );
    },
    3 * MINUTES,
  );

  test(
    "stands beside a simulation, which is a service of its own",
    async () => {
      expect((await setup("--interval 1s")).exitCode).toBe(0);
      expect((await container.shell("ls /service")).stdout).toBe("requisitions\nship\n");
      expect((await host.logship("status")).exitCode).toBe(0);
      expect((await setup(`${ship} --service requisitions`)).stderr).toStartWith(
        "setup: problem: /daemon/services/requisitions simulates a log: --service NAME for another one\n",
      );
      expect((await setup(`${ship} --service other --user www-data`)).stderr).toStartWith(
        "setup: problem: the positions in /var/lib/logship/positions are ec2-user's: --user ec2-user, chown -R ",
      );
    },
    3 * MINUTES,
  );

  test(
    "keeps positions when it is uninstalled, and leaves nothing with --purge",
    async () => {
      expect((await setup("--uninstall")).exitCode).toBe(0);
      expect((await container.shell("ls /var/lib/logship/positions/*.json")).stdout).toBe(
        "/var/lib/logship/positions/var_log_nginx_access.log.json\n",
      );
      const result = await setup("--uninstall --purge");
      expect([result.stderr, result.exitCode]).toEqual(["", 0]);
      expect(pathsIn(await host.traces())).toBe(pathsIn(bare));
    },
    2 * MINUTES,
  );
});
