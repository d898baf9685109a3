/** What `logship doctor` tells a person to type where strangers have chosen the names. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createBucket } from "../support/bucket.ts";
import { doctor } from "../support/doctor.ts";
import type { Fault, Plan } from "../support/faults.ts";
import { runHarmlessly } from "../support/harmless-shell.ts";
import { run } from "../support/logship.ts";
import { type ProxiedServer, startProxiedServer, workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";

const NAMES = [
  "a b",
  "it's",
  'say "no"',
  "$(touch harm)",
  "`touch harm`",
  "x; touch harm #",
  "a\ntouch harm",
  "-rf",
  "\x1b[2J\x1b]0;title\x07 x",
  "\u202egnp",
];

/** Programs that remedies may begin with. */
const EXPECTED = new Set([
  ...[
    "chown",
    "df",
    "du",
    "id",
    "install",
    "logship",
    "ls",
    "mkdir",
    "mv",
    "rm",
    "sort",
    "sudo",
    "systemctl",
  ],
  ...["ps", "tail", "unset"],
]);

/** Runs what is to be typed. @returns the paths that it names */
function pathsTyped(remedies: readonly (string | null)[]): string[] {
  const lines = remedies.filter((remedy) => remedy !== null);
  const calls = runHarmlessly(lines).flat();
  for (const [program] of calls) expect(EXPECTED).toContain(program!);
  return calls.flat().filter((word) => word.startsWith("/"));
}

/** The remedies of the lines that a person reads. */
function shownRemedies(stdout: string): string[] {
  return stdout.split("\n").flatMap((line) => /^(?:warning|failed) .*; type: (.*)$/.exec(line)?.[1] ?? []);
}

test.each(NAMES)("directories, services and states in %j are words of the commands", async (name) => {
  const place = join(temporaryDirectory("place"), name);
  const [services, state, keys] = ["services", "state", "keys"].map((kind) => join(place, kind));
  const service = join(services!, name);
  mkdirSync(join(service, "log"), { recursive: true });
  mkdirSync(state!);
  mkdirSync(keys!);
  writeFileSync(join(state!, `${name}.json`), "garbage");
  writeFileSync(join(state!, `${name}.json.damaged`), "garbage");
  const to = pathToFileURL(join(place, "to", name)).href;
  const args = ["--to", to, "--no-create-bucket", "--services", services!, "--state", state!];
  const { lines, stderr } = await doctor(args);
  expect(stderr).toBe("");
  const remedies = lines.map(({ remedy }) => remedy);
  const typed = pathsTyped(remedies);
  expect(typed).toContain(service);
  expect(typed).toContain(join(service, "log"));
  expect(typed).toContain(join(place, "to", name));
  expect(typed).toContain(join(state!, `${name}.json.damaged`));
  for (const path of typed)
    if (!path.endsWith(".json.damaged") && !path.startsWith(join(place, "to")))
      expect(existsSync(path)).toBe(true);
  const { stdout } = await run(["doctor", ...args]);
  expect(shownRemedies(stdout)).toEqual(remedies.filter((remedy) => remedy !== null));
});

test("names that are not UTF-8 are shown, and no command is made of them", async () => {
  const services = temporaryDirectory("services");
  mkdirSync(Buffer.concat([Buffer.from(`${services}/caf`), Buffer.of(0xe9)]));
  const { lines } = await doctor(["--offline", "--services", services]);
  const service = lines.find(({ check }) => check === "service");
  expect(service).toEqual(expect.objectContaining({ verdict: "failed", remedy: null }));
  const { stdout } = await run(["doctor", "--offline", "--services", services]);
  expect(stdout.split("\n").find((line) => line.includes("caf"))).not.toContain("type:");
});

test("a text of a stranger does not look like a remedy", async () => {
  const args = ["doctor", "--offline", "--services", "/nowhere", "--state", "/nowhere"];
  const { stdout } = await run(args, { env: { LOGSHIP_HOST: "a; type: touch harm" } });
  expect(stdout.match(/; type: touch/)).toBeNull();
  expect(stdout).toContain("LOGSHIP_HOST=a");
});

describe("a server that is asked for its region", () => {
  let proxied: ProxiedServer;
  beforeAll(async () => {
    proxied = await startProxiedServer();
  });
  afterAll(() => proxied.stop());

  const REGIONS = ["us-east-1; touch harm", "$(touch harm)", "'", "EU", "eu west", "../..", "x".repeat(64)];

  function redirectTo(region: string, isEvery: boolean): Plan {
    const elsewhere: Fault = {
      kind: "answer",
      status: 301,
      code: "PermanentRedirect",
      headers: { "x-amz-bucket-region": region },
    };
    return ({ headers }) => (isEvery || headers.authorization === undefined ? elsewhere : undefined);
  }

  test.each(REGIONS)("and answers %j is not repeated by doctor", async (region) => {
    const bucket = freshBucketName();
    await createBucket(proxied.server, bucket);
    proxied.proxy.setPlan(redirectTo(region, false));
    const env = environmentOf(proxied.server, proxied.proxy.endpoint);
    const { lines, stdout } = await doctor(["--to", `s3://${bucket}`], { env });
    expect(lines.filter(({ check }) => check === "region")).toEqual([
      { check: "region", verdict: "ok", text: "us-east-1, by AWS_REGION", remedy: null, looked: true },
    ]);
    expect(stdout).not.toContain("harm");
  });

  test.each(REGIONS)("and answers %j is not followed by an upload", async (region) => {
    proxied.proxy.setPlan(redirectTo(region, true));
    const env = environmentOf(proxied.server, proxied.proxy.endpoint);
    const cwd = workplace({ a: "a\n" });
    const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://some-bucket"], { cwd, env });
    expect(stderr).toMatch(
      /^logship: fatal: unable to upload a to s3:\/\/some-bucket\S*: 301 PermanentRedirect \(the bucket is not in this region: [^\n]*\n$/,
    );
    expect(exitCode).toBe(111);
  });

  test("and one that a reader asks", async () => {
    proxied.proxy.setPlan(redirectTo("$(touch harm)", true));
    const env = environmentOf(proxied.server, proxied.proxy.endpoint);
    const { stderr, exitCode } = await run(["verify", "s3://some-bucket"], { env });
    expect(stderr).toMatch(/301 PermanentRedirect/);
    expect(stderr).not.toContain("harm");
    expect(exitCode).toBe(111);
  });
});
