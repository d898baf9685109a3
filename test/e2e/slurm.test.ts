/** examples/slurm-array.sh as a Slurm runs it: the real one, with a node of its own. */
import { afterAll, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { silence } from "../support/faults.ts";
import { executable, run } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { type Slurm, slurmPrograms, startSlurm } from "../support/slurm.ts";
import { until } from "../support/until.ts";

const TASKS = 4;
const RECORDS = TASKS * 250_000;
const START = "2017-01-12T14:36:56Z";
const script = join(import.meta.dir, "../../examples/slurm-array.sh");

let slurm: Slurm | undefined;
let s3: ProxiedServer | undefined;
afterAll(async () => {
  await slurm?.stop();
  await s3?.stop();
});

test.skipIf(!isRoot() || !needs(...slurmPrograms))(
  "a Slurm array stores one log, also when a task is killed and requeued",
  async () => {
    [slurm, s3] = await Promise.all([startSlurm(TASKS), startProxiedServer()]);
    const bucket = freshBucketName();
    // The second task stays in the middle of its stretch, until it is killed.
    let isKilled = false;
    s3.proxy.setPlan(({ path }) => (!isKilled && path.includes(".2-of-4.ac") ? silence : undefined));
    const env = {
      ...environmentOf(s3.server, s3.proxy.endpoint),
      PATH: `${dirname(executable)}:${process.env.PATH}`,
      RECORDS: String(RECORDS),
      LOGSHIP_FORMAT: "combined",
      LOGSHIP_PIECE_BYTES: "8M",
    };
    const job = slurm.submit(
      [`--array=1-${TASKS}`, "--chdir", temporaryDirectory("slurm-array"), script, `s3://${bucket}`],
      env,
    );
    const tasks = Array.from({ length: TASKS }, (_, index) => `${job}_${index + 1}`);
    const [first, second, ...others] = tasks as [string, string, ...string[]];
    const stateOf = (task: string) => slurm!.stateOf(task);
    const proxy = s3.proxy;
    await until("third piece of the second task", () =>
      proxy.requests.some(({ fault }) => fault === silence),
    );
    await until("end of the other tasks", () =>
      [first, ...others].every((task) => stateOf(task) === "COMPLETED"),
    );
    const args = ["--seed", "7", "--start", START, "--records", String(RECORDS), "--format", "combined"];
    const verify = (...more: string[]) =>
      run(["verify", `s3://${bucket}`, ...args, ...more], { env: environmentOf(s3!.server) });
    slurm.kill(second, "KILL");
    await until("death of the second task", () => stateOf(second) === "FAILED");
    const early = await verify("--shard", `2/${TASKS}`);
    expect(early.stdout).toContain("hole: access.2017-01-12-14:36:56: ");
    expect(early.exitCode).toBe(1);

    isKilled = true;
    slurm.requeue(second);
    await until("end of the requeued task", () => stateOf(second) === "COMPLETED");
    const { stdout, exitCode } = await verify();
    expect(stdout).toContain(`complete: access.2017-01-12-14:36:56: `);
    expect(stdout).toContain(` ${RECORDS} records, `);
    expect(exitCode).toBe(0);
  },
  120_000,
);
