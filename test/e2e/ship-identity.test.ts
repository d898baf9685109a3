/** Which file is which: known by what it holds, whatever has become of its name, its inode number or its directory. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

/** All lines that have arrived, of whichever source, sorted. */
const linesIn = (shipment: Shipment) => shipment.text.split("\n").filter(Boolean).sort();
const sorted = (text: string) => text.split("\n").filter(Boolean).sort();
const haveArrived = (shipment: Shipment, text: string) =>
  until(
    `the arrival of ${text.slice(0, 80)}`,
    () => linesIn(shipment).join() === sorted(text).join(),
    20_000,
  );

function logIn(name = "app.log") {
  const shipment = new Shipment();
  mkdirSync(shipment.path("log"));
  return { shipment, log: shipment.path(`log/${name}`) };
}

async function ended(logship: ReturnType<Shipment["start"]>): Promise<string> {
  logship.kill("SIGTERM");
  const { stderr, exitCode } = await logship.result;
  expect(exitCode).toBe(0);
  return stderr;
}

describe("a file that was the log before and gets its name again, emptied (a ring of names)", () => {
  test.each(["log/app.log", "log/app*"])("is a new one each time: %s", async (source) => {
    const { shipment, log } = logIn();
    writeFileSync(log, "turn 0\n");
    const logship = shipment.start([shipment.path(source)]);
    let expected = "turn 0\n";
    await haveArrived(shipment, expected);
    for (let turn = 1; turn < 7; turn++) {
      renameSync(log, `${log}.ring${turn}`);
      if (turn > 2) {
        renameSync(`${log}.ring${turn - 2}`, log);
        truncateSync(log);
      }
      appendFileSync(log, `turn ${turn}\n`);
      expected += `turn ${turn}\n`;
      await haveArrived(shipment, expected);
    }
    expect(await ended(logship)).toBe("");
    expect((await shipment.once([log])).stderr).toBe("");
    expect(linesIn(shipment)).toEqual(sorted(expected));
  });
});

describe("the same log under another inode number", () => {
  test("is shipped on after all of its directory was restored, and older files are left alone", async () => {
    const { shipment, log } = logIn();
    writeFileSync(`${log}.2`, linesOf("before the first start", 100));
    writeFileSync(log, linesOf("first", 100));
    await shipment.once([log]);
    renameSync(log, `${log}.1`);
    writeFileSync(log, linesOf("second", 100));
    await shipment.once([log]);
    cpSync(dirname(log), shipment.path("copy"), { recursive: true });
    rmSync(dirname(log), { recursive: true });
    renameSync(shipment.path("copy"), dirname(log));
    appendFileSync(log, "new\n");
    const { stderr } = await shipment.once([log]);
    expect(shipment.text).toBe(`${linesOf("first", 100)}${linesOf("second", 100)}new\n`);
    expect(stderr).toBe("");
  });

  test("is shipped on after an editor has written it back while ship runs, and so is what is still written to the old one", async () => {
    const { shipment, log } = logIn();
    writeFileSync(log, linesOf("first", 100));
    const logship = shipment.start([log]);
    await shipment.arrives(linesOf("first", 100));
    linkSync(log, shipment.path("old")); // as a writer has it that holds it open
    copyFileSync(log, `${log}.new`);
    renameSync(`${log}.new`, log);
    appendFileSync(log, "to the new one\n");
    await haveArrived(shipment, `${linesOf("first", 100)}to the new one\n`);
    appendFileSync(shipment.path("old"), "to the old one\n");
    await haveArrived(shipment, `${linesOf("first", 100)}to the new one\nto the old one\n`);
    expect(await ended(logship)).toBe("");
  });
});

test("a new log that begins with the one line that the last one held is shipped from its beginning", async () => {
  const { shipment, log } = logIn();
  writeFileSync(log, "started\n");
  await shipment.once([log]);
  writeFileSync(`${log}.new`, `started\n${linesOf("new", 5)}`);
  renameSync(`${log}.new`, log);
  const { stderr } = await shipment.once([log], "--quiet");
  expect(shipment.text).toBe(`started\nstarted\n${linesOf("new", 5)}`);
  expect(stderr).toMatch(/^logship: warning: \S+app\.log is gone since this was last running/);
});

describe("a log behind a link", () => {
  test("that is switched while ship does not run has its rest shipped", async () => {
    const { shipment } = logIn();
    for (const version of ["v1", "v2"]) mkdirSync(shipment.path(version));
    symlinkSync("v1", shipment.path("current"));
    writeFileSync(shipment.path("v1/app.log"), "one\n");
    const source = shipment.path("current/app.log");
    await shipment.once([source]);
    appendFileSync(shipment.path("v1/app.log"), "two\n");
    writeFileSync(shipment.path("v2/app.log"), "three\n");
    unlinkSync(shipment.path("current"));
    symlinkSync("v2", shipment.path("current"));
    expect((await shipment.once([source])).stderr).toBe("");
    expect(linesIn(shipment)).toEqual(sorted("one\ntwo\nthree\n"));
  });

  test("to the file itself that is switched has its rest shipped, also when it was rotated before", async () => {
    const { shipment, log } = logIn("0.log");
    const link = shipment.path("container.log");
    writeFileSync(log, "one\n");
    symlinkSync(log, link);
    await shipment.once([link]);
    appendFileSync(log, "two\n");
    renameSync(log, `${log}.20170112-100000`);
    writeFileSync(log, "three\n");
    unlinkSync(link);
    writeFileSync(log.replace("0.log", "1.log"), "four\n");
    symlinkSync(log.replace("0.log", "1.log"), link);
    await shipment.once([link]);
    expect(linesIn(shipment)).toContain("two");
    expect(linesIn(shipment)).toContain("four");
  });
});

test("a file under several names that a pattern matches, links and hard links, is one source", async () => {
  const { shipment, log } = logIn();
  writeFileSync(log, "one\n");
  linkSync(log, log.replace("app", "hard"));
  symlinkSync(log, log.replace("app", "a-link"));
  const logship = shipment.start([shipment.path("log/*.log")]);
  await shipment.arrives("one\n");
  linkSync(log, log.replace("app", "later"));
  appendFileSync(log, "two\n");
  await shipment.arrives("one\ntwo\n");
  expect(await ended(logship)).toBe("");
  await shipment.once([shipment.path("log/*.log")]);
  expect(shipment.text).toBe("one\ntwo\n");
});

describe("logs of which one has the name of another with digits", () => {
  const names = [
    "worker.log",
    "worker-1.log",
    "laravel.log",
    "laravel-2017-01-12.log",
    "access.log",
    "access.8080.log",
  ];

  test("are each shipped when they grow, while ship runs and between two runs", async () => {
    const { shipment, log } = logIn();
    const put = (text: string) => {
      for (const name of names) appendFileSync(log.replace("app.log", name), `${name} ${text}\n`);
    };
    const written = (...texts: string[]) =>
      names.flatMap((name) => texts.map((text) => `${name} ${text}\n`)).join("");
    const pattern = shipment.path("log/*.log");
    put("first");
    await shipment.once([pattern]);
    put("second");
    await shipment.once([pattern]);
    expect(linesIn(shipment)).toEqual(sorted(written("first", "second")));
    const logship = shipment.start([pattern]);
    put("third");
    await haveArrived(shipment, written("first", "second", "third"));
    expect(await ended(logship)).toBe("");
  });

  test("are each shipped at once if the digits only go on in a number", async () => {
    const { shipment, log } = logIn();
    for (let number = 1; number <= 30; number++)
      writeFileSync(log.replace("app.log", `app${number}.log`), `${number}\n`);
    expect((await shipment.once([shipment.path("log/*.log")])).stderr).toBe("");
    expect(linesIn(shipment).length).toBe(30);
  });

  test("are rotated, each for itself, without a line lost or doubled", async () => {
    const { shipment, log } = logIn();
    const pattern = shipment.path("log/*.log");
    const [one, two] = [log.replace("app", "worker"), log.replace("app", "worker-1")];
    let expected = "";
    const put = (text: string) => {
      for (const path of [one, two]) {
        const lines = linesOf(`${path === one ? "one" : "two"} ${text}`, 50);
        appendFileSync(path, lines);
        expected += lines;
      }
    };
    put("first");
    const logship = shipment.start([pattern], ["--quiet"]);
    await until("the first log", () => linesIn(shipment).length >= 50);
    put("second");
    await haveArrived(shipment, expected);
    for (const path of [one, two]) renameSync(path, `${path}.1`);
    put("third");
    await haveArrived(shipment, expected);
    expect(await ended(logship)).toBe("");
    for (const path of [one, two]) {
      renameSync(`${path}.1`, `${path}.2`);
      renameSync(path, `${path}.1`);
    }
    put("fourth");
    expect((await shipment.once([pattern])).stderr).toBe("");
    expect(linesIn(shipment)).toEqual(sorted(expected));
  });
});

test("a log that was seen and of which nothing was cut is told as gone at the next start, with its bytes", async () => {
  const { shipment, log } = logIn();
  writeFileSync(log, "seen\n");
  const logship = shipment.start([log], ["--max-age", "60s"]);
  await logship.until("that it is seen", () => /"sizeBytes":5/.test(shipment.savedState));
  expect(await ended(logship)).toBe("");
  unlinkSync(log);
  writeFileSync(log, "new\n");
  const { stderr } = await shipment.once([log], "--quiet");
  expect(stderr).toBe(
    `logship: warning: ${log} is gone since this was last running, shipped up to byte 0: at least 5 bytes of it are lost\n`,
  );
  expect(shipment.text).toBe("new\n");
});

test("three copies within one look, with the times of the log, are shipped whole", async () => {
  const { shipment, log } = logIn();
  writeFileSync(log, linesOf("first", 50));
  const logship = shipment.start([log]);
  await shipment.arrives(linesOf("first", 50));
  let expected = linesOf("first", 50);
  for (let round = 0; round < 8; round++) {
    for (let copy = 1; copy <= 3; copy++) {
      const lines = linesOf(`round ${round} copy ${copy}`, 20);
      expected += lines;
      appendFileSync(log, lines);
      for (let number = 30; number > 0; number--)
        if (statSync(`${log}.${number}`, { throwIfNoEntry: false }))
          renameSync(`${log}.${number}`, `${log}.${number + 1}`);
      copyFileSync(log, `${log}.1`);
      const { atimeMs, mtimeMs } = statSync(log);
      utimesSync(`${log}.1`, atimeMs / 1000, mtimeMs / 1000);
      truncateSync(log);
    }
    await haveArrived(shipment, expected);
  }
  expect(await ended(logship)).toBe("");
});

describe("a log that is emptied and written anew with the same bytes", () => {
  test("is shipped each time, and a warning says that nothing but its time tells", async () => {
    const { shipment, log } = logIn();
    writeFileSync(log, "ok\n");
    const logship = shipment.start([log]);
    for (let times = 1; times <= 4; times++) {
      if (times > 1) writeFileSync(log, "ok\n");
      await shipment.arrives("ok\n".repeat(times), 20_000);
    }
    expect(await ended(logship)).toContain("it was written to and holds what it held before");
    writeFileSync(log, "ok\n");
    await shipment.once([log]);
    expect(shipment.text).toBe("ok\n".repeat(5));
    await shipment.once([log]);
    expect(shipment.text).toBe("ok\n".repeat(5));
  });
});

test.each([50, 2])("logrotate's renamecopy ships %d lines of the rotated file once", async (count) => {
  const { shipment, log } = logIn();
  writeFileSync(log, linesOf("first", count));
  const logship = shipment.start([log]);
  await shipment.arrives(linesOf("first", count));
  let expected = linesOf("first", count);
  for (let round = 0; round < 3; round++) {
    appendFileSync(log, `late ${round}\n`);
    renameSync(log, `${log}.tmp`);
    if (statSync(`${log}.1`, { throwIfNoEntry: false })) renameSync(`${log}.1`, `${log}.${round + 2}`);
    writeFileSync(log, linesOf(`round ${round}`, count));
    await Bun.sleep(300); // what postrotate takes
    copyFileSync(`${log}.tmp`, `${log}.1`);
    unlinkSync(`${log}.tmp`);
    expected += `late ${round}\n${linesOf(`round ${round}`, count)}`;
    await haveArrived(shipment, expected);
  }
  expect(await ended(logship)).toBe("");
  await shipment.once([log]);
  expect(linesIn(shipment)).toEqual(sorted(expected));
});

test("logrotate's renamecopy of a log that nobody wrote to after the last copy ships no line twice", async () => {
  const { shipment, log } = logIn();
  let expected = linesOf("first", 20);
  writeFileSync(log, expected);
  const logship = shipment.start([log]);
  await haveArrived(shipment, expected);
  for (let round = 1; round <= 4; round++) {
    renameSync(log, `${log}.tmp`);
    if (round > 1) renameSync(`${log}.1`, `${log}.${round}`);
    const lines = linesOf(`round ${round}`, 20);
    expected += lines;
    writeFileSync(log, lines);
    await haveArrived(shipment, expected);
    // Its time is later than that of anything that the log was given since.
    copyFileSync(`${log}.tmp`, `${log}.1`);
    unlinkSync(`${log}.tmp`);
    await until("that the copy is seen", () =>
      shipment.savedState.includes(`"inode":${statSync(`${log}.1`).ino},`),
    );
  }
  expect(await ended(logship)).toBe("");
  await shipment.once([log]);
  expect(linesIn(shipment)).toEqual(sorted(expected));
});

describe("of a log of which only a compressed file is left", () => {
  const shippedInPart = async () => {
    const { shipment, log } = logIn();
    writeFileSync(log, linesOf("first", 5000));
    await shipment.once([log]);
    appendFileSync(log, linesOf("second", 5000));
    return { shipment, log, all: linesOf("first", 5000) + linesOf("second", 5000) };
  };

  test.each(["gzip", "xz", "zstd", "bzip2"])("the rest is shipped: by %s", async (program) => {
    if (!needs(program)) return;
    const { shipment, log, all } = await shippedInPart();
    renameSync(log, `${log}.1`);
    const result = Bun.spawnSync([program, "-q", `${log}.1`]);
    expect(result.exitCode).toBe(0);
    if (program === "zstd") unlinkSync(`${log}.1`);
    writeFileSync(log, "new\n");
    const { stderr, exitCode } = await shipment.once([log]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(shipment.text).toBe(`${all}new\n`);
  });

  test.skipIf(!needs("xz"))(
    "a warning says so where the program that could read it is not installed",
    async () => {
      const { shipment, log } = await shippedInPart();
      expect(Bun.spawnSync(["xz", log]).exitCode).toBe(0);
      renameSync(`${log}.xz`, `${log}.1.xz`);
      writeFileSync(log, "new\n");
      const { stderr, exitCode } = await run(shipment.args([log], "--once", "--quiet"), {
        env: { PATH: shipment.directory },
      });
      expect(stderr).toContain(
        `logship: warning: unable to read all of ${log}.1.xz: xz, which could read it, is not installed: what it holds behind byte 0 is not shipped\n`,
      );
      expect(stderr).toContain(
        `logship: warning: ${log} is gone since this was last running, shipped up to byte `,
      );
      expect(exitCode).toBe(0);
      expect(shipment.text).toBe(`${linesOf("first", 5000)}new\n`);
    },
  );

  test("the rest is shipped with bytes behind its end", async () => {
    const { shipment, log, all } = await shippedInPart();
    renameSync(log, `${log}.1`);
    writeFileSync(
      `${log}.1.gz`,
      Buffer.concat([gzipSync(readFileSync(`${log}.1`)), Buffer.from("garbage\n")]),
    );
    unlinkSync(`${log}.1`);
    writeFileSync(log, "new\n");
    expect((await shipment.once([log])).stderr).toBe("");
    expect(shipment.text).toBe(`${all}new\n`);
  });

  test("what can be read of one that is cut off is shipped, and a warning says from where on it is lost", async () => {
    const { shipment, log, all } = await shippedInPart();
    const packed = gzipSync(readFileSync(log));
    unlinkSync(log);
    writeFileSync(`${log}.1.gz`, packed.subarray(0, packed.length - 200));
    utimesSync(`${log}.1.gz`, 1000, 1000);
    writeFileSync(log, "new\n");
    const { stderr } = await shipment.once([log], "--quiet");
    expect(stderr).toMatch(
      /^logship: warning: unable to read all of \S+\.1\.gz: it is cut off: what it holds behind byte \d+ is not shipped\n$/,
    );
    const lines = shipment.text.split("\n");
    expect(lines.length).toBeGreaterThan(9000);
    expect(all.startsWith(lines.slice(0, -3).join("\n"))).toBe(true);
    expect(shipment.text).toEndWith("new\n");
  });
});
