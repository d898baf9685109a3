/**
 * The Debian packages that the tests use, each with the programs that are called from it; what every Debian has is not
 * named. `npm test` installs them, and so does CI.
 */
export const PACKAGES: Record<string, readonly string[]> = {
  // The programs that logship stands in for, and a peer.
  daemontools: [
    ...["multilog", "readproctitle", "svscan", "supervise", "svc", "svstat", "tai64n", "tai64nlocal"],
    ...["envdir", "setuidgid", "softlimit"],
  ],
  s6: ["s6-log"],
  runit: ["svlogd"],
  // A second S3 server.
  "ceph-base": ["monmaptool"],
  "ceph-common": ["ceph", "radosgw-admin"],
  "ceph-mgr": ["ceph-mgr"],
  "ceph-mon": ["ceph-mon"],
  "ceph-osd": ["ceph-osd"],
  radosgw: ["radosgw"],
  // Independent readers and writers.
  awscli: ["aws"],
  jq: ["jq"],
  logrotate: ["logrotate"],
  "nginx-light": ["nginx"],
  python3: ["python3"],
  // Readers of man pages, and shells that complete.
  fish: ["fish"],
  "groff-base": ["groff"],
  "man-db": ["man"],
  mandoc: ["mandoc"],
  zsh: ["zsh"],
  // Proofs.
  binutils: ["readelf"],
  bsdutils: ["script"],
  mount: ["mount", "umount"],
  openssl: ["openssl"],
  procps: ["pgrep", "pkill", "ps"],
  shellcheck: ["shellcheck"],
  strace: ["strace"],
  systemd: ["systemd-analyze"],
  tmux: ["tmux"],
  "util-linux": ["flock", "nsenter", "setpriv", "unshare"],
  // An engine that runs many processes.
  munge: ["munged"],
  "slurm-client": ["sbatch", "scancel", "scontrol", "sinfo"],
  slurmctld: ["slurmctld"],
  slurmd: ["slurmd"],
  // daemontools inside of logship.
  make: ["make"],
  "musl-tools": ["musl-gcc"],
  patch: ["patch"],
  "xz-utils": ["xz"],
  // Hosts to install on, and other processors.
  debootstrap: ["debootstrap"],
  "libc6-arm64-cross": ["/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1"],
  "qemu-user-static": ["qemu-aarch64-static", "qemu-x86_64-static"],
  "systemd-container": ["systemd-nspawn"],
};

/** The packages of which a program is missing here. */
export function missingPackages(): string[] {
  return Object.keys(PACKAGES).filter((name) =>
    PACKAGES[name]!.some((program) => Bun.which(program) === null),
  );
}

/** Whether the arguments of `npm test` leave it to install what is missing. */
export function mayInstall(args: readonly string[]): boolean {
  return !args.includes("--no-install") && !args.includes("--unit");
}

/**
 * Installs what is missing, where that is possible: as root on Debian. It says so before, on standard output; what
 * could not be installed is left to the tests, which name it.
 */
export async function installMissingPackages(): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0 || process.getuid?.() !== 0 || Bun.which("apt-get") === null) return;
  say(`installing ${missing.join(" ")} and what they stand on with apt-get (--no-install leaves it out)`);
  const install = ["install", "-qq", "-y", "--no-install-recommends", ...missing];
  // A mirror that is being updated answers with an error once in a while.
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((await aptGet(["update", "-qq"], say)) && (await aptGet(install, say))) return;
  }
  say("unable to install them all, see above");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const LOOK_AGAIN_MS = 1000;
const LONGEST_WAIT_MS = 600_000;

/**
 * Runs apt-get, whose messages come on standard error. While another one holds its locks, as on a machine that has just
 * started, it is waited for, and said so once.
 */
export async function aptGet(
  args: readonly string[],
  say: (text: string) => void,
  { program = "apt-get", lookAgainMs = LOOK_AGAIN_MS } = {},
): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const endMs = performance.now() + LONGEST_WAIT_MS;
  for (let isFirst = true; ; isFirst = false) {
    const apt = Bun.spawn([program, ...args], { env, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
    const told = await apt.stderr.text();
    if ((await apt.exited) === 0) return true;
    const lock = /Could not get lock (.*)/.exec(told)?.[1];
    if (lock === undefined || performance.now() > endMs) {
      process.stderr.write(told);
      return false;
    }
    if (isFirst) say(`waiting for another apt-get: ${lock}`);
    await Bun.sleep(lookAgainMs);
  }
}
