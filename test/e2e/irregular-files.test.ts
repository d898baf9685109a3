/** FIFOs, devices and links in place of files: nobody waits for them, nothing is put in their place, and they are told of. */
import { describe, expect, test } from "bun:test";
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, type Result, run, start } from "../support/logship.ts";
import { isRoot } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** Long enough for a busy machine; what waits for the other end of a FIFO waits for ever. */
const HANGS_AFTER_MS = 20_000;
const LIMIT_MS = 3 * HANGS_AFTER_MS;
const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
const REGION = { AWS_REGION: "us-east-1" };

/** Runs logship to its end, or kills it when it hangs, which makes the exit code 137. */
async function ended(args: readonly string[], settings: Parameters<typeof start>[1]): Promise<Result> {
  const process = start(args, settings);
  const timer = setTimeout(() => process.kill("SIGKILL"), HANGS_AFTER_MS);
  const result = await process.result;
  clearTimeout(timer);
  return result;
}

function make(command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command[0]}: ${stderr}`);
}

/** A null or zero device of our own: never that of the host. */
const devices = { null: "3", zero: "5" } as const;

/** A directory with `fifo`, `zero` and `null`, links to them, and a file. */
function irregular(): string {
  const cwd = temporaryDirectory("irregular");
  make(["mkfifo", join(cwd, "fifo")]);
  symlinkSync("fifo", join(cwd, "link-to-fifo"));
  if (isRoot())
    for (const [name, minor] of Object.entries(devices)) {
      make(["mknod", join(cwd, name), "c", "1", minor]);
      symlinkSync(name, join(cwd, `link-to-${name}`));
    }
  writeFileSync(join(cwd, "file"), "a record\n");
  return cwd;
}

/** What is there without being followed: `p`, `c`, `l`, `f`. */
function kindOf(path: string): string {
  const stats = lstatSync(path);
  if (stats.isFIFO()) return "p";
  if (stats.isCharacterDevice()) return "c";
  return stats.isSymbolicLink() ? "l" : stats.isFile() ? "f" : "?";
}

const NAMES = isRoot()
  ? ["fifo", "link-to-fifo", "zero", "link-to-zero", "null", "link-to-null"]
  : ["fifo", "link-to-fifo"];

describe("--metrics", () => {
  const RUN = ["run", "--once", "--records", "10", "--quiet"];

  test.each(NAMES)(
    "%s is refused and stays what it is",
    async (name) => {
      const cwd = irregular();
      const before = kindOf(join(cwd, name));
      const { stderr, exitCode } = await ended([...RUN, "--to", `file://${cwd}/out`, "--metrics", name], {
        cwd,
      });
      expect(stderr).toBe(
        `logship: fatal: unable to parse --metrics ${name}: must be a file or a new name: not a regular file\n`,
      );
      expect(exitCode).toBe(100);
      expect(kindOf(join(cwd, name))).toBe(before);
    },
    LIMIT_MS,
  );

  test("a link to a file stays, and the file has the metrics", async () => {
    const cwd = temporaryDirectory("metrics");
    mkdirSync(join(cwd, "textfile"));
    writeFileSync(join(cwd, "textfile/logship.prom"), "old\n");
    symlinkSync("textfile/logship.prom", join(cwd, "link"));
    const { exitCode } = await run([...RUN, "--to", `file://${cwd}/out`, "--metrics", "link"], { cwd });
    expect(exitCode).toBe(0);
    expect(kindOf(join(cwd, "link"))).toBe("l");
    expect(readFileSync(join(cwd, "textfile/logship.prom"), "utf8")).toContain(
      "logship_uploaded_records_total 10",
    );
  });

  test.each(["printed", "stdout"])("what the command itself prints to, here as %s, is refused", (name) => {
    const cwd = temporaryDirectory("metrics");
    symlinkSync("/proc/self/fd/1", join(cwd, "stdout"));
    const command = `"$0" run --once --records 10 --to file://${cwd}/out --metrics ${name} > printed`;
    const { stderr, exitCode } = Bun.spawnSync(["sh", "-c", command, executable], { cwd });
    expect(stderr.toString()).toEndWith(
      "must be a file or a new name: what this command prints goes there\n",
    );
    expect(exitCode).toBe(100);
    expect(kindOf(join(cwd, "stdout"))).toBe("l");
  });

  test("what takes the place of the file meanwhile is warned of and stays", async () => {
    const cwd = temporaryDirectory("metrics");
    const process = start([...RUN, "--rate", "2/s", "--to", `file://${cwd}/out`, "--metrics", "file"], {
      cwd,
    });
    await process.until("metrics", () => Bun.file(join(cwd, "file")).size > 0);
    make(["sh", "-c", `rm ${cwd}/file && mkfifo ${cwd}/file`]);
    const { stderr, exitCode } = await process.result;
    expect(stderr).toBe("logship: warning: unable to write file: not a regular file\n");
    expect(exitCode).toBe(0);
    expect(kindOf(join(cwd, "file"))).toBe("p");
  });
});

describe("what is written under a name", () => {
  test.each(["fifo", ...(isRoot() ? ["zero"] : [])])(
    "a piece of split does not replace a %s",
    async (name) => {
      const cwd = irregular();
      make(["mv", join(cwd, name), join(cwd, "xaa")]);
      const before = kindOf(join(cwd, "xaa"));
      const { stderr, exitCode } = await run(["split", "file"], { cwd });
      expect(stderr).toBe("logship: fatal: unable to create xaa: not a regular file\n");
      expect(exitCode).toBe(111);
      expect(kindOf(join(cwd, "xaa"))).toBe(before);
    },
  );

  test.each(["fifo", ...(isRoot() ? ["zero"] : [])])(
    "an object in a directory does not replace a %s",
    async (name) => {
      const cwd = irregular();
      const target = join(cwd, "target");
      mkdirSync(target);
      make(["mv", join(cwd, name), join(target, "file")]);
      const before = kindOf(join(target, "file"));
      const { stderr, exitCode } = await run(["upload", "file", "--to", `file://${target}`], { cwd });
      expect(stderr).toContain(`unable to upload file to file://${target}: not a regular file\n`);
      expect(exitCode).toBe(111);
      expect(kindOf(join(target, "file"))).toBe(before);
    },
  );
});

describe("verify", () => {
  test.each(NAMES)(
    "of a directory with a %s ends and names it",
    async (name) => {
      const cwd = irregular();
      const stored = join(cwd, "stored");
      await run(["run", "--once", "--success", "--records", "10", "--to", `file://${stored}`]);
      make(["mv", join(cwd, name), join(cwd, "other")]);
      symlinkSync(join(cwd, "other"), join(stored, "strange"));
      const { stderr, exitCode } = await ended(["verify", `file://${stored}`], { cwd });
      expect(stderr).toEndWith(`unable to read file://${stored}/strange: not a regular file\n`);
      expect(exitCode).toBe(111);
    },
    LIMIT_MS,
  );

  test(
    "--source of a FIFO ends and names it",
    async () => {
      const cwd = irregular();
      const { stderr, exitCode } = await ended(["verify", `file://${cwd}`, "--source", "fifo"], { cwd });
      expect(stderr).toBe("logship: fatal: unable to open fifo: not a regular file\n");
      expect(exitCode).toBe(111);
    },
    LIMIT_MS,
  );
});

describe("files of the AWS tools", () => {
  const UPLOAD = ["upload", "file", "--to", "s3://bucket", "--attempts", "1"];
  const ROLE = { ...REGION, AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/x" };
  const CONTAINER = { ...REGION, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/" };
  const settings: [variable: string, env: Record<string, string>, what: string][] = [
    ["AWS_SHARED_CREDENTIALS_FILE", REGION, "credentials"],
    ["AWS_CONFIG_FILE", REGION, "credentials"],
    ["AWS_CONFIG_FILE", {}, "credentials"],
    ["AWS_WEB_IDENTITY_TOKEN_FILE", ROLE, "credentials"],
    ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", CONTAINER, "credentials"],
    ["AWS_CA_BUNDLE", { ...KEYS, ...REGION }, "trusted certificates"],
    ["SSL_CERT_FILE", { ...KEYS, ...REGION }, "trusted certificates"],
    ["NODE_EXTRA_CA_CERTS", { ...KEYS, ...REGION }, "trusted certificates"],
  ];
  const kinds = isRoot() ? ["fifo", "link-to-zero"] : ["fifo"];

  test.each(settings.flatMap((row) => kinds.map((kind) => [kind, ...row] as const)))(
    "a %s as %s is refused",
    async (kind, variable, env, what) => {
      const cwd = irregular();
      const path = join(cwd, kind);
      for (const args of [UPLOAD, ["verify", "s3://bucket"]]) {
        const { stderr, exitCode, peakMiB } = await ended(args, { cwd, env: { ...env, [variable]: path } });
        expect(stderr).toBe(
          `logship: fatal: unable to read ${what} ${path}: not a regular file (see logship doctor)\n`,
        );
        expect(exitCode).toBe(111);
        expect(peakMiB).toBeLessThan(150);
      }
    },
    LIMIT_MS,
  );

  test(
    "a token that a profile names is no exception, nor is one that is kept for the sign-on",
    async () => {
      const cwd = irregular();
      const HOME = temporaryDirectory("home");
      mkdirSync(join(HOME, ".aws/sso/cache"), { recursive: true });
      const kept = join(HOME, ".aws/sso/cache/kept.json");
      symlinkSync(join(cwd, "fifo"), kept);
      const profiles = {
        [`${cwd}/fifo`]: `role_arn = ${ROLE.AWS_ROLE_ARN}\nweb_identity_token_file = ${cwd}/fifo\n`,
        [kept]: "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = x\n",
      };
      for (const [path, profile] of Object.entries(profiles)) {
        writeFileSync(join(HOME, ".aws/config"), `[default]\n${profile}`);
        const { stderr, exitCode } = await ended(UPLOAD, { cwd, env: { ...REGION, HOME } });
        expect(stderr).toBe(
          `logship: fatal: unable to read credentials ${path}: not a regular file (see logship doctor)\n`,
        );
        expect(exitCode).toBe(111);
      }
    },
    LIMIT_MS,
  );

  test("a file that is larger than any of its kind is refused", async () => {
    const cwd = temporaryDirectory("large");
    writeFileSync(join(cwd, "file"), "");
    make(["truncate", "-s", "1G", join(cwd, "large")]);
    for (const [variable, what] of [
      ["AWS_CONFIG_FILE", "credentials"],
      ["AWS_CA_BUNDLE", "trusted certificates"],
    ] as const) {
      const env = { ...KEYS, ...REGION, [variable]: join(cwd, "large") };
      const { stderr, exitCode, peakMiB } = await run(UPLOAD, { cwd, env });
      expect(stderr).toBe(
        `logship: fatal: unable to read ${what} ${cwd}/large: larger than 16.8 MB (see logship doctor)\n`,
      );
      expect(exitCode).toBe(111);
      expect(peakMiB).toBeLessThan(150);
    }
  });

  test(
    "doctor tells of a token that is a FIFO",
    async () => {
      const cwd = irregular();
      const env = { ...ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: join(cwd, "fifo") };
      const { stdout, exitCode } = await ended(["doctor", "--to", "s3://bucket"], { cwd, env });
      expect(stdout).toContain(`unable to read ${cwd}/fifo: not a regular file`);
      expect(exitCode).toBe(1);
    },
    LIMIT_MS,
  );
});

test(
  "a FIFO as zone of times is as good as a file that is no zone",
  async () => {
    const cwd = irregular();
    const stdin = "@4000000058779bd2000001f4 line\n";
    const { stdout, exitCode } = await ended(["tail", "--zone", join(cwd, "fifo"), "file"], { cwd, stdin });
    expect(stdout).toBe("");
    expect(exitCode).toBe(100);
  },
  LIMIT_MS,
);
