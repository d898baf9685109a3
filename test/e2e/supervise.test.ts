/** status, start, stop, restart and svc with a real svscan and supervise. */
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ServiceDirectory } from "../supervise/service-directory.ts";
import { Svscan } from "../supervise/svscan.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

const SLEEP = "exec sleep 1000";

function pidIn(status: string): number {
  return Number(/up \(pid (\d+)\)/.exec(status)?.[1]);
}

describe.skipIf(!needs("svscan", "supervise", "svc", "svstat", "multilog"))("with a real svscan", () => {
  test("logship start waits for svscan, and logship status shows all services as svstat does", async () => {
    await using svscan = new Svscan();
    const b = svscan.add("b", SLEEP, "exec multilog t ./main");
    const a = svscan.add("a", SLEEP);
    svscan.start();
    const started = await svscan.logship("start", "a", "b");
    expect(started.stderr).toBe("");
    expect(started.exitCode).toBe(0);
    const status = await svscan.logship("status");
    const original = Bun.spawnSync(["svstat", a, b, `${b}/log`]).stdout.toString();
    const masked = (text: string) => text.replace(/\d+ seconds/g, "N seconds");
    expect(masked(status.stdout)).toBe(masked(original));
    expect(status.exitCode).toBe(0);
  });

  test("logship stop ends a service before its log, and status exits 1", async () => {
    await using svscan = new Svscan();
    svscan.add(
      "s",
      'trap "echo last; exit" TERM; echo first; while :; do sleep 0.05; done',
      "exec multilog t ./main",
    );
    svscan.start();
    await svscan.logship("start", "s");
    const stopped = await svscan.logship("stop", "s");
    expect(stopped.stdout).toMatch(
      /s: down \d+ seconds, normally up\n.*s\/log: down \d+ seconds, normally up\n$/,
    );
    expect(stopped.exitCode).toBe(0);
    expect((await svscan.logship("status")).exitCode).toBe(1);
    const log = await svscan.logship("tail", "--tai", "s");
    expect(log.stdout.replace(/^@\w+/gm, "@T")).toBe("@T first\n@T last\n");
  });

  test("logship restart waits for new processes, also of a paused service", async () => {
    await using svscan = new Svscan();
    const directory = svscan.add("s", SLEEP);
    svscan.start();
    const before = pidIn((await svscan.logship("start", "s")).stdout);
    await svscan.logship("svc", "-p", directory);
    await until("the pause", async () => (await svscan.logship("status")).stdout.includes(", paused"));
    const restarted = await svscan.logship("restart", "s");
    expect(restarted.stdout).toMatch(/: up \(pid \d+\) \d+ seconds\n$/);
    expect(pidIn(restarted.stdout)).not.toBe(before);
    expect(restarted.exitCode).toBe(0);
  });

  test("logship restart waits for a supervise that svscan has yet to start", async () => {
    await using svscan = new Svscan();
    const directory = svscan.add("s", SLEEP, "exec cat");
    const early = await svscan.logship("restart", "--timeout", "1s", "s");
    expect(early.stderr).toBe(
      [directory, `${directory}/log`]
        .map(
          (path) =>
            `logship: warning: unable to restart ${path}: after 1s still unable to open supervise/ok: file does not exist\n`,
        )
        .join(""),
    );
    expect(early.exitCode).toBe(111);
    const restarting = svscan.logship("restart", "s");
    svscan.start();
    expect((await restarting).exitCode).toBe(0);
  });

  test("logship start fails with the state when a program does not stay up", async () => {
    await using svscan = new Svscan();
    const directory = svscan.add("s", "exit 1");
    svscan.start();
    const started = await svscan.logship("start", "--timeout", "2500ms", "s");
    expect(started.stderr).toMatch(
      /^logship: warning: unable to start \S+: after 2\.5s still (up|down) .*\n$/,
    );
    expect(started.stderr).toContain(directory);
    expect(started.exitCode).toBe(111);
  });

  test("status --verbose and --json tell of processes, uploads and trouble", async () => {
    await using svscan = new Svscan();
    const upload = "upload: access.T/access.T.log.aa to s3://b/access.T/access.T.log.aa";
    const outage =
      "logship: warning: unable to upload access.T/access.T.log.ab to s3://b, trying on: timed out";
    svscan.add("s", `echo '${upload}'; echo '${outage}'; ${SLEEP}`, "exec multilog t ./main");
    svscan.start();
    await svscan.logship("start", "s");
    const verbose = await svscan.logship("status", "--verbose");
    expect(verbose.stdout).toMatch(/^ {2}runs {6}sleep 1000 \(as \w+\)$/m);
    expect(verbose.stdout).toMatch(/^ {2}restarts {2}none since supervise started on \d{4}-/m);
    expect(verbose.stdout).toMatch(/^ {2}uploaded {2}\S+ \S+ upload: access\.T\/access\.T\.log\.aa to /m);
    expect(verbose.stdout).toMatch(
      /^ {2}waiting {3}\S+ \S+ logship: warning: unable to upload .*: timed out$/m,
    );
    expect(verbose.stdout).toMatch(/^ {2}log {7}\S+\/s\/log\/main: \d+ B in 3 files, .* free on the disk$/m);
    const json = JSON.parse((await svscan.logship("status", "--json")).stdout);
    expect(json).toMatchObject([
      { state: "up", want: "up", paused: false, command: "sleep 1000", restarted: false },
      { state: "up", log: { files: 3, last_upload: { text: upload }, waiting: { text: outage } } },
    ]);
  });

  test("status --verbose tells of a restart, and of an upload that ended an outage", async () => {
    await using svscan = new Svscan();
    const outage = "logship: warning: unable to upload x to s3://b, trying on: timed out";
    svscan.add("s", `echo '${outage}'; echo 'upload: x to s3://b/x'; ${SLEEP}`, "exec multilog t ./main");
    svscan.start();
    await svscan.logship("start", "s");
    await until("supervise to be older than two seconds", async () => {
      return /s: up \(pid \d+\) [2-9] seconds/.test((await svscan.logship("status", "s")).stdout);
    });
    await svscan.logship("restart", "s");
    const { stdout } = await svscan.logship("status", "-v", "s");
    expect(stdout).toContain("  restarts  at least one since supervise started on ");
    expect(stdout).not.toContain("  waiting ");
    expect(stdout).toMatch(/^ {2}trouble {3}\S+ \S+ logship: warning: /m);
  });
});

describe.skipIf(!canBeOrdinaryUser || !needs("svscan", "supervise", "svc"))("as an ordinary user", () => {
  test("status says what /proc shows of services and their loggers", async () => {
    await using svscan = new Svscan();
    for (const name of ["a", "b"]) svscan.add(name, SLEEP, "exec cat");
    chmodSync(svscan.services, 0o755);
    svscan.start();
    const asRoot = (await svscan.logship("start", "a", "b")) && (await svscan.logship("status")).stdout;
    const env = { LOGSHIP_SERVICES: svscan.services };
    const seen = await startAsOrdinaryUser(["status"], env).result;
    const masked = (text: string) => text.replace(/\d+ seconds/g, "N seconds");
    expect(masked(seen.stdout)).toBe(masked(asRoot).replaceAll("\n", " (as seen in /proc)\n"));
    expect(seen.exitCode).toBe(0);
    const json = JSON.parse((await startAsOrdinaryUser(["status", "--json"], env).result).stdout);
    expect(json[1]).toMatchObject({ seen_in: "/proc", state: "up", want: null, command: "cat" });
    await svscan.logship("stop", "a");
    const denied = await startAsOrdinaryUser(["start", "--timeout", "50s", "a"], env).result;
    expect(denied.stderr).toMatch(
      /^(logship: warning: unable to start \S+: access denied: type sudo before it\n){2}$/,
    );
    expect(denied.exitCode).toBe(111);
    const stopped = await startAsOrdinaryUser(["status", "a"], env).result;
    expect(stopped.stdout).toEndWith("a: down, normally up (as seen in /proc)\n");
    expect(stopped.exitCode).toBe(1);
  });
});

test.each(["start", "restart"])("logship %s does not wait for a service that is not there", async (verb) => {
  const services = temporaryDirectory("service");
  const env = { LOGSHIP_SERVICES: services };
  const result = await run([verb, "--timeout", "1h", "mistyped"], { env });
  expect(result.stderr).toBe(
    `logship: warning: unable to ${verb} mistyped: there is no such service (see logship status)\n`,
  );
  expect(result.exitCode).toBe(111);
});

test("logship status exits 111 when a service cannot be looked at, but shows the others", async () => {
  using service = new ServiceDirectory();
  service.supervised({ age: 5, pid: 7, want: "u" });
  const result = await run(["status", service.path, "/nowhere"]);
  expect(result.stdout).toMatch(
    /^\S+: up \(pid 7\) \d seconds\n\/nowhere: unable to chdir: file does not exist\n$/,
  );
  expect(result.exitCode).toBe(111);
});

test("logship status says so when there are no services, or no directory for them", async () => {
  const services = temporaryDirectory("service");
  const env = { LOGSHIP_SERVICES: services };
  const none = await run(["status"], { env });
  expect(none.stderr).toBe(
    `logship: fatal: unable to find services in ${services}: there are none; logship setup makes one\n`,
  );
  expect(none.exitCode).toBe(111);
  rmSync(services, { recursive: true });
  const missing = await run(["status"], { env });
  expect(missing.stderr).toBe(
    `logship: fatal: unable to read services directory ${services}: it is not there: logship setup makes it, or --services DIR names another\n`,
  );
  expect(missing.exitCode).toBe(111);
});

test("logship svc exits 111 when a service cannot be controlled and 100 for a wrong letter", async () => {
  const result = await run(["svc", "-d", "/nowhere"]);
  expect(result.stderr).toBe("logship: warning: unable to chdir to /nowhere: file does not exist\n");
  expect(result.exitCode).toBe(111);
  const wrong = await run(["svc", "-z", "/nowhere"]);
  expect(wrong.stderr).toStartWith("logship: fatal: unable to parse svc option -z: must be one of u up, ");
  expect(wrong.exitCode).toBe(100);
});

test("nothing is written into a file that bears the name of a FIFO", async () => {
  using service = new ServiceDirectory();
  service.supervised({ age: 5, pid: 7, want: "u" }).write("supervise/control", "precious");
  const refusal = `logship: warning: unable to control ${service.path}: supervise/control is not a FIFO\n`;
  for (const args of [["svc", "-d"], ["stop"], ["start"], ["restart"]]) {
    const result = await run([...args, service.path]);
    expect(result.stderr).toBe(refusal);
    expect(result.exitCode).toBe(111);
  }
  expect(readFileSync(join(service.path, "supervise/control"), "utf8")).toBe("precious");
});

test("logship start says that it is up also when the clock was set back", async () => {
  using service = new ServiceDirectory();
  service.supervised({ age: -3600, pid: 7, want: "u" }).fifo("supervise/control", true);
  const started = await run(["start", "--timeout", "20s", service.path]);
  expect(started.stderr).toBe("");
  expect(started.stdout).toBe(`${service.path}: up (pid 7) 0 seconds\n`);
  expect(started.exitCode).toBe(0);
});

test("names are shown without their control characters", async () => {
  using service = new ServiceDirectory();
  service.supervised({ age: 5, pid: 7, want: "u" }).fifo("supervise/control", true);
  const link = join(service.parent, "\x1b[31mred");
  symlinkSync(service.path, link);
  const started = await run(["start", link]);
  expect(started.stdout).toMatch(/\/\\x1b\[31mred: up \(pid 7\) \d seconds\n$/);
  const logs = temporaryDirectory("logs");
  for (const name of ["a", "\x1b[31mb"]) writeFileSync(join(logs, name), "line\n");
  const tail = await run(["tail", "-n", "9", join(logs, "a"), join(logs, "\x1b[31mb")]);
  expect(tail.stdout).toContain("/\\x1b[31mb: line\n");
  expect(tail.stdout).not.toContain("\x1b");
});

test("logship status leaves out no service, whatever its name", async () => {
  const services = temporaryDirectory("service");
  mkdirSync(Buffer.concat([Buffer.from(`${services}/`), Buffer.from([0xe9, 0x74, 0xe9])]));
  symlinkSync("nowhere", join(services, "dangling"));
  const result = await run(["status"], { env: { LOGSHIP_SERVICES: services } });
  expect(result.stdout).toBe(`${services}/\ufffdt\ufffd: unable to chdir: file does not exist\n`);
  expect(result.exitCode).toBe(111);
});

test("logship status --verbose tells of a log without line ends before its reader has grown old", async () => {
  using service = new ServiceDirectory();
  service
    .supervised({ age: 5, pid: 7, want: "u" })
    .directory("log/main")
    .write("log/main/current", "\x1b[31m\n");
  truncateSync(join(service.path, "log/main/current"), 2 ** 41);
  const result = await run(["status", "--verbose", service.path, join(service.path, "log")]);
  expect(result.stdout).toMatch(/\n {2}log {7}\S+\/log\/main: 2\.2 TB in 1 files, /);
  expect(result.stdout).toMatch(/\n {2}newest {4}(\\x00){4096}…\n$/);
});

test("logship status shows 50 services, a line each", async () => {
  const services = temporaryDirectory("service");
  const kept = Array.from({ length: 50 }, (_, index) => {
    const service = new ServiceDirectory();
    service.supervised({ age: 5, pid: 7, want: "u" });
    writeFileSync(join(service.path, "run"), "");
    Bun.spawnSync(["ln", "-s", service.path, join(services, `s${index}`)]);
    return service;
  });
  const result = await run(["status"], { env: { LOGSHIP_SERVICES: services } });
  expect(result.stdout.trimEnd().split("\n").length).toBe(50);
  expect(result.exitCode).toBe(0);
  for (const service of kept) service[Symbol.dispose]();
});
