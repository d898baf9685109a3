/** What a newcomer meets first when something is not in place yet: one line that says what to type next. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { clockSkew, type Fault, type Plan } from "../support/faults.ts";
import { executable, run } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { startProxiedServer, workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { freshBucketName } from "../support/servers.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
const cwd = workplace({ a: "a record\n" });

test("no destination: --to with a bucket, or a directory to try it", async () => {
  const { stderr, exitCode } = await run(["run", "--once"]);
  expect(stderr).toMatch(
    /^logship: fatal: unable to parse destination: .*: --to s3:\/\/BUCKET, or --to file:\/\/\/tmp\/out to try it\n$/,
  );
  expect(exitCode).toBe(100);
  const tried = await run(["run", "--once", "--to", `file://${temporaryDirectory("out")}`]);
  expect(tried.exitCode).toBe(0);
});

test("no credentials: which variables to export, which file to write", async () => {
  const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://my-logs"], { cwd });
  expect(stderr).toMatch(
    /^logship: fatal: unable to locate credentials: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET, write ~\/\.aws\/credentials, or attach a role to the instance[^\n]*\n$/,
  );
  expect(exitCode).toBe(111);
});

test("a region that is none: which variable to export, and what regions look like", async () => {
  const env = { ...KEYS, AWS_REGION: "Oregon, USA" };
  const { stderr, exitCode } = await run(["upload", "a", "--to", "s3://my-logs"], { cwd, env });
  expect(stderr).toMatch(
    /^logship: fatal: unable to parse region Oregon, USA: must be a name such as us-west-2: export AWS_REGION=us-west-2[^\n]*\n$/,
  );
  expect(exitCode).toBe(100);
});

describe("a server that refuses", async () => {
  const s3 = await startProxiedServer();
  afterAll(() => s3.stop());
  const always =
    (fault: Fault): Plan =>
    () =>
      fault;
  const answer = (status: number, code: string): Plan => always({ kind: "answer", status, code });
  const upload = (plan: Plan, bucket = freshBucketName()) =>
    s3.logship("upload", `${bucket}/2017`, ["--attempts", "2", "a"], { cwd }, plan);

  test("Object Lock, and whatever else a server refuses in its own words: these words", async () => {
    const says = (status: number, code: string, words: string) =>
      always({ kind: "answer", status, code, details: { Message: words } });
    const locked = "Access Denied because object protected by object lock.";
    const denied = await upload(says(403, "AccessDenied", locked));
    expect(denied.stderr).toContain(`; the server says "${locked}")`);
    const words = "Content-MD5 is required for Put Object requests with Object Lock parameters";
    const unchecked = await upload(says(403, "InvalidRequest", words));
    expect(unchecked.stderr).toContain(`: 403 InvalidRequest (the server says "${words}")`);
    expect([denied.exitCode, unchecked.exitCode]).toEqual([111, 111]);
  });

  test("a wrong region: which variable to export", async () => {
    for (const [status, code] of [
      [301, "PermanentRedirect"],
      [400, "AuthorizationHeaderMalformed"],
      [400, "IllegalLocationConstraintException"],
    ] as const) {
      const { stderr, exitCode } = await upload(answer(status, code));
      expect(stderr).toMatch(
        new RegExp(
          `^logship: fatal: .*: ${status} ${code} \\(.*: export AWS_REGION=REGION with its own\\)[^\n]*\n$`,
        ),
      );
      expect(exitCode).toBe(111);
    }
  });

  test("no right to write: which permission these credentials need, and on what", async () => {
    const plan: Plan = ({ method }) =>
      method === "PUT" ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
    const bucket = freshBucketName();
    await s3.logship("upload", bucket, ["a"], { cwd });
    const { stderr, exitCode } = await upload(plan, bucket);
    expect(stderr).toMatch(
      new RegExp(
        `: 403 AccessDenied \\(allow these credentials s3:PutObject on arn:aws:s3:::${bucket}/2017/\\*\\)`,
      ),
    );
    expect(exitCode).toBe(111);
  });

  test("no right to make the bucket: which permission, and on what", async () => {
    const bucket = freshBucketName();
    const plan: Plan = ({ method, path }) =>
      method === "PUT" && !path.includes("/2017")
        ? { kind: "answer", status: 403, code: "AccessDenied" }
        : undefined;
    const { stderr } = await upload(plan, bucket);
    expect(stderr).toContain(
      `unable to create the bucket: 403 AccessDenied (allow these credentials s3:CreateBucket on arn:aws:s3:::${bucket})`,
    );
  });

  test("no right to read what verify reads: which permission, and on what", async () => {
    const bucket = freshBucketName();
    await s3.logship("upload", bucket, ["a"], { cwd });
    s3.proxy.setPlan(answer(403, "AccessDenied"));
    const { AWS_ENDPOINT_URL_S3, ...env } = { ...KEYS, AWS_ENDPOINT_URL_S3: s3.proxy.endpoint };
    const { stderr } = await run(["verify", `s3://${bucket}`], {
      env: { ...env, AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_S3 },
    });
    expect(stderr).toContain(`(allow these credentials s3:ListBucket on arn:aws:s3:::${bucket})`);
  });

  test("wrong keys: where they come from", async () => {
    const unknown = await upload(answer(403, "InvalidAccessKeyId"));
    expect(unknown.stderr).toContain(
      "(there is no such access key: see AWS_ACCESS_KEY_ID in the environment)",
    );
    const wrong = await upload(answer(403, "SignatureDoesNotMatch"));
    expect(wrong.stderr).toContain("see AWS_SECRET_ACCESS_KEY in the environment)");
  });

  test("a clock that is off: by how much, and the command that sets it", async () => {
    const { stderr, exitCode } = await upload(always(clockSkew(90)));
    expect(stderr).toMatch(
      /the clock of this host is (89|90) min behind; set it: timedatectl set-ntp true\)/,
    );
    expect(exitCode).toBe(111);
  });
});

test("a host without services: what makes them", async () => {
  const { stderr, exitCode } = await run(["status", "--services", join(cwd, "nowhere")]);
  expect(stderr).toContain(": it is not there: logship setup makes it, or --services DIR names another");
  expect(exitCode).toBe(111);
});

test.skipIf(!canBeOrdinaryUser)("not root: sudo", async () => {
  const { stderr, exitCode } = await startAsOrdinaryUser(["setup"]).result;
  expect(stderr).toMatch(
    /^logship: fatal: unable to set up this host: this is not root: type sudo before it[^\n]*\n$/,
  );
  expect(exitCode).toBe(111);
});

describe.skipIf(!isRoot() || !needs("unshare", "mount"))("a host without bash", () => {
  /** Runs logship where /bin has everything but this program; /run is empty. */
  const runWithout = (missing: string, args: readonly string[]) => {
    const [everything, rest] = [temporaryDirectory("everything"), temporaryDirectory("rest")];
    for (const name of readdirSync("/bin"))
      if (name !== missing) symlinkSync(join(everything, name), join(rest, name));
    const hide = `mount -t tmpfs t /run && mount --bind /bin ${everything} && mount --bind ${rest} /bin`;
    return run(["-c", `${hide} && exec "$0" "$@"`, executable, ...args], {
      executable: "/bin/sh",
      under: ["unshare", "--mount"],
    });
  };

  test.each([[["setup", "--dry-run"]], [["setup", "--ship", "/var/log/a"]]])(
    "%p without bash",
    async (args) => {
      const { stdout, stderr, exitCode } = await runWithout("bash", args);
      const line =
        "logship: fatal: unable to set up this host: bash is not installed: there is no /bin/bash\n";
      expect([stdout, stderr, exitCode]).toEqual(["", line, 111]);
    },
  );
});

/** All programs of this host but these. */
function programsWithout(...missing: readonly string[]): string {
  const directory = temporaryDirectory("bin");
  for (const from of ["/usr/bin", "/usr/sbin", "/bin", "/sbin"])
    for (const name of readdirSync(from)) {
      const link = join(directory, name);
      if (!missing.some((one) => name === one || name.startsWith(`${one}-`)) && !existsSync(link))
        symlinkSync(join(from, name), link);
    }
  return directory;
}

describe.skipIf(!isRoot() || !needs("unshare", "mount"))("a host that setup would change", () => {
  /** With a systemd, as far as setup sees, and no daemontools; it is told to change nothing. */
  const setup = (path: string, ...args: string[]) => {
    const tarball = join(temporaryDirectory("tarball"), "daemontools-0.76.tar.gz");
    const prepare = "mount -t tmpfs t /run && mkdir -p /run/systemd/system";
    const options = ["--dry-run", "--from-source", "--daemontools-tarball", tarball, ...args];
    return Bun.write(tarball, "").then(() =>
      run(["-c", `${prepare} && exec "$0" "$@"`, executable, "setup", ...options], {
        executable: "/bin/sh",
        under: ["unshare", "--mount"],
        env: { PATH: path },
      }),
    );
  };

  test("no account: the command that makes it, and the option that takes another", async () => {
    const { stderr, exitCode } = await setup(process.env.PATH ?? "", "--user", "nobody-of-this-name");
    expect(stderr).toContain(
      "setup: problem: there is no account nobody-of-this-name: useradd -r nobody-of-this-name makes it, --user ACCOUNT takes another\n",
    );
    expect(stderr).toMatch(
      /\nsetup: fatal: unable to install: \d problem\(s\), nothing was changed[^\n]*\n$/,
    );
    expect(exitCode).toBe(111);
  });

  test("no compiler and nothing that brings one: what to install, or what needs none", async () => {
    const path = programsWithout("gcc", "cc", "apt-get", "dnf", "yum");
    const { stderr, exitCode } = await setup(path, "--user", "root");
    expect(stderr).toMatch(
      /^setup: fatal: unable to install gcc[^:]*: there is no apt-get, dnf or yum; install them yourself, or take a logship of 'npm run dist', which needs none[^\n]*\n$/m,
    );
    expect(exitCode).toBe(111);
  });
});
