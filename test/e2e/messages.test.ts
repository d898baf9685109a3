/** Every command answers bad input with one line of one form and the right exit code. Add a row for each new way to fail. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

interface Row {
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** 100 for what can never work, 111 for what failed now. */
  readonly exitCode: 100 | 111;
  /** After `logship: fatal: unable to `. */
  readonly message: string | RegExp;
}

const TO = ["--to", "s3://bucket"];
const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };
/** A port on which nothing listens: the one that TCP reserves for that. */
const NOBODY = { ...KEYS, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" };

const bucketNames = [
  "s3://",
  "s3://ab",
  "s3://Bucket",
  "s3://a_bucket",
  "s3://-ab-",
  "s3://a..b",
  "s3://1.2.3.4",
];
const urls = [
  "",
  "bucket",
  "http://bucket",
  "s4://bucket",
  "file:relative",
  "file://host/dir",
  ...bucketNames,
];

const rows: Row[] = [
  {
    args: ["nonsense"],
    exitCode: 100,
    message: "parse command line: unknown command 'nonsense' (see logship --help)",
  },
  {
    args: ["ship", "app.log", "--older", "", ...TO],
    exitCode: 100,
    message: "parse --older : must not be empty",
  },
  {
    args: ["--nonsense"],
    exitCode: 100,
    message: "parse command line: unknown option '--nonsense' (see logship --help)",
  },

  { args: ["tail", "/nowhere"], exitCode: 111, message: "open /nowhere: file does not exist" },
  { args: ["tail", "-n", "x"], exitCode: 100, message: /^parse --lines x: must be a whole number/ },
  {
    args: ["tail", "--since", "soon", "/tmp"],
    exitCode: 100,
    message: /^parse --since soon: must be a time such as/,
  },
  {
    args: ["tail", "--since", "1h", import.meta.path],
    exitCode: 111,
    message: `begin at --since 1h in ${import.meta.path}: its lines have no time that is known`,
  },
  {
    args: ["tail", "--utc", "--tai", "/tmp"],
    exitCode: 100,
    message: "parse --tai: times are shown in one way, and there is --utc already",
  },
  {
    args: ["generate", "--bytes", "10", "--seed", "7", "--start", "0"],
    exitCode: 100,
    message: /^fit a record into 10 bytes: the next one has \d+$/,
  },
  {
    args: ["upload", "--to", "s3://arn:aws:s3:::my-logs", "x"],
    exitCode: 100,
    message: /^parse --to s3:\/\/arn:aws:s3:::my-logs: ARNs are not supported: give the name of the bucket/,
  },
  {
    args: ["run", "--to", "s3://logs--use1-az5--x-s3/2017"],
    exitCode: 100,
    message: /directory buckets \(S3 Express One Zone\) are not supported/,
  },
  ...["upload", "ship", "split", "tail", "status", "start"].map((command) => ({
    args: [command, ""],
    exitCode: 100 as const,
    message: "parse command line: an argument is empty",
  })),
  ...[
    ["run", "--metrics"],
    ["ship", "x", "--state"],
    ["ship", "x", "--host"],
    ["verify", "file:///tmp", "--source"],
    ["tail", "--services"],
  ].map((args) => ({
    args: [...args, ""],
    exitCode: 100 as const,
    message: `parse ${args.at(-1)} : must not be empty`,
  })),
  {
    args: ["tail", "--grep", "(", "/tmp"],
    exitCode: 100,
    message: "parse --grep (: must be a regular expression",
  },
  {
    args: ["tail", "--zone", "No/Where", "/tmp"],
    exitCode: 100,
    message: /^parse --zone No\/Where: must be a time/,
  },
  {
    args: ["status", "--services", "/nowhere"],
    exitCode: 111,
    message: /^read services directory \/nowhere: it is not there: logship setup makes it/,
  },
  {
    args: ["status", "--watch"],
    exitCode: 100,
    message: "watch services: standard output is not a terminal; logship status --verbose shows them once",
  },
  {
    args: ["stop"],
    exitCode: 100,
    message: "parse command line: missing required argument 'dir' (see logship stop --help)",
  },
  {
    args: ["start", "--timeout", "soon", "x"],
    exitCode: 100,
    message: /^parse --timeout soon: must be a duration/,
  },
  { args: ["svc", "-z", "x"], exitCode: 100, message: /^parse svc option -z: must be one of u up, d down, / },
  { args: ["svc", "x"], exitCode: 100, message: "parse command line: svc needs letters such as -d" },
  { args: ["svc", "-d"], exitCode: 100, message: "parse command line: svc needs a service directory" },

  ...["upload", "run"].flatMap((command): Row[] => {
    const rest = command === "upload" ? ["README.md"] : [];
    const bad = (option: string, value: string, reason: string | RegExp): Row => ({
      args: [command, ...TO, option, value, ...rest],
      exitCode: 100,
      message: typeof reason === "string" ? `parse ${option} ${value}: ${reason}` : reason,
    });
    return [
      {
        args: [command, ...TO, "--nonsense", ...rest],
        exitCode: 100,
        message: `parse command line: unknown option '--nonsense' (see logship ${command} --help)`,
      },
      {
        args: [command, ...rest, "--to"],
        exitCode: 100,
        message: /^parse command line: option '--to <url>' argument missing \(see logship [a-z]+ --help\)$/,
      },
      ...urls.map(
        (url): Row => ({
          args: [command, "--to", url, ...rest],
          exitCode: 100,
          message: new RegExp(`^parse --to ${url.replace(/[.?]/g, "\\$&")}: .*(must be|a bucket name)`),
        }),
      ),
      bad("--concurrency", "0", "must be a whole number from 1 to 256"),
      bad("--concurrency", "many", "must be a whole number from 1 to 256"),
      bad("--concurrency", "-1", "must be a whole number from 1 to 256"),
      bad("--concurrency", "1e3", "must be a whole number from 1 to 256"),
      bad("--sse", "AES128", "must be AES256, aws:kms or aws:kms:KEY"),
      bad("--storage-class", "cold storage", /^parse --storage-class cold storage: must be a storage class/),
      bad("--tag", "novalue", /^parse --tag novalue: must be name=value/),
      bad("--timeout", "0", "must be longer than 0"),
      bad("--timeout", "soon", "must be a duration such as 250ms, 60s or 1h30m"),
      bad("--connect-timeout", "5 s", "must be a duration such as 250ms, 60s or 1h30m"),
      bad("--grace", "-1s", "must be a duration such as 250ms, 60s or 1h30m"),
      {
        args: [command, ...TO, ...rest],
        env: { LOGSHIP_CONCURRENCY: "none" },
        exitCode: 100,
        message: "parse LOGSHIP_CONCURRENCY=none: must be a whole number from 1 to 256",
      },
      {
        args: [command, ...TO, ...rest],
        env: { LOGSHIP_GZIP: "perhaps" },
        exitCode: 100,
        message: "parse LOGSHIP_GZIP=perhaps: must be yes or no",
      },
      {
        args: [command, ...rest],
        env: { LOGSHIP_TO: "s3://no_such" },
        exitCode: 100,
        message: /^parse LOGSHIP_TO=s3:\/\/no_such: a bucket name/,
      },
      { args: [command, ...rest], exitCode: 100, message: /^parse destination: --to is not given/ },
      {
        args: [command, ...TO, ...rest],
        env: { AWS_REGION: "us-east-1" },
        exitCode: 111,
        message:
          /^locate credentials: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET, write ~\/\.aws\/credentials, or attach a role to the instance \(see logship doctor\)$/,
      },
      {
        args: [command, ...TO, ...rest],
        env: { ...NOBODY, AWS_CA_BUNDLE: "/nonexistent.pem" },
        exitCode: 111,
        message: "read trusted certificates /nonexistent.pem: file does not exist (see logship doctor)",
      },
      ...Array.from(
        { length: 1 },
        (): Row => ({
          args: [
            command,
            ...TO,
            ...rest,
            ...Array.from({ length: 11 }, (_, n) => ["--tag", `t${n}=v`]).flat(),
          ],
          env: NOBODY,
          exitCode: 100,
          message: "parse 11 tags: an object has at most 10",
        }),
      ),
    ];
  }),

  {
    args: ["upload", ...TO],
    exitCode: 100,
    message: "parse command line: missing required argument 'path' (see logship upload --help)",
  },
  {
    args: ["upload", ...TO, "--attempts", "0", "x"],
    exitCode: 100,
    message: "parse --attempts 0: must be a whole number, 1 or more",
  },
  { args: ["upload", "--to", "file:///dev/null/x", "readable"], exitCode: 111, message: /^upload .*: / },

  ...["--records", "--batches"].map(
    (option): Row => ({
      args: ["run", ...TO, option, "0"],
      exitCode: 100,
      message: `parse ${option} 0: must be a whole number, 1 or more`,
    }),
  ),
  {
    args: ["run", ...TO, "--interval", "often"],
    exitCode: 100,
    message: "parse --interval often: must be a duration such as 250ms, 60s or 1h30m",
  },
  {
    args: ["run", ...TO, "--format", "xml"],
    exitCode: 100,
    message: /^parse --format xml: must be one of json, combined, nginx-json, script$/,
  },
  {
    args: ["run", ...TO, "--bytes", "2 apples"],
    exitCode: 100,
    message: /^parse --bytes 2 apples: must be a size/,
  },
  {
    args: ["run", ...TO, "--metrics", "."],
    exitCode: 100,
    message: "parse --metrics .: must be a file or a new name: is a directory",
  },
  {
    args: ["verify", "file:///nowhere", "--source", "."],
    exitCode: 111,
    message: "open .: not a regular file",
  },
  {
    args: ["upload", ...TO, "readable"],
    env: { AWS_REGION: "us-east-1", AWS_CONFIG_FILE: "/" },
    exitCode: 111,
    message: "read credentials /: not a regular file (see logship doctor)",
  },
  {
    args: ["run", ...TO, "surplus"],
    exitCode: 100,
    message:
      /^parse command line: too many arguments for 'run' \(expected 0, got 1\) \(see logship run --help\)$/,
  },

  {
    args: ["generate", "--format", "xml"],
    exitCode: 100,
    message: /^parse --format xml: must be one of json, combined, nginx-json, script$/,
  },
  {
    args: ["generate", "--records", "1.5"],
    exitCode: 100,
    message: /^parse --records 1\.5: must be a whole number/,
  },
  {
    args: ["generate", "--rate", "fast"],
    exitCode: 100,
    message: "parse --rate fast: must be a rate such as 100/s",
  },
  {
    args: ["generate", "--rate", "0"],
    exitCode: 100,
    message: "parse --rate 0: must be a rate such as 100/s",
  },
  {
    args: ["generate", "--duration", "x"],
    exitCode: 100,
    message: /^parse --duration x: must be a duration/,
  },
  { args: ["generate", "--bytes", "0"], exitCode: 100, message: /^parse --bytes 0: must be a size/ },
  { args: ["generate", "--seed", "x"], exitCode: 100, message: /^parse --seed x: must be a whole number/ },
  {
    args: ["generate", "--start", "yesterday-ish"],
    exitCode: 100,
    message: /^parse --start yesterday-ish: must be /,
  },
  {
    args: ["generate", "--timezone", "Mars/Olympus"],
    exitCode: 100,
    message: /^parse --timezone Mars\/Olympus: /,
  },

  { args: ["split", "--bytes", "x"], exitCode: 100, message: /^parse --bytes x: must be a size/ },
  { args: ["split", "--records", "0"], exitCode: 100, message: /^parse --records 0: must be a whole number/ },
  {
    args: ["split", "--records", "10", "/nonexistent/file"],
    exitCode: 111,
    message: /^(open|read) \/nonexistent\/file: file does not exist$/,
  },
  {
    args: ["split", "--records", "10", "-", "/nonexistent/prefix."],
    stdin: "a\n",
    exitCode: 111,
    message: /^[a-z]+ \/nonexistent\/.*: file does not exist$/,
  },
];

for (const { args, env, stdin, exitCode, message } of rows) {
  const environment = Object.entries(env ?? {}).filter(([name]) => name.startsWith("LOGSHIP_"));
  const title = [...environment.map(([name, value]) => `${name}=${value}`), "logship", ...args].join(" ");
  test(`${title} ends in one line and ${exitCode}`, async () => {
    const cwd = temporaryDirectory("messages");
    writeFileSync(join(cwd, "readable"), "a record\n");
    writeFileSync(join(cwd, "README.md"), "a record\n");
    const result = await run(args, { cwd, ...(env && { env }), ...(stdin !== undefined && { stdin }) });
    expectOneLine(result.stderr, message);
    expect(result.stdout).toBe("");
    expect(result.exitCode).toBe(exitCode);
  });
}

test("a name with control characters cannot break the line or move the cursor", async () => {
  const name = "a\nb\x1b[2Jc\u2028d";
  const { stderr, exitCode } = await run(["upload", "--to", name, "x"]);
  expectOneLine(stderr, /^parse --to a\\x0ab\\x1b\[2Jc\\u2028d: must be/);
  expect(exitCode).toBe(100);
});

test("no command prints its help to standard error and exits 100", async () => {
  const { stdout, stderr, exitCode } = await run([]);
  expect(stdout).toBe("");
  expect(stderr).toStartWith("Usage: logship ");
  expect(exitCode).toBe(100);
});

test("--help of every command prints to standard output and exits 0", async () => {
  const { stdout } = await run(["--help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z0-9]+) .*/gm)].map((match) => match[1]!);
  expect(commands).toContain("upload");
  for (const command of commands.filter((name) => name !== "help")) {
    const help = await run(["help", command]);
    expect(help.stderr).toBe("");
    expect(help.stdout).toStartWith(`Usage: logship ${command} `);
    expect(help.exitCode).toBe(0);
    expect((await run([command, "--help"])).stdout).toBe(help.stdout);
    expect(
      help.stdout.split("\n").filter((line) => line.length > 80 && !/\{|^ {2}--env|LOGSHIP_/.test(line)),
    ).toEqual([]);
  }
});

test("a mistyped command, option or value is answered with the one that may be meant", async () => {
  const wrong = {
    genrate: "unknown command 'genrate' (Did you mean generate?)",
    version: "unknown command 'version' (Did you mean --version?)",
    "generate --recrods 5": "unknown option '--recrods' (Did you mean --records?)",
    "generate --format jsn": "must be one of json, combined, nginx-json, script (Did you mean json?)",
    "ship --from strat a --to file:///tmp": "must be one of start, end (Did you mean start?)",
  };
  for (const [line, words] of Object.entries(wrong)) {
    const { stdout, stderr, exitCode } = await run(line.split(" "));
    expect(stdout).toBe("");
    expect(stderr).toEndWith(`: ${words}\n`);
    expect(exitCode).toBe(100);
  }
});

test("the help of a command begins with examples, and its options have titles", async () => {
  const { stdout } = await run(["help", "run"]);
  const titles = [...stdout.matchAll(/^(\w.*):$/gm)].map(([, title]) => title!);
  expect(titles).toEqual(["Examples", "Records", "Batches", "Pieces", "Destination", "Output"]);
  expect(stdout).toContain("\nEvery option is also a variable: --format is LOGSHIP_FORMAT.\n");
});

test.each(["help nothing", "nothing", "nothing --help"])(
  "%s: an unknown command is told in one line",
  async (line) => {
    const { stdout, stderr, exitCode } = await run(line.split(" "));
    expect(stdout).toBe("");
    expectOneLine(stderr, "parse command line: unknown command 'nothing' (see logship --help)");
    expect(exitCode).toBe(100);
  },
);

/** The grammar of messages: level, `unable to`, a verb, the thing once, and a reason without a full stop. */
function expectOneLine(stderr: string, message: string | RegExp): void {
  expect(stderr).toMatch(/^logship: fatal: unable to [a-z]+ [^\n]+: [^\n]+[^\n.]\n$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]|\bE[A-Z]{3,}\b|Error\b|undefined|\[object/);
  const text = stderr.slice("logship: fatal: unable to ".length, -1);
  if (typeof message === "string") expect(text).toBe(message);
  else expect(text).toMatch(message);
}
