/** What ship looks at beside the logs themselves, what it leaves alone, and what it forgets. */
import { describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { run } from "../support/logship.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

function logs() {
  const shipment = new Shipment();
  mkdirSync(shipment.path("log"));
  return { shipment, at: (name: string) => shipment.path(`log/${name}`) };
}

describe("files that are moved to another directory when they are rotated", () => {
  const fill = async () => {
    const { shipment, at } = logs();
    mkdirSync(shipment.path("old"));
    writeFileSync(at("app.log"), linesOf("first", 10));
    const options = ["--older", shipment.path("old")];
    await shipment.once([at("app.log")], ...options);
    const rotate = (text: string, to: string) => {
      appendFileSync(at("app.log"), `${text}\n`);
      renameSync(at("app.log"), shipment.path(`old/${to}`));
      writeFileSync(at("app.log"), "");
    };
    return { shipment, at, options, rotate };
  };

  test("are found with --older, rotated twice while ship does not run", async () => {
    const { shipment, at, options, rotate } = await fill();
    rotate("second", "app.log-20170111");
    rotate("third", "app.log-20170112");
    appendFileSync(at("app.log"), "fourth\n");
    expect((await shipment.once([at("app.log")], ...options)).stderr).toBe("");
    expect(shipment.text).toBe(`${linesOf("first", 10)}second\nthird\nfourth\n`);
  });

  test("are told as gone without it", async () => {
    const { shipment, at, rotate } = await fill();
    rotate("second", "app.log-20170111");
    const { stderr } = await shipment.once([at("app.log")], "--quiet");
    expect(stderr).toMatch(
      /^logship: warning: \S+app\.log is gone since this was last running, shipped up to byte \d+, /,
    );
  });
});

test("190 dated logs that were shipped and deleted take no files, and 3000 of them little time", async () => {
  const { shipment, at } = logs();
  const pattern = at("app-*.log");
  for (let day = 0; day < 190; day++) writeFileSync(at(`app-${20170000 + day}.log`), "line\n");
  await shipment.once([pattern]);
  for (let day = 0; day < 190; day++) unlinkSync(at(`app-${20170000 + day}.log`));
  writeFileSync(at("app-20180101.log"), "new\n");
  const under = ["bash", "-c", `ulimit -n 300; exec "$@"`, "limited"];
  const first = await run(shipment.args([pattern], "--once"), { under });
  expect(first.exitCode).toBe(0);
  expect(first.stderr.match(/ is gone since /g)?.length).toBe(190);
  const second = await run(shipment.args([pattern], "--once"), { under });
  expect([second.stderr, second.exitCode]).toEqual(["", 0]);
  expect(shipment.text).toBe(`${"line\n".repeat(190)}new\n`);
  const name = (day: number) => `${shipment.state}/gone_${day}.json`;
  const { state } = JSON.parse(readFileSync(shipment.stateNamed("app-20170001"), "utf8"));
  const { formatState } = await import("../../src/ship/state.ts");
  for (let day = 0; day < 3000; day++)
    writeFileSync(name(day), formatState({ ...state, source: at(`app-${30000000 + day}.log`) }));
  const third = await run(shipment.args([pattern], "--once"), { under });
  expect([third.stderr, third.exitCode]).toEqual(["", 0]);
  expect(third.durationMs).toBeLessThan(4000);
});

test("a running ship forgets a log that was deleted when it is done with it, and ships it again when it comes back", async () => {
  const { shipment, at } = logs();
  writeFileSync(at("a.log"), "one\n");
  writeFileSync(at("b.log"), "b\n");
  await shipment.once([at("*.log")]);
  unlinkSync(at("a.log"));
  const logship = shipment.start([at("*.log")]);
  await logship.until("that it is told", () => logship.stderr.includes("a.log is gone"));
  writeFileSync(at("a.log"), "two\n");
  await until("the new one", () => shipment.text.includes("two\n"));
  logship.kill("SIGTERM");
  await logship.result;
  expect(shipment.text.split("\n").sort()).toEqual(["", "b", "one", "two"]);
});

test("a name that is not UTF-8 is warned of and fails --once, and the others are shipped", async () => {
  const { shipment, at } = logs();
  writeFileSync(at("a.log"), "one\n");
  Bun.spawnSync(["bash", "-c", `printf 'x\\n' > "$1"/$'b\\xff.log'`, "bash", shipment.path("log")]);
  const { stderr, exitCode } = await shipment.once([at("*.log")], "--quiet");
  expect(stderr).toMatch(
    /^logship: warning: unable to ship \S+: its name is not UTF-8: give it another one\nlogship: fatal: unable to ship all that \S+ matches: names that are not UTF-8\n$/,
  );
  expect([exitCode, shipment.text]).toEqual([111, "one\n"]);
});

test("what a pattern matches and looks like older files is left alone at first, and named", async () => {
  const { shipment, at } = logs();
  for (const name of ["app.log", "app.log.1", "app-2.log"]) writeFileSync(at(name), `${name}\n`);
  const { stderr } = await shipment.once([at("*")]);
  expect(stderr).toBe(
    "logship: info: left alone until they grow, because their names are those of older files of other logs: app-2.log, app.log.1\n",
  );
  expect(shipment.text).toBe("app.log\n");
  appendFileSync(at("app-2.log"), "grows\n");
  expect((await shipment.once([at("*")])).stderr).toBe("");
  expect(shipment.text.split("\n").sort()).toEqual(["", "app-2.log", "app.log", "grows"]);
});

test("what is lost is in the metrics, in status and in what the next object says", async () => {
  const { shipment, at } = logs();
  writeFileSync(at("a.log"), "one\n");
  const logship = shipment.start([at("a.log")], ["--max-age", "60s"]);
  await logship.until("that it is seen", () => /"sizeBytes":4/.test(shipment.savedState));
  logship.kill("SIGTERM");
  await logship.result;
  unlinkSync(at("a.log"));
  writeFileSync(at("a.log"), "two\n");
  const metrics = shipment.path("logship.prom");
  await shipment.once([at("a.log")], "--metrics", metrics);
  expect(readFileSync(metrics, "utf8")).toContain(
    `logship_source_lost_bytes_total{source="${at("a.log")}"} 4\n`,
  );
  const status = await run([
    "status",
    "--json",
    "--state",
    shipment.state,
    "--services",
    shipment.path("none"),
  ]);
  expect(JSON.parse(status.stdout)[0].ships[0]).toMatchObject({ lost_bytes: 4 });
});
