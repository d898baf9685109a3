/** The recipes in examples/ are what their engines read, and what they say is what logship takes. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const examples = join(import.meta.dir, "../../examples");
const textOf = (name: string) => readFileSync(join(examples, name), "utf8");
const FOLDER = "access.2017-01-12-14:36:56";

/** Runs the command of a recipe for few records and into a directory; returns that. */
async function tried(command: readonly string[], env: Record<string, string>): Promise<string> {
  const [program, ...args] = command;
  expect(program).toEndWith("logship");
  const directory = join(temporaryDirectory("recipe"), "out");
  const result = await run([...args, "--records", "1200", "--to", `file://${directory}`], { env });
  expect([result.stderr, result.exitCode]).toEqual(["", 0]);
  return directory;
}

describe("the Indexed Job of Kubernetes", () => {
  // biome-ignore lint/suspicious/noExplicitAny: whatever its file says
  const job = Bun.YAML.parse(textOf("kubernetes-job.yaml")) as any;
  const [container] = job.spec.template.spec.containers;

  test("is one of the API batch/v1, with as many completions as shards", () => {
    expect([job.apiVersion, job.kind, job.spec.completionMode]).toEqual(["batch/v1", "Job", "Indexed"]);
    expect(container.args).toContain(`--shard=${job.spec.completions}`);
    expect(job.spec.parallelism).toBeLessThanOrEqual(job.spec.completions);
  });

  test("has strings where the API takes nothing else", () => {
    const { command, args, env, resources } = container;
    const { requests, limits } = resources;
    const values = env.map(({ value }: { value: unknown }) => value);
    const conditions = job.spec.podFailurePolicy.rules.flatMap((rule: Record<string, unknown>) => [
      ...((rule.onPodConditions as { status: unknown }[] | undefined) ?? []).map(({ status }) => status),
    ]);
    const quantities = [...Object.values(requests), ...Object.values(limits)];
    for (const text of [...command, ...args, ...values, ...conditions, ...quantities])
      expect(text).toBeString();
  });

  test("begins no pod anew by itself, as its failure policy wants it", () => {
    expect(job.spec.template.spec.restartPolicy).toBe("Never");
    expect(job.spec.podFailurePolicy.rules[1].onExitCodes.containerName).toBe(container.name);
    expect(job.spec.backoffLimitPerIndex).toBeGreaterThan(0);
  });

  test("gives a pod more time to end than logship takes", () => {
    expect(job.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  test("runs a command that logship takes", async () => {
    const index = String(job.spec.completions - 1);
    const command = [...container.command, ...container.args];
    const directory = await tried(command, { JOB_COMPLETION_INDEX: index });
    expect(existsSync(join(directory, FOLDER, `${FOLDER}.log.12-of-12.aa`))).toBe(true);
  });
});

describe("the job definition of AWS Batch", () => {
  const definition = JSON.parse(textOf("aws-batch-job-definition.json"));
  const { parameters, containerProperties } = definition;

  test.skipIf(!needs("aws"))("is one that the AWS CLI would send", () => {
    const file = `file://${join(examples, "aws-batch-job-definition.json")}`;
    const command = ["aws", "batch", "register-job-definition", "--cli-input-json", file];
    const keys = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s", AWS_DEFAULT_REGION: "us-west-2" };
    const { stderr, exitCode } = Bun.spawnSync([...command, "--generate-cli-skeleton", "output"], {
      env: { PATH: process.env.PATH ?? "", HOME: temporaryDirectory("home"), ...keys },
    });
    expect([stderr.toString(), exitCode]).toEqual(["", 0]);
  });

  test("tries again whatever ends with anything but wrong usage", () => {
    expect(definition.retryStrategy.evaluateOnExit).toEqual([{ onExitCode: "100", action: "EXIT" }]);
  });

  test("runs a command that logship takes, with all of its parameters in it", async () => {
    const used = new Set<string>();
    const command = containerProperties.command.map((word: string) => {
      const name = /^Ref::(\w+)$/.exec(word)?.[1];
      if (name !== undefined) used.add(name);
      return name === undefined ? word : parameters[name];
    });
    expect([...used].sort()).toEqual(Object.keys(parameters).sort());
    const array = { AWS_BATCH_JOB_ARRAY_INDEX: "0", AWS_BATCH_JOB_ARRAY_SIZE: parameters.shards };
    const directory = await tried(command, array);
    expect(existsSync(join(directory, FOLDER, `_SUCCESS.01-of-${parameters.shards}`))).toBe(true);
  });
});

describe("the systemd timer", () => {
  const service = textOf("logship-batch.service");
  const [, command = ""] = /^ExecStart=(.+)$/m.exec(service) ?? [];

  test.skipIf(!needs("systemd-analyze"))("and its service are units that systemd takes", () => {
    const directory = temporaryDirectory("units");
    const here = service.replace(/^(ExecStart=)\S+/m, `$1${executable}`);
    const units = { "logship-batch.service": here, "logship-batch.timer": textOf("logship-batch.timer") };
    for (const [name, text] of Object.entries(units)) writeFileSync(join(directory, name), text);
    const paths = Object.keys(units).map((name) => join(directory, name));
    const { stderr, exitCode } = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", ...paths]);
    expect([stderr.toString(), exitCode]).toEqual(["", 0]);
  });

  test("runs a command that logship takes", async () => {
    const directory = await tried(command.split(" "), {});
    const { stdout } = await run(["verify", `file://${directory}`]);
    expect(stdout).toContain("1200 records");
  });
});
