/** Long work on a terminal: how far it is, in a line that mixes with nothing else and is not there for anybody but a person. */
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isPut } from "../support/faults.ts";
import { executable, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { startProxiedServer, workplace } from "../support/proxied-server.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { Terminal } from "../support/tmux.ts";

const SIZE = { columns: 80, rows: 24 };
const BYTES = "a".repeat(99).concat("\n");

describe.skipIf(!needs("tmux"))("on a terminal", async () => {
  const s3 = await startProxiedServer();
  afterAll(() => s3.stop());
  const env = environmentOf(s3.server, s3.proxy.endpoint);
  const slowly = (bytesPerSecond: number) =>
    s3.proxy.setPlan((request) => (isPut(request) ? { kind: "slow", bytesPerSecond } : undefined));

  test("generate to a file shows how far it is, and at the end what there is", async () => {
    await using terminal = new Terminal(SIZE);
    terminal.run("$logship generate --records 3000 --rate 1000/s > out; echo ended $?");
    const text = await terminal.shows(/^generate +\d+% .*left$/m);
    expect(text).toMatch(/^generate +\d+% \[=*>? *\] [\d,]+ of 3,000 records, [\d.]+ kB\/s, [123]s left$/m);
    expect(await terminal.shows(/ended 0/)).toMatch(
      /^generate: 3,000 records, [\d.]+ [kM]B in 3s, [\d.]+ kB\/s\nended 0$/m,
    );
    expect(terminal.text).not.toContain("%");
  });

  test("the line follows the size of the terminal", async () => {
    await using terminal = new Terminal(SIZE);
    terminal.run("$logship generate --records 8000 --rate 1000/s > out; echo ended $?");
    await terminal.shows(/^generate +\d+% \[.*left$/m);
    terminal.resize(40, 12);
    await terminal.shows(/^generate +\d+% [\d.]+ kB\/s, \ds left$/m);
    expect(terminal.rows.filter((row) => row.includes("%"))).toHaveLength(1);
    terminal.resize(100, 30);
    await terminal.shows(/^generate +\d+% \[.*left$/m);
    await terminal.shows(/ended 0/);
  });

  test("a job in the background leaves the terminal to its shell", async () => {
    await using terminal = new Terminal(SIZE);
    terminal.run(
      "$logship generate --records 4000 --rate 1000/s > out & sleep 1.5; echo looked; wait; echo ended $?",
    );
    expect(await terminal.shows(/looked/)).not.toContain("%");
    expect(await terminal.shows(/ended 0/)).not.toContain("generate:");
  });

  test("receipts stand above it, each on a line of its own", async () => {
    await using terminal = new Terminal({ columns: 80, rows: 60 });
    terminal.run(
      "$logship run --once --records 4000 --rate 1000/s --piece-records 500 --to file://$PWD/o; echo ended $?",
    );
    await terminal.shows(/^upload: .*\n(?:.*\n)*run +\d+% \[.*\] [\d,]+ of 4,000 records, [\d.]+ kB\/s/m);
    const text = await terminal.shows(/ended 0/);
    const receipts = text.match(/^upload: access\.\S+ to file:\/\/\S+\.log\.a[a-h]$/gm);
    expect(receipts).toHaveLength(8);
    expect(text).toMatch(/^run: 4,000 records, [\d.]+ MB in 4s, [\d.]+ kB\/s\nended 0$/m);
  });

  test("upload shows files and bytes, and how it goes on within a large one", async () => {
    const bucket = freshBucketName();
    const cwd = workplace({ small: BYTES, large: BYTES.repeat(700_000) });
    slowly(4_000_000); // for each part, of which several are under way
    await using terminal = new Terminal({ ...SIZE, cwd, env });
    terminal.run(`$logship upload small large --to s3://${bucket}; echo ended $?`);
    await terminal.shows(/^upload +[1-9]\d?% \[.*\] 1 of 2 files, [\d.]+ MB\/s, \d+s left$/m);
    // 70 MB through the proxy take a busy machine half a minute.
    expect(await terminal.shows(/ended 0/, true, 100_000)).toMatch(
      /^upload: 2 files, 70.0 MB in \d+s, [\d.]+ MB\/s$/m,
    );
  }, 150_000);

  test("a warning stands above it", async () => {
    const cwd = workplace({ small: BYTES });
    await using terminal = new Terminal({
      ...SIZE,
      cwd,
      env: { ...env, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" },
    });
    terminal.run(`$logship upload small --attempts 1000 --to s3://${freshBucketName()}; echo ended $?`);
    await terminal.shows(
      /^logship: warning: unable to upload small to s3:\/\/.*\n(?:.*\n)?upload +0% \[ *\] 0 of 1 file, 0 B\/s$/m,
    );
    terminal.press("C-c");
    terminal.press("C-c");
    const text = await terminal.shows(/ended 111/);
    expect(text).toMatch(/^logship: fatal: unable to upload small to/m);
    expect(text).not.toContain("%");
  }, 60_000);

  test("ship --once shows how much is behind, and ship that goes on shows it while it catches up", async () => {
    const cwd = workplace({ "access.log": BYTES.repeat(60_000) });
    slowly(2_000_000);
    await using terminal = new Terminal({ ...SIZE, cwd, env });
    const options = "--piece-bytes 500k --concurrency 1 --state $PWD/state";
    terminal.run(`$logship ship access.log ${options} --to s3://${freshBucketName()}; echo ended $?`);
    await terminal.shows(/^ship +\d+% \[.*\] [\d.]+ MB behind, [\d.]+ [kM]B\/s, \d+s left$/m);
    await terminal.shows(/^ship +\d/m, false);
    terminal.press("C-c");
    await terminal.shows(/ended 0/);
    terminal.run(
      `clear; $logship ship access.log --once ${options}2 --to s3://${freshBucketName()}; echo ended $?`,
    );
    await terminal.shows(/^ship +\d+% \[.*\] [\d.]+ MB behind/m);
    expect(await terminal.shows(/ended 0/)).toMatch(/^ship: 6.0 MB in \ds, [\d.]+ [kM]B\/s$/m);
  }, 60_000);

  test("split and verify show it too, and what verify finds stands above", async () => {
    await using terminal = new Terminal(SIZE);
    terminal.run(
      "$logship generate --records 6000 --rate 2000/s | $logship split -l 2000 - x; echo ended $?",
    );
    expect(await terminal.shows(/^split [\d.]+ [kM]B, [\d.]+ [kM]B\/s$/m)).not.toMatch(/^generate/m);
    await terminal.shows(/^split: [\d.]+ MB in [34]s.*\nended 0/m);
    terminal.run(
      "clear; $logship run --once --success --records 2000000 --to file://$PWD/o --quiet; echo ended $?",
    );
    await terminal.shows(/ended 0/);
    expect(terminal.text).not.toContain("upload: ");
    terminal.run("clear; $logship verify file://$PWD/o; echo ended $?");
    await terminal.shows(/^verify +\d+% \[.*\] \d+ of \d+ objects/m);
    expect(await terminal.shows(/ended 0/)).toMatch(/^complete: .*\n(?:.*\n)+ended 0/m);
  }, 60_000);
});

/** What a terminal would get, in which nothing but this program runs. */
async function onTerminal(args: string, variables: Record<string, string>): Promise<string> {
  const cwd = temporaryDirectory("cwd");
  const env = { PATH: process.env.PATH ?? "", HOME: cwd, TERM: "xterm", ...variables };
  const terminal = Bun.spawn(["script", "-qec", `${executable} ${args}`, "/dev/null"], {
    cwd,
    env,
    stdout: "pipe",
  });
  const shown = await new Response(terminal.stdout).text();
  expect(await terminal.exited).toBe(0);
  return shown;
}

const LONG = "generate --records 2000 --rate 1000/s";

describe.skipIf(!needs("script"))("nobody is shown a line that moves", () => {
  test("who has not got a terminal that can do that", async () => {
    expect(await onTerminal(`${LONG} > out`, {})).toContain("\x1b[J");
    expect(await onTerminal(`${LONG} > out`, { TERM: "dumb" })).toBe("");
  });

  test("who asks for quiet, by option or by variable", async () => {
    expect(await onTerminal(`${LONG} --quiet > out`, {})).toBe("");
    expect(await onTerminal(`${LONG} > out`, { LOGSHIP_QUIET: "yes" })).toBe("");
    const shipped = "run --once --records 2000 --rate 1000/s --to file:///$PWD/o -q";
    expect(await onTerminal(shipped, {})).toBe("");
  });

  test("who sees the records themselves", async () => {
    expect(await onTerminal("generate --records 10 --rate 5/s", {})).not.toContain("\x1b");
  });
});

test("nothing of it goes where standard error is no terminal", async () => {
  const cwd = temporaryDirectory("cwd");
  const { stderr, exitCode } = await run(["generate", "--records", "2000", "--rate", "1000/s"], { cwd });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("--quiet leaves out receipts and infos, and neither warnings nor failures", async () => {
  const cwd = workplace({ a: BYTES });
  const stored = await run(["upload", "a", "--to", `file://${cwd}/o`, "--quiet"], { cwd });
  expect(stored.stdout + stored.stderr).toBe("");
  expect(statSync(join(cwd, "o/a")).size).toBe(100);
  const failed = await run(["upload", "a", "b", "c", "--to", `file://${cwd}/o`, "--quiet"], { cwd });
  expect(failed.stdout).toBe("");
  expect(failed.stderr).toMatch(/^(logship: warning: unable to upload [bc] .*\n){2}logship: fatal: .*\n$/);
  expect(failed.exitCode).toBe(111);
  const shipped = await run(
    ["ship", "a", "--once", "--state", join(cwd, "s"), "--to", `file://${cwd}/o`, "-q"],
    { cwd },
  );
  expect(shipped.stdout + shipped.stderr).toBe("");
  expect(shipped.exitCode).toBe(0);
});

test("verify --quiet tells of nothing but what is not as it should be", async () => {
  const cwd = temporaryDirectory("cwd");
  const to = `file://${cwd}/o`;
  await run(["run", "--once", "--records", "100", "--success", "--to", to], { cwd });
  const whole = await run(["verify", to, "--quiet"], { cwd });
  expect(whole.stdout + whole.stderr).toBe("");
  expect(whole.exitCode).toBe(0);
  const [batch] = [...new Bun.Glob("*/*.aa").scanSync(join(cwd, "o"))];
  const path = join(cwd, "o", batch!);
  await Bun.write(path, readFileSync(path).subarray(100));
  const damaged = await run(["verify", to, "--quiet"], { cwd });
  expect(damaged.stdout).toMatch(/^incomplete: /m);
  expect(damaged.stdout).not.toMatch(/^ *batches /m);
  expect(damaged.exitCode).toBe(1);
});
