/**
 * A Slurm cluster of one node on loopback, with a munge of its own: configuration, keys, ports and directories are private
 * to it. All its processes live in one PID namespace, so that none of them, and no job, is left when that ends.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { until } from "./until.ts";

/** The programs to name in `needs()`. */
export const slurmPrograms = [
  ...["munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "sinfo", "unshare"],
] as const;

/** How far a task has come, as `scontrol show job` tells it: `RUNNING`, `FAILED`, … */
type TaskState = string;

export interface Slurm {
  /** Runs `sbatch` with these arguments and this added to the environment; returns the number of the job. */
  submit(args: readonly string[], env: Record<string, string>): string;
  stateOf(task: string): TaskState;
  requeue(task: string): void;
  /** Sends a signal to the batch script of a task, as somebody does who is logged in on the node. */
  kill(task: string, signal: string): void;
  /** What the daemons have noted, for the message of a test that failed. */
  diary(): string;
  stop(): Promise<void>;
}

/**
 * Starts the daemons, and waits until the node takes jobs.
 *
 * @param cpus How many tasks run at a time; there need not be so many.
 */
export async function startSlurm(cpus: number): Promise<Slurm> {
  const home = temporaryDirectory("slurm");
  const configuration = join(home, "slurm.conf");
  const nodeConfiguration = configurationOf(home, cpus, await freePort(), await freePort());
  for (const name of ["state", "spool"]) mkdirSync(join(home, name));
  writeFileSync(configuration, nodeConfiguration);
  writeFileSync(join(home, "munge.key"), crypto.getRandomValues(new Uint8Array(128)), { mode: 0o600 });
  writeFileSync(join(home, "start"), START);
  chmodSync(home, 0o755);
  const output = Bun.file(join(home, "output"));
  const cluster = Bun.spawn(
    ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "start", home],
    { cwd: home, env: { PATH: process.env.PATH ?? "" }, stdin: "ignore", stdout: output, stderr: output },
  );
  const call = (command: readonly string[], env: Record<string, string> = {}) => {
    const { stdout, stderr, exitCode } = Bun.spawnSync([...command], {
      env: { PATH: process.env.PATH ?? "", SLURM_CONF: configuration, ...env },
    });
    if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
    return stdout.toString().trim();
  };
  const stop = async () => {
    cluster.kill("SIGKILL");
    await cluster.exited;
  };
  const diary = () =>
    ["output", "munged.log", "slurmctld.log", "slurmd.log"].map((name) => textOf(join(home, name))).join("");
  const isReady = () => {
    if (cluster.exitCode !== null) throw new Error("it has ended");
    try {
      return call(["sinfo", "--noheader", "--format=%t"]) === "idle";
    } catch {
      return false;
    }
  };
  try {
    await until("start of Slurm", isReady, 30_000);
  } catch (error) {
    await stop();
    throw new Error(`${error}\n${diary()}`);
  }
  return {
    submit: (args, env) => call(["sbatch", "--parsable", ...args], env),
    stateOf: (task) => /JobState=(\w+)/.exec(call(["scontrol", "show", "job", task]))?.[1] ?? "",
    requeue: (task) => void call(["scontrol", "requeue", task]),
    kill: (task, signal) => void call(["scancel", "--batch", `--signal=${signal}`, task]),
    diary,
    stop,
  };
}

/** The daemons stay in the foreground; when this shell is killed, the kernel kills all that is in its namespace. */
const START = `
home=$1
munged --foreground --force --socket="$home/munge.socket" --key-file="$home/munge.key" --pid-file="$home/munged.pid" \\
  --log-file="$home/munged.log" --seed-file="$home/munged.seed" &
until [ -S "$home/munge.socket" ]; do sleep 0.05; done
slurmctld -D -f "$home/slurm.conf" &
slurmd -D -f "$home/slurm.conf" -N node &
wait
`;

/**
 * Nothing of it needs cgroups. After a task was killed it may be started again as soon as its credential has expired, which
 * takes two minutes otherwise.
 */
function configurationOf(home: string, cpus: number, controllerPort: number, nodePort: number): string {
  const host = hostname().split(".")[0];
  const settings = {
    ClusterName: "logship",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: controllerPort,
    SlurmdPort: nodePort,
    SlurmUser: "root",
    AuthType: "auth/munge",
    CredType: "cred/munge",
    AuthInfo: `socket=${home}/munge.socket,cred_expire=5`,
    StateSaveLocation: `${home}/state`,
    SlurmdSpoolDir: `${home}/spool`,
    SlurmctldPidFile: `${home}/slurmctld.pid`,
    SlurmdPidFile: `${home}/slurmd.pid`,
    SlurmctldLogFile: `${home}/slurmctld.log`,
    SlurmdLogFile: `${home}/slurmd.log`,
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    AccountingStorageType: "accounting_storage/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_CPU",
    SlurmdParameters: "config_overrides",
    SchedulerParameters: "sched_interval=1,batch_sched_delay=0,requeue_delay=0",
    MpiDefault: "none",
    ReturnToService: 2,
    MailProg: "/bin/true",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const node = `NodeName=node NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=4096 State=UNKNOWN`;
  return `${[...lines, node, "PartitionName=all Nodes=node Default=YES State=UP"].join("\n")}\n`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
