/** What ship waits for, instead of ending or of taking half of something: each line is stored once when it is there. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { linesOf, Shipment } from "../support/shipped.ts";

describe("a log that is not there yet", () => {
  test.each(["logs/app.log", "logs/*.log"])("is shipped when it comes: %s", async (name) => {
    const shipment = new Shipment();
    mkdirSync(shipment.path("logs"));
    const logship = shipment.start([shipment.path(name)]);
    await logship.until("that it waits", () => logship.stderr.includes("waiting for"));
    writeFileSync(shipment.path("logs/app.log"), "hello\n");
    await shipment.arrives("hello\n");
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  });

  test("is shipped when it comes with the directories above it", async () => {
    const shipment = new Shipment();
    const logship = shipment.start([shipment.path("var/log/app.log")]);
    await logship.until("that it waits", () => logship.stderr.includes("waiting for"));
    mkdirSync(shipment.path("var/log"), { recursive: true });
    writeFileSync(shipment.path("var/log/app.log"), "hello\n");
    await shipment.arrives("hello\n");
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  });
});

/** A shipment of two logs, of which an ordinary user may be kept from one. */
function twoLogs() {
  const shipment = new Shipment();
  for (const directory of [shipment.directory, shipment.bucket, shipment.state]) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o777);
  }
  const [app, web] = [shipment.path("app"), shipment.path("web")];
  for (const directory of [app, web]) mkdirSync(directory, { mode: 0o755 });
  writeFileSync(`${app}/x.log`, "app 1\n");
  writeFileSync(`${web}/y.log`, "web 1\n");
  const start = () => startAsOrdinaryUser(shipment.args([`${app}/x.log`, `${web}/*.log`]));
  return { shipment, app, web, start };
}

describe.skipIf(!canBeOrdinaryUser)("a directory that may not be searched", () => {
  test("is waited for while the other logs are shipped, also at a start", async () => {
    const { shipment, app, web, start } = twoLogs();
    let logship = start();
    await shipment.arrives("app 1\nweb 1\n");
    chmodSync(app, 0o700);
    appendFileSync(`${web}/y.log`, "web 2\n");
    await shipment.arrives("app 1\nweb 1\nweb 2\n");
    await logship.until("a warning", () => logship.stderr.includes("access denied"));
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
    appendFileSync(`${app}/x.log`, "app 2\n");
    appendFileSync(`${web}/y.log`, "web 3\n");
    logship = start();
    await shipment.arrives("app 1\nweb 1\nweb 2\nweb 3\n");
    chmodSync(app, 0o755);
    await shipment.arrives("app 1\napp 2\nweb 1\nweb 2\nweb 3\n");
    logship.kill("SIGTERM");
    expect((await logship.result).exitCode).toBe(0);
  });
});

test("--once leaves the begun last line of a log to the next time, and ships that of one that was rotated away", async () => {
  const shipment = new Shipment();
  const log = shipment.path("app.log");
  writeFileSync(log, "one\ntwo wi");
  expect((await shipment.once([log])).exitCode).toBe(0);
  expect(shipment.text).toBe("one\n");
  appendFileSync(log, "th its end\nthree wi");
  renameSync(log, `${log}.1`);
  writeFileSync(log, "");
  expect((await shipment.once([log])).exitCode).toBe(0);
  expect(shipment.text).toBe("one\ntwo with its end\nthree wi");
});

test("a hole of NULs, which a writer leaves who does not append, takes no more memory than a piece", async () => {
  const shipment = new Shipment();
  const log = shipment.path("app.log");
  writeFileSync(log, "");
  truncateSync(log, 300 * 1024 ** 2);
  appendFileSync(log, "behind the hole\n");
  const { exitCode, peakMiB } = await shipment.once([log], "--concurrency", "1", "--gzip");
  expect(exitCode).toBe(0);
  expect(shipment.text.replace(/\0+/, (hole) => `${hole.length}`)).toBe(
    `${300 * 1024 ** 2}behind the hole\n`,
  );
  expect(peakMiB).toBeLessThan(300);
});

describe("finished files of a log directory", () => {
  test.skipIf(!needs("multilog"))(
    "that multilog has deleted meanwhile, though current was empty, are told of",
    async () => {
      const shipment = new Shipment();
      const directory = shipment.path("main");
      const write = (lines: string) =>
        Bun.spawnSync(["multilog", "t", "s4096", "n3", directory], { stdin: Buffer.from(lines) });
      write(`${"x".repeat(3000)}\n`); // which is enough to finish the file
      expect(statSync(`${directory}/current`).size).toBe(0);
      await shipment.once([directory]);
      write(linesOf("second", 2000));
      const { stderr } = await shipment.once([directory], "--quiet");
      expect(stderr).toBe(
        `logship: warning: unable to ship all of ${directory}: files were deleted before they could be opened\n`,
      );
    },
  );

  test("to which svlogd's processor gives the same label anew are shipped once", async () => {
    const shipment = new Shipment();
    const directory = shipment.path("main");
    mkdirSync(directory);
    const label = `${directory}/@40000000587790b40a0b0c0d`;
    writeFileSync(`${directory}/lock`, "");
    writeFileSync(`${directory}/current`, "one\n");
    const logship = shipment.start([directory]);
    await shipment.arrives("one\n");
    renameSync(`${directory}/current`, `${label}.u`);
    writeFileSync(`${directory}/current`, "two\n");
    await shipment.arrives("one\ntwo\n");
    writeFileSync(`${label}.s`, readFileSync(`${label}.u`));
    unlinkSync(`${label}.u`);
    appendFileSync(`${directory}/current`, "three\n");
    await shipment.arrives("one\ntwo\nthree\n");
    logship.kill("SIGTERM");
    await logship.result;
    const tail = await run(["tail", "-n", "10", directory]);
    expect(tail.stdout).toBe("one\ntwo\nthree\n");
    await shipment.once([directory]);
    expect(shipment.text).toBe("one\ntwo\nthree\n");
  });
});
