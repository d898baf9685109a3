/** What other shippers are known to have lost or doubled, each named by what happens to the user's lines. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { listPieces, readAll } from "../support/bucket.ts";
import { slowDown } from "../support/faults.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { freshBucketName } from "../support/servers.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

let s3: ProxiedServer;
beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

/** A shipment of one log of which everything has been shipped once. */
async function shippedOnce(content: string) {
  const shipment = new Shipment();
  const log = shipment.path("access.log");
  writeFileSync(log, content);
  expect((await shipment.once([log])).exitCode).toBe(0);
  expect(shipment.text).toBe(content);
  return { shipment, log };
}

describe("a new file that was given the inode number of an old one (Vector 18342, 23076)", () => {
  test.each([
    ["longer than what was shipped of the old one", 100],
    ["shorter than that", 2],
  ])("is shipped from its first line: %s", async (_, count) => {
    const { shipment, log } = await shippedOnce(linesOf("old", 20));
    const { ino } = statSync(log);
    // The same inode with other content, as a file system gives a number that has become free to the next file.
    writeFileSync(log, linesOf("new", count));
    expect(statSync(log).ino).toBe(ino);
    await shipment.once([log]);
    expect(shipment.text).toBe(linesOf("old", 20) + linesOf("new", count));
  });

  test("and the rotated file that has the new inode number is finished first", async () => {
    const { shipment, log } = await shippedOnce(linesOf("old", 20));
    appendFileSync(log, "late\n");
    renameSync(log, `${log}.0`);
    writeFileSync(log, linesOf("new", 3));
    await shipment.once([log]);
    renameSync(log, `${log}.1`);
    renameSync(`${log}.0`, log);
    writeFileSync(log, linesOf("newest", 30)); // the inode of the first file under the log's name again
    renameSync(`${log}.1`, `${log}.0`);
    await shipment.once([log]);
    expect(shipment.text).toBe(`${linesOf("old", 20)}late\n${linesOf("new", 3)}${linesOf("newest", 30)}`);
  });
});

describe("a new file that begins like the old one (Vector 25079)", () => {
  const header = `${"#Fields: date time cs-method cs-uri-stem sc-status\n".repeat(40)}`;

  test("is shipped whole, although the first 2000 bytes are the same", async () => {
    const { shipment, log } = await shippedOnce(header + linesOf("old", 20));
    renameSync(log, `${log}.1`);
    writeFileSync(log, header + linesOf("new", 50));
    await shipment.once([log]);
    expect(shipment.text).toBe(header + linesOf("old", 20) + header + linesOf("new", 50));
  });

  test("is shipped whole under the same inode number as well", async () => {
    const { shipment, log } = await shippedOnce(header + linesOf("old", 20));
    writeFileSync(log, header + linesOf("new", 50));
    await shipment.once([log]);
    expect(shipment.text).toBe(header + linesOf("old", 20) + header + linesOf("new", 50));
  });
});

describe("copytruncate (Filebeat 39731, 45300)", () => {
  const copytruncate = (log: string, copy: string) => {
    copyFileSync(log, copy);
    truncateSync(log);
  };

  test("ships no line of the copy again, and the rest of it from the copy, while logship runs", async () => {
    const shipment = new Shipment();
    const log = shipment.path("app.log");
    writeFileSync(log, linesOf("first", 30));
    const logship = shipment.start([log], ["--max-age", "1s"]);
    await shipment.arrives(linesOf("first", 30));
    appendFileSync(log, "seen and not yet shipped\n");
    copytruncate(log, `${log}.1`);
    appendFileSync(log, linesOf("second", 200)); // past the position at once
    const expected = `${linesOf("first", 30)}seen and not yet shipped\n${linesOf("second", 200)}`;
    await shipment.arrives(expected);
    copytruncate(log, `${log}.2`);
    appendFileSync(log, "third\n");
    await shipment.arrives(`${expected}third\n`);
    logship.kill("SIGTERM");
    expect((await logship.result).stderr).toBe("");
  });

  test.each(["", linesOf("second", 3)])(
    "ships what an empty log held until it was copied and emptied while logship did not run: then it holds %j",
    async (now) => {
      const { shipment, log } = await shippedOnce("");
      appendFileSync(log, linesOf("first", 5));
      copytruncate(log, `${log}.1`);
      appendFileSync(log, now);
      for (let run = 0; run < 2; run++) {
        await shipment.once([log]);
        expect(shipment.text).toBe(linesOf("first", 5) + now);
      }
    },
  );

  test("ships no older file again that was compressed before a restart, when the empty log gets its first line", async () => {
    const { shipment, log } = await shippedOnce(linesOf("first", 5));
    const logship = shipment.start([log]);
    await until("its start", () => logship.awaitsTerm());
    renameSync(log, `${log}.1`);
    writeFileSync(log, "");
    await until("the older files being remembered", () => shipment.stateFile.state.older !== undefined);
    logship.kill("SIGTERM");
    expect((await logship.result).stderr).toBe("");
    shipment.rewriteState((state) => ({ ...state, generations: state.generations.slice(-1) })); // as after a while
    writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(`${log}.1`)));
    unlinkSync(`${log}.1`);
    appendFileSync(log, "new\n");
    await shipment.once([log]);
    expect(shipment.text).toBe(`${linesOf("first", 5)}new\n`);
  });

  test("loses nothing of two copies that were made while logship did not run", async () => {
    const { shipment, log } = await shippedOnce(linesOf("first", 10));
    appendFileSync(log, linesOf("added", 5));
    copytruncate(log, `${log}.1`);
    appendFileSync(log, linesOf("second", 100));
    renameSync(`${log}.1`, `${log}.2`);
    copytruncate(log, `${log}.1`);
    appendFileSync(log, linesOf("third", 3));
    await shipment.once([log]);
    const all = ["first 10", "added 5", "second 100", "third 3"].map((text) => {
      const [what, count] = text.split(" ");
      return linesOf(what!, Number(count));
    });
    expect(shipment.text).toBe(all.join(""));
  });

  test.each(["running", "not running"])(
    "finds the rest in a copy compressed at once, logship %s",
    async (when) => {
      const { shipment, log } = await shippedOnce(linesOf("first", 100));
      const logship = when === "running" ? shipment.start([log], ["--max-age", "700ms"]) : undefined;
      if (logship) {
        appendFileSync(log, "seen\n");
        await shipment.arrives(`${linesOf("first", 100)}seen\n`);
      } else appendFileSync(log, "seen\n");
      appendFileSync(log, linesOf("added", 50));
      writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log)));
      truncateSync(log);
      appendFileSync(log, linesOf("next", 5));
      if (!logship) await shipment.once([log]);
      await shipment.arrives(`${linesOf("first", 100)}seen\n${linesOf("added", 50)}${linesOf("next", 5)}`);
      logship?.kill("SIGTERM");
      await logship?.result;
    },
  );

  test("says how many bytes are lost when there is no copy", async () => {
    const shipment = new Shipment();
    const log = shipment.path("app.log");
    writeFileSync(log, linesOf("first", 30));
    const logship = shipment.start([log], ["--max-age", "2s"]);
    await shipment.arrives(linesOf("first", 30));
    appendFileSync(log, "lost\n");
    await until("the line to be seen", () => statSync(log).size > 0);
    await Bun.sleep(700); // one look at least
    writeFileSync(log, "next\n");
    await shipment.arrives(`${linesOf("first", 30)}next\n`);
    expect(logship.stderr).toBe(
      `logship: warning: ${log} was emptied, and no copy of it is there: 5 bytes that were not shipped are gone\n`,
    );
    logship.kill("SIGTERM");
    await logship.result;
  });
});

describe("a file that is deleted while it is shipped (Filebeat 2011)", () => {
  const openFiles = (pid: number) =>
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
  const deletedFiles = (pid: number) => openFiles(pid).filter((path) => path.endsWith(" (deleted)"));

  test("is finished, and then frees the disk", async () => {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("first", 3));
    const logship = shipment.start([log], ["--max-age", "1s"]);
    await shipment.arrives(linesOf("first", 3));
    const writer = openSync(log, "a");
    writeSync(writer, "last words\n");
    renameSync(log, `${log}.1`);
    unlinkSync(`${log}.1`);
    writeFileSync(log, "new\n");
    await shipment.arrives(`${linesOf("first", 3)}last words\nnew\n`);
    closeSync(writer);
    await until("the deleted file to be closed", () => deletedFiles(logship.pid).length === 0);
    logship.kill("SIGTERM");
    await logship.result;
  });

  test("is given up beyond --hold-max, with a warning that counts what is lost", async () => {
    const bucket = freshBucketName();
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, "");
    const args = [
      "--state",
      shipment.state,
      "--hold-max",
      "100k",
      "--max-age",
      "1h",
      "--piece-bytes",
      "40k",
      log,
    ];
    const logship = s3.start("ship", bucket, args, {}, () => slowDown);
    for (let file = 0; file < 4; file++) {
      appendFileSync(log, `${"x".repeat(999)}\n`.repeat(60));
      await until("that it is seen", () => openFiles(logship.pid).includes(log));
      unlinkSync(log);
      writeFileSync(log, "");
    }
    await logship.until(
      "two warnings",
      () => (logship.stderr.match(/more deleted data than/g)?.length ?? 0) >= 2,
    );
    expect(logship.stderr).toMatch(
      /access\.log was deleted, and \S+ holds more deleted data than --hold-max: \d+ bytes, \d+ lines of it are lost\n/,
    );
    logship.kill("SIGKILL");
    await logship.result;
  });
});

test("lines read while S3 is away survive TERM, KILL and a new start (Fluent Bit 6470, 6648, 4426)", async () => {
  const bucket = freshBucketName();
  const shipment = new Shipment();
  const log = shipment.path("access.log");
  const args = ["--state", shipment.state, "--max-age", "100ms", "--grace", "200ms", log];
  writeFileSync(log, "");
  let expected = "";
  for (const signal of ["SIGTERM", "SIGKILL", "SIGTERM"] as const) {
    const logship = s3.start("ship", bucket, args, {}, () => slowDown);
    const before = s3.requestsFor(bucket).length;
    expected += linesOf(signal, 1000);
    appendFileSync(log, linesOf(signal, 1000));
    await logship.until("a try", () => s3.requestsFor(bucket).length > before + 1);
    logship.kill(signal);
    const { exitCode } = await logship.result;
    expect(exitCode).toBe(signal === "SIGTERM" ? 111 : 137);
  }
  renameSync(log, `${log}.1`);
  writeFileSync(log, "afterwards\n");
  const last = await s3.logship("ship", bucket, ["--once", ...args]);
  expect(last.exitCode).toBe(0);
  expect((await readAll(s3.server, bucket)).toString()).toBe(`${expected}afterwards\n`);
  expect((await listPieces(s3.server, bucket)).length).toBeGreaterThan(1);
  rmSync(shipment.directory, { recursive: true });
});
