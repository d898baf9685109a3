/**
 * What the kernel of RHEL 7.3 lacks is not needed: every command does its work where such calls fail as they do there,
 * and no others are made than those whose failure is known to be got over.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Result, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { isInOldKernel } from "../support/old-kernel.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { freshBucketName } from "../support/servers.ts";
import { numberedLines, storedBytes } from "../support/stored-lines.ts";

const CONFINED = join(import.meta.dir, "../support/confined.ts");
const isX64 = process.arch === "x64";

/** Later calls, and what is done without them: seen under a kernel that answers ENOSYS, by the first test below. */
const GOT_OVER: Record<string, string> = {
  clone3: "glibc calls clone",
  close_range: "the runtime marks descriptors one by one",
  copy_file_range: "cat, as a processor, reads and writes",
  epoll_pwait2: "the runtime calls epoll_pwait",
  getrandom: "the runtime reads /dev/urandom",
  pidfd_open: "the runtime calls wait4",
  rseq: "glibc does without",
  statx: "the runtime calls fstat",
};
/** Commands that have nothing to do here. */
const FAILING = { status: 111, svc: 111 } as Record<string, number>;

const s3 = await startS3rver();
afterAll(() => s3.stop());

const records = numberedLines(300, 100);

/** A host on which the steps are taken one after the other; each is run under what `under` says of its name. */
class Host {
  readonly cwd = temporaryDirectory("host");
  readonly bucket = freshBucketName();

  steps(): Record<string, readonly string[]> {
    const [directory, bucket] = [`file://${this.cwd}/out`, `s3://${this.bucket}`];
    const start = ["--seed", "7", "--start", "2017-01-12T14:36:56Z"];
    return {
      version: ["--version"],
      help: ["run", "--help"],
      generate: ["generate", "--records", "1000", ...start],
      split: ["split", "-C", "4K", "log", "piece."],
      run: ["run", "--once", "--success", "--records", "2000", "--to", directory],
      verify: ["verify", directory],
      upload: ["upload", "--gzip", "log", "--to", `${bucket}/files`],
      ship: ["ship", "log", "--once", "--state", "state", "--to", `${bucket}/logs`],
      "verify shipped": ["verify", `${bucket}/logs`, "--source", "log"],
      multilog: ["multilog", "t", "s4096", "n100", "!cat; echo >&5", "./main"],
      tail: ["tail", "-n", "3", "./main"],
      tai64n: ["tai64n"],
      tai64nlocal: ["tai64nlocal"],
      doctor: ["doctor", "--offline", "--services", "nowhere", "--state", "state"],
      status: ["status", "--services", "."],
      svc: ["svc", "-u", "nowhere"],
      completion: ["completion", "bash"],
    };
  }

  constructor() {
    writeFileSync(join(this.cwd, "log"), records);
  }

  async run(step: string, under: readonly string[]): Promise<Result> {
    const result = await run(this.steps()[step]!, {
      cwd: this.cwd,
      env: environmentOf(s3, s3.endpoint),
      stdin: ["multilog", "tai64n", "tai64nlocal"].includes(step) ? records : "",
      under,
    });
    expect([step, result.exitCode]).toEqual([step, FAILING[step] ?? 0]);
    const messages = result.stderr.replace(/^logship: info: .*\n/gm, "");
    if (!(step in FAILING)) expect(messages).toBe("");
    return result;
  }
}

const STEPS = Object.keys(new Host().steps());

describe.skipIf(!isX64)("a kernel as that of RHEL 7.3", () => {
  const host = new Host();
  const under = [process.execPath, CONFINED, "old-kernel"];

  test("lacks what later ones have", () => {
    const script = "cat /proc/self/status; exec python3 -c 'import os; os.getrandom(1)'";
    const { stdout, stderr } = Bun.spawnSync([...under, "sh", "-c", script]);
    expect(stdout.toString()).toMatch(/^Seccomp:\t2$/m);
    if (Bun.which("python3")) expect(stderr.toString()).toContain("Function not implemented");
  });

  test.each(STEPS)("is enough: %s", async (step) => {
    const { stdout } = await host.run(step, under);
    if (["generate", "help", "tail"].includes(step)) expect(stdout).toBe((await host.run(step, [])).stdout);
    if (step === "multilog") {
      const stored = storedBytes(join(host.cwd, "main"));
      const lines = stored.toString("latin1").replace(/^@[0-9a-f]{24} /gm, "");
      expect(lines).toBe(records.toString("latin1"));
    }
  });
});

describe.skipIf(!isX64 || !needs("strace"))("of later calls only those are made that are got over", () => {
  const host = new Host();

  test.each(STEPS)("%s", async (step) => {
    const trace = join(host.cwd, "trace");
    await host.run(step, ["strace", "-f", "-n", "-o", trace]);
    const calls = [...readFileSync(trace, "latin1").matchAll(/^\d+ +\[ *(\d+)\] (\w+)/gm)];
    expect(calls.length).toBeGreaterThan(100);
    const later = calls.filter(([, number]) => !isInOldKernel(Number(number))).map(([, , name]) => name!);
    expect([...new Set(later)].filter((name) => !Object.hasOwn(GOT_OVER, name))).toEqual([]);
  });
});
