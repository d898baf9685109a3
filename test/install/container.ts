import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";
import { collect, type Output } from "./collect.ts";
import { madeOnce } from "./once.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** On a machine that is busy with other tests. */
const BOOT_MS = 120_000;
/**
 * Starts what follows in control groups of its own: systemd-nspawn makes the container's beside those it is in itself, and
 * containers that shared them would take each other's processes for their own.
 */
const IN_OWN_GROUPS = `
for groups in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e $groups/cgroup.procs ] && mkdir $groups/$0 && echo $$ >$groups/$0/cgroup.procs
done
exec "$@"
`;
/** From version 258 on, systemd boots in the second version of control groups only; 247 does in either. */
const UNIFIED = { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" };
/** Nothing that the installer should bring itself: no compiler, no daemontools. logrotate is on every host with a web server. */
const PACKAGES = "systemd,systemd-sysv,dbus,logrotate";

export interface ContainerSettings {
  /** Of Debian: 12 by default. */
  readonly suite?: string;
  readonly hasNetwork?: boolean;
  /** Directories of this host that are seen there too, by their paths there. */
  readonly shared?: Readonly<Record<string, string>>;
}

/**
 * A bare Debian that systemd has booted, in namespaces of its own but on this host's network, so that it reaches
 * what listens on loopback here; or without any network.
 */
export class Container {
  readonly root = join(temporaryDirectory("container"), "root");
  readonly #suite: string;
  readonly #hasNetwork: boolean;
  readonly #shared: Readonly<Record<string, string>>;
  readonly #machine = `logship-${process.pid}`;
  #nspawn: Bun.Subprocess | undefined;

  constructor({ suite = "bookworm", hasNetwork = true, shared = {} }: ContainerSettings = {}) {
    this.#suite = suite;
    this.#hasNetwork = hasNetwork;
    this.#shared = shared;
  }

  /**
   * Puts the system together: half a minute for the first of a test run, which the others copy.
   *
   * @throws Error `debootstrap SUITE failed: …`
   */
  async build(): Promise<void> {
    const bare = join(runDirectory, `debian-${this.#suite}`);
    const bootstrap = `rm -rf "$1.new" && debootstrap --variant=minbase --include=${PACKAGES} "$2" "$1.new" && mv "$1.new" "$1"`;
    const built = await madeOnce(bare, bootstrap, [this.#suite]);
    if (built.exitCode !== 0)
      throw new Error(`debootstrap ${this.#suite} failed: ${built.stdout.slice(-500)}${built.stderr}`);
    await collect(["cp", "-a", "--reflink=auto", bare, this.root]);
    appendFileSync(join(this.root, "etc/passwd"), "ec2-user:x:1000:1000::/home/ec2-user:/bin/bash\n");
    appendFileSync(join(this.root, "etc/group"), "ec2-user:x:1000:\n");
    mkdirSync(join(this.root, "home/ec2-user"));
  }

  async boot(): Promise<void> {
    this.#nspawn = Bun.spawn(
      [
        ...["sh", "-c", IN_OWN_GROUPS, this.#machine],
        "systemd-nspawn",
        "--quiet",
        "--directory",
        this.root,
        `--machine=${this.#machine}`,
        ...(this.#hasNetwork ? [] : ["--private-network"]),
        ...Object.entries(this.#shared).map(([there, here]) => `--bind=${here}:${there}`),
        "--boot",
        "--register=no",
        "--keep-unit",
        "--console=pipe",
      ],
      { env: { ...process.env, ...UNIFIED }, stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    const isBooted = async () => {
      const state = await this.run("systemctl", "is-system-running");
      return /^(running|degraded)/.test(state.stdout);
    };
    await until("the boot of the container", isBooted, BOOT_MS);
  }

  async powerOff(): Promise<void> {
    if (!this.#nspawn) return;
    await this.run("systemctl", "poweroff");
    await Promise.race([this.#nspawn.exited, Bun.sleep(60_000)]);
    this.#nspawn.kill("SIGKILL");
    await this.#nspawn.exited;
    this.#nspawn = undefined;
    const groups = ["", "systemd/", "unified/"].map(
      (hierarchy) => `/sys/fs/cgroup/${hierarchy}${this.#machine}`,
    );
    await collect(["find", ...groups, "-depth", "-type", "d", "-delete"]);
  }

  /** Runs a command in the container, as root and with a clean environment. */
  run(...command: string[]): Promise<Output> {
    const init = this.#initPid();
    if (init === undefined) return Promise.resolve({ stdout: "", stderr: "not booted", exitCode: 1 });
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
    return collect([
      "nsenter",
      `--target=${init}`,
      ...namespaces,
      "env",
      "-i",
      `PATH=${PATH}`,
      "HOME=/root",
      ...command,
    ]);
  }

  shell(script: string): Promise<Output> {
    return this.run("bash", "-c", script);
  }

  #initPid(): string | undefined {
    const pid = this.#nspawn?.pid;
    if (pid === undefined) return undefined;
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ")[0] || undefined;
    } catch {
      return undefined;
    }
  }
}
