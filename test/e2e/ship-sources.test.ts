/** What logship ship takes as a source: files, patterns, log directories, standard input; and how that looks from outside. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { executable, run, start } from "../support/logship.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

describe("a log file", () => {
  test("keeps its last line until the newline has come", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, "one\ntwo wi");
    const logship = shipment.start([log]);
    await shipment.arrives("one\n");
    appendFileSync(log, "th its end\n");
    await shipment.arrives("one\ntwo with its end\n");
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  });

  test("that was rotated away gives its last line without newline after five seconds", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, "one\nhalf");
    const logship = shipment.start([log]);
    await shipment.arrives("one\n");
    renameSync(log, `${log}.1`);
    writeFileSync(log, "next\n");
    const rotatedMs = performance.now();
    await shipment.arrives("one\nhalfnext\n");
    expect(performance.now() - rotatedMs).toBeGreaterThan(3000);
    logship.kill("SIGTERM");
    await logship.result;
  });

  test("is shipped from its end with --from end, and goes on there after a restart", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("old", 10));
    await shipment.once([log], "--from", "end");
    expect(shipment.text).toBe("");
    appendFileSync(log, "new\n");
    await shipment.once([log], "--from", "end");
    expect(shipment.text).toBe("new\n");
  });

  test("that was rotated three times while nobody looked is shipped whole and in order, compressed or not", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("first", 10));
    await shipment.once([log]);
    appendFileSync(log, "late\n");
    for (const [index, what] of ["second", "third", "fourth"].entries()) {
      for (let n = index; n >= 1; n--) {
        for (const end of ["", ".gz"])
          if (existsSync(`${log}.${n}${end}`)) renameSync(`${log}.${n}${end}`, `${log}.${n + 1}${end}`);
      }
      renameSync(log, `${log}.1`);
      if (index < 2) Bun.spawnSync(["gzip", `${log}.1`]);
      writeFileSync(log, linesOf(what, 5));
    }
    expect((await shipment.once([log])).stderr).toBe("");
    const rest = ["second", "third", "fourth"].map((what) => linesOf(what, 5)).join("");
    expect(shipment.text).toBe(`${linesOf("first", 10)}late\n${rest}`);
  });

  test("with a line longer than a piece makes it a piece of its own", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    const long = "x".repeat(3_000_000);
    writeFileSync(log, `one\n${long}\ntwo\n`);
    await shipment.once([log], "--piece-bytes", "100k");
    expect(shipment.text).toBe(`one\n${long}\ntwo\n`);
    expect(shipment.keys.length).toBe(3);
  });

  test.each([
    ["a directory without a log", (path: string) => mkdirSync(path)],
    ["a FIFO", (path: string) => Bun.spawnSync(["mkfifo", path])],
  ])("in whose place there is %s is refused in one line", async (_, make) => {
    const shipment = new Shipment();
    make(shipment.path("log"));
    const result = await shipment.once([shipment.path("log")]);
    expect(result.stderr).toMatch(/^logship: fatal: unable to \w+ .+\n$/);
    expect(result.exitCode).toBe(111);
  });
});

describe("a pattern", () => {
  test("takes in files that come later, and no rotated or compressed ones", async () => {
    const shipment = new Shipment();
    mkdirSync(shipment.path("logs"));
    const logs = (name: string) => shipment.path(`logs/${name}`);
    writeFileSync(logs("a.log"), "a\n");
    writeFileSync(logs("a.log.1"), "rotated\n");
    writeFileSync(logs("a-20170112.log"), "rotated\n");
    writeFileSync(logs("b.log.gz"), "compressed\n");
    const logship = shipment.start([logs("*")]);
    await shipment.arrives("a\n");
    writeFileSync(logs("c.log"), "c\n");
    await shipment.arrives("a\nc\n");
    logship.kill("SIGTERM");
    await logship.result;
  });
});

test("more logs than this process may have open are refused at the start, with what they take", async () => {
  const shipment = new Shipment();
  mkdirSync(shipment.path("logs"));
  for (let index = 0; index < 50; index++) writeFileSync(shipment.path(`logs/${index}x.log`), "line\n");
  const under = (limit: number) => ["bash", "-c", `ulimit -n ${limit}; exec "$@"`, "limited"];
  const args = shipment.args([shipment.path("logs/*.log")], "--once");
  const refused = await run(args, { under: under(300) });
  expect(refused.stderr).toBe(
    "logship: fatal: unable to ship 50 logs: they may need 350 open files at once, and 300 are allowed (ulimit -n)\n",
  );
  expect([refused.exitCode, shipment.text]).toEqual([111, ""]);
  expect((await run(args, { under: under(350) })).exitCode).toBe(0);
  expect((await run(args, { under: under(350) })).exitCode).toBe(0);
  expect(shipment.text).toBe("line\n".repeat(50));
});

test("a directory without a log of multilog: what to give instead", async () => {
  const shipment = new Shipment();
  mkdirSync(shipment.path("nginx"));
  const { stderr, exitCode } = await shipment.once([shipment.path("nginx")]);
  expect(stderr).toBe(
    `logship: fatal: unable to ship ${shipment.path("nginx")}: it is a directory without a log of multilog: give its files, such as 'DIR/*.log'\n`,
  );
  expect(exitCode).toBe(111);
});

describe("a log directory of multilog", () => {
  test("loses nothing that multilog deletes while S3 is slow: finished files are held beside it", async () => {
    const shipment = new Shipment();
    const directory = shipment.path("main");
    const multilog = Bun.spawn([executable, "multilog", "s4096", "n2", directory], { stdin: "pipe" });
    await until("the directory", () => existsSync(join(directory, "current")));
    const logship = shipment.start([directory], ["--max-age", "1h", "--piece-bytes", "1k"]);
    await logship.until(
      "the directory to be known",
      () => existsSync(shipment.state) && readdirSync(shipment.state).some((name) => name.endsWith(".json")),
    );
    let expected = "";
    for (let round = 0; round < 30; round++) {
      const lines = linesOf(`round ${round}`, 60);
      expected += lines;
      multilog.stdin.write(lines);
      await multilog.stdin.flush();
      await Bun.sleep(120); // slower than logship looks
    }
    multilog.stdin.end();
    await multilog.exited;
    logship.kill("SIGKILL");
    await logship.result;
    const last = await shipment.once([directory]);
    expect(last.stderr).toBe("");
    expect(shipment.text).toBe(expected);
    expect(
      existsSync(`${directory}.held`) ? Bun.spawnSync(["ls", `${directory}.held`]).stdout.toString() : "",
    ).toBe("");
  });
});

describe("standard input", () => {
  test("is shipped to its end, the last line without newline too", async () => {
    const shipment = new Shipment();
    const input = `${linesOf("line", 20_000)}end`;
    const result = await run(shipment.args(["-"], "--piece-bytes", "50k"), { stdin: input });
    expect(result.exitCode).toBe(0);
    expect(shipment.text).toBe(input);
    expect(shipment.keys.length).toBeGreaterThan(3);
  });

  test("that does not end is shipped as far as it was written when TERM comes", async () => {
    const shipment = new Shipment();
    const args = shipment.args(["-"], "--max-age", "1h", "--piece-bytes", "4k");
    const logship = start(args, { stdin: "pipe" });
    logship.write(linesOf("line", 1000));
    await until("the first piece", () => shipment.keys.length > 0);
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
    expect(shipment.text).toBe(linesOf("line", 1000));
  });
});

test("status and metrics show what is shipped, how far behind it is, and since when", async () => {
  const shipment = new Shipment();
  const log = shipment.path("access.log");
  const metrics = shipment.path("logship.prom");
  writeFileSync(log, linesOf("line", 3));
  await shipment.once([log], "--metrics", metrics);
  appendFileSync(log, "behind\n");
  const args = ["--state", shipment.state, "--services", shipment.path("none")];
  const [status] = JSON.parse((await run(["status", "--json", ...args])).stdout);
  expect(status.ships[0]).toMatchObject({ source: log, position: 21, lag_bytes: 7 });
  expect((await run(["status", "-v", ...args])).stdout).toContain(`${log}: byte 21 of `);
  const text = readFileSync(metrics, "utf8");
  expect(text).toContain("logship_uploaded_records_total 3\n");
  expect(text).toContain(`logship_source_shipped_bytes_total{source="${log}"} 21\n`);
  unlinkSync(log);
});
