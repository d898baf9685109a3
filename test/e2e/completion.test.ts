/** What a shell completes, asked of the program, and typed into real shells. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runHarmlessly } from "../support/harmless-shell.ts";
import { executable, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { TypingShell } from "../support/typing.ts";

const host = temporaryDirectory("host");
for (const directory of ["bin", "functions", "home/.aws", "services/requisitions", "logs.d"])
  mkdirSync(join(host, directory), { recursive: true });
symlinkSync(executable, join(host, "bin/logship"));
writeFileSync(join(host, "home/.aws/config"), "[default]\n[profile logs]\nregion = eu-west-1\n");
writeFileSync(join(host, "access.log"), "");
const env = {
  PATH: `${join(host, "bin")}:${process.env.PATH}`,
  HOME: join(host, "home"),
  LOGSHIP_SERVICES: join(host, "services"),
};

async function scriptOf(shell: string, name: string): Promise<string> {
  const { stdout, stderr } = await run(["completion", shell]);
  expect(stderr).toBe("");
  const path = join(host, "functions", name);
  writeFileSync(path, stdout);
  return path;
}

describe("logship completion SHELL WORD...", () => {
  const words = async (...typed: string[]) => {
    const { stdout, stderr } = await run(["completion", "zsh", ...typed], { env });
    expect(stderr).toBe("");
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")[0]!]));
  };

  test("offers every command, and options of the program", async () => {
    const commands = await words("");
    for (const name of ["run", "ship", "verify", "setup", "multilog", "completion"])
      expect(commands).toContain(name);
    expect(await words("-")).toEqual(["--help", "--version"]);
    expect(await words("help", "ver")).toEqual(["verify"]);
  });

  test("offers every option that the help has, but those that are given", async () => {
    const { stdout } = await run(["run", "--help"]);
    const inHelp = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option!);
    expect((await words("run", "--")).sort()).toEqual([...new Set(inHelp)].sort());
    expect(await words("run", "--gzip", "--g")).toEqual(["--grace"]);
    expect(await words("run", "--tag", "a=b", "--ta")).toEqual(["--tag"]);
    expect(await words("run", "--to", "--g", "--gz")).toEqual(["--gzip"]);
  });

  test.each([
    [["--services", "@"]],
    [["--services=@"]],
    [["--services", "=", "@"]],
    [["--services", "~/own"]],
  ])("offers the services of the directory that the command line names: %j", async (option) => {
    mkdirSync(join(host, "home/own/elsewhere"), { recursive: true });
    const given = option.map((word) => word.replace("@", join(host, "home/own")));
    expect(await words("restart", ...given, "")).toContain("elsewhere");
    expect(await words("restart", ...given, "")).not.toContain("requisitions");
    expect(await words("status", ...given, "el")).toEqual(["elsewhere", ":directories"]);
  });

  test.each([
    [
      ["run", "--format", ""],
      ["json", "combined", "nginx-json", "script"],
    ],
    [["run", "--format=n"], ["nginx-json"]],
    [["run", "--format", "=", "n"], ["nginx-json"]],
    [
      ["upload", "--storage-class", "GLACIER"],
      ["GLACIER", "GLACIER_IR"],
    ],
    [["upload", "--sse", "aws"], ["aws:kms"]],
    [["upload", "--sse", "aws", ":", "k"], ["kms"]],
    [
      ["ship", "--from", ""],
      ["start", "end"],
    ],
    [["run", "--timezone", "lo"], ["local"]],
    [
      ["restart", "r"],
      ["requisitions", ":directories"],
    ],
    [
      ["ship", "r"],
      ["requisitions", ":files"],
    ],
    [
      ["tail", "requisitions", "r"],
      ["requisitions", ":files"],
    ],
    [["upload", ""], [":files"]],
    [["split", "access.log", ""], [":files"]],
    [["ship", "--state", ""], [":directories"]],
    [["run", "--metrics=/"], [":files"]],
    [["setup", "--un"], ["--uninstall"]],
    [["setup", "--env", "AWS_PROFILE=l"], ["AWS_PROFILE=logs"]],
    [["setup", "--env", "AWS_PROFILE", "=", "l"], ["logs"]],
    [["setup", "--user", "roo"], ["root"]],
    [["svc", "-t"], ["-t"]],
    [["multilog", "t", ""], [":directories"]],
    [["completion", "f"], ["fish"]],
    [["no-such-command", ""], []],
    [["run", "--records", ""], []],
    [["upload", "--tag", ""], []],
    [["upload", "--tag", "team=", "--gz"], ["--gzip"]],
  ])("%j offers %j", async (typed, offered) => {
    expect(await words(...typed)).toEqual(offered);
  });

  test("knows the time zones of the host", async () => {
    expect(await words("tail", "--zone", "Europe/Lis")).toEqual(["Europe/Lisbon"]);
  });

  test("needs no service, no profile and no home", async () => {
    const { stdout, exitCode } = await run(["completion", "fish", "status", ""], {
      env: { HOME: "/nowhere", LOGSHIP_SERVICES: "/nowhere" },
    });
    expect(stdout).toBe(":directories\n");
    expect(exitCode).toBe(0);
  });
});

test("a shell that is none is a usage error that names those there are", async () => {
  const { stderr, exitCode } = await run(["completion", "fsh"]);
  expect(stderr).toBe(
    "logship: fatal: unable to parse shell fsh: must be one of bash, zsh, fish (Did you mean zsh?)\n",
  );
  expect(exitCode).toBe(100);
});

/** Names that strangers may have chosen; what is completed is typed, and run by Enter. */
const HOSTILE = join(temporaryDirectory("hostile"), "services");
for (const name of ["x$(touch harm)", "y;touch harm", "z`touch harm`", "w\ntouch harm", "v\x1b[2J", "u it's"])
  mkdirSync(join(HOSTILE, name), { recursive: true });
const hostileEnv = { ...env, LOGSHIP_SERVICES: HOSTILE };
writeFileSync(join(host, "hostile-config"), "[profile p$(touch harm)]\n");

/** The words of a line as a shell without programs reads them. */
function wordsOf(line: string): string[] {
  return runHarmlessly([line])[0]!.flat();
}

const PROFILE = "logship setup --env AWS_PROFILE=p";
const PROFILE_WORDS = ["logship", "setup", "--env", "AWS_PROFILE=p$(touch harm)"];

test("names that cannot be typed are not offered", async () => {
  const { stdout } = await run(["completion", "bash", "restart", ""], { env: hostileEnv });
  expect(stdout.split("\n").map((line) => line.split("\t")[0]!)).toEqual([
    ...["u it's", "x$(touch harm)", "y;touch harm", "z`touch harm`", ":directories", ""],
  ]);
});

test.skipIf(!needs("bash", "script"))(
  "bash quotes names that strangers have chosen, or leaves them out",
  async () => {
    const path = await scriptOf("bash", "logship");
    const configured = { ...hostileEnv, AWS_CONFIG_FILE: join(host, "hostile-config") };
    await using shell = await TypingShell.start("bash", `source ${path}`, configured);
    expect(wordsOf(await shell.completed(PROFILE))).toEqual(PROFILE_WORDS);
    for (const line of ["logship restart x", "logship restart y", "logship tail z", "logship tail u"])
      expect(await shell.completed(line)).toBe(line);
  },
);

test.skipIf(!needs("zsh", "script"))("zsh quotes names that strangers have chosen", async () => {
  const path = await scriptOf("zsh", "_logship");
  const configured = { ...hostileEnv, AWS_CONFIG_FILE: join(host, "hostile-config") };
  const start = `autoload -Uz compinit; compinit -u -D; source ${path}`;
  await using shell = await TypingShell.start("zsh", start, configured);
  expect(wordsOf(await shell.completed(PROFILE))).toEqual(PROFILE_WORDS);
  for (const name of ["x$(touch harm)", "y;touch harm", "u it's"])
    expect(wordsOf(await shell.completed(`logship restart ${name[0]}`))).toEqual([
      "logship",
      "restart",
      name,
    ]);
});

const LINES: [typed: string, completed: string][] = [
  ["logship ru", "logship run "],
  ["logship run --form", "logship run --format "],
  ["logship run --format=j", "logship run --format=json "],
  ["logship run --storage-class INT", "logship run --storage-class INTELLIGENT_TIERING "],
  ["logship run --sse aws:", "logship run --sse aws:kms "],
  ["logship restart req", "logship restart requisitions "],
  ["logship setup --env AWS_PROFILE=lo", "logship setup --env AWS_PROFILE=logs "],
  [`logship upload ${host}/acc`, `logship upload ${host}/access.log `],
  [`logship ship --state ${host}/log`, `logship ship --state ${host}/logs.d/`],
  [`logship run --metrics=${host}/acc`, `logship run --metrics=${host}/access.log `],
];

async function expectCompletions(shell: TypingShell): Promise<void> {
  for (const [typed, completed] of LINES) expect(await shell.completed(typed)).toBe(completed);
}

test.skipIf(!needs("bash", "script"))("bash completes what is typed", async () => {
  const path = await scriptOf("bash", "logship");
  await using shell = await TypingShell.start("bash", `source ${path}`, env);
  await expectCompletions(shell);
});

describe.skipIf(!needs("zsh", "script"))("zsh completes what is typed", () => {
  const start = "autoload -Uz compinit; compinit -u -D";

  test("when it finds the function by its name", async () => {
    await scriptOf("zsh", "_logship");
    const setUp = `fpath=(${join(host, "functions")} $fpath); ${start}`;
    await using shell = await TypingShell.start("zsh", setUp, env);
    await expectCompletions(shell);
  });

  test("when the script is read", async () => {
    const path = await scriptOf("zsh", "_logship");
    await using shell = await TypingShell.start("zsh", `${start}; source ${path}`, env);
    expect(await shell.completed("logship ru")).toBe("logship run ");
  });
});

describe.skipIf(!needs("fish"))("fish completes what is typed", () => {
  test.each(LINES)("%s becomes %s", async (typed, completed) => {
    const path = await scriptOf("fish", "logship.fish");
    const fish = Bun.spawn(["fish", "--no-config", "-c", `source ${path}; complete -C '${typed}'`], { env });
    const [first = ""] = (await new Response(fish.stdout).text()).split("\n");
    expect(first.split("\t")[0]).toBe(completed.trimEnd().split(" ").at(-1)!);
  });
});
