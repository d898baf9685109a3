/** logship tail with directories that a real multilog writes. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { executable, run, start } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { canBeOrdinaryUser, startAsOrdinaryUser } from "../support/ordinary-user.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

const seconds = (n: number) => `@40000000${(0x58779c4a + n).toString(16)}00000000`;

/** A log directory with stamped lines, one finished file for each list and `current` for the last. */
function logDirectory(...files: string[][]): string {
  const directory = temporaryDirectory("log");
  let time = 0;
  for (const [index, lines] of files.entries()) {
    const content = lines.map((line) => `${seconds(time++)} ${line}\n`).join("");
    const name = index === files.length - 1 ? "current" : `${seconds(time)}.s`;
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

/** The most memory that the only child of a process has taken, in MiB; 0 if it has ended. */
function peakOfChild(pid: number): number {
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, "latin1"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

describe("logship tail", () => {
  test("shows the last ten lines, back into finished files, with local times", async () => {
    const directory = logDirectory(["a", "b"], ["c", "d", "e", "f", "g", "h"], ["i", "j", "k", "l"]);
    const result = await run(["tail", directory], { env: { TZ: "America/Sao_Paulo" } });
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines.length).toBe(10);
    expect(lines[0]).toBe("2017-01-12 13:09:54.000000000 c");
    expect(lines.at(-1)).toBe("2017-01-12 13:10:03.000000000 l");
    expect(result.exitCode).toBe(0);
  });

  test("shows times in UTC, in a zone, or as labels", async () => {
    const directory = logDirectory(["a"]);
    const shown = async (...args: string[]) => (await run(["tail", ...args, directory])).stdout;
    expect(await shown("--utc")).toBe("2017-01-12 15:09:52.000000000 a\n");
    expect(await shown("--zone", "Asia/Kolkata")).toBe("2017-01-12 20:39:52.000000000 a\n");
    expect(await shown("--tai")).toBe(`${seconds(0)} a\n`);
  });

  test("shows lines that match, as many as asked for, as they are shown", async () => {
    const directory = logDirectory(["warning 1", "x"], ["warning 2", "x"], ["warning 3", "x"]);
    const result = await run(["tail", "--utc", "-n", "2", "--grep", "^2017.* warning", directory]);
    expect(result.stdout).toMatch(/^\S+ \S+ warning 2\n\S+ \S+ warning 3\n$/);
  });

  test("begins at a time with --since, in finished files too", async () => {
    const directory = logDirectory(["a", "b"], ["c", "d"], ["e"]);
    const result = await run(["tail", "--tai", "--since", seconds(3), directory]);
    expect(result.stdout).toBe(`${seconds(3)} d\n${seconds(4)} e\n`);
    const both = await run(["tail", "--tai", "--since", seconds(1), "-n", "2", directory]);
    expect(both.stdout).toBe(`${seconds(3)} d\n${seconds(4)} e\n`);
  });

  test("merges several logs by label and says which line is whose", async () => {
    const first = logDirectory(["a0", "a1"], ["a2"]);
    const second = logDirectory(["b0"], ["b1", "b2"]);
    const result = await run(["tail", "-n", "5", "--tai", first, second]);
    expect(result.stdout.split("\n").map((line) => line.slice(-2))).toEqual([
      "b0",
      "a1",
      "b1",
      "a2",
      "b2",
      "",
    ]);
    expect(result.stdout.split("\n")[0]).toBe(`${second}: ${seconds(0)} b0`);
  });

  test("finds the log of a service, of a logger and of a bare name", async () => {
    const services = temporaryDirectory("service");
    const main = join(services, "web/log/main");
    mkdirSync(main, { recursive: true });
    writeFileSync(join(main, "current"), "hello\n");
    const env = { LOGSHIP_SERVICES: services };
    for (const path of [
      [],
      ["web"],
      [join(services, "web")],
      [join(services, "web/log")],
      [main],
      [join(main, "current")],
    ]) {
      expect(await run(["tail", ...path], { env })).toMatchObject({ stdout: "hello\n", exitCode: 0 });
    }
    mkdirSync(join(services, "other"));
    const two = await run(["tail"], { env });
    expect(two.stderr).toBe(
      `logship: fatal: unable to choose a service in ${services}: it has other and web: name one of them\n`,
    );
    expect(two.exitCode).toBe(100);
  });

  test.skipIf(!canBeOrdinaryUser)("passes over directories that it may not read", async () => {
    const service = temporaryDirectory("service");
    chmodSync(service, 0o755);
    for (const name of ["env", "supervise"]) mkdirSync(join(service, name), { mode: 0o700 });
    mkdirSync(join(service, "log", "logs"), { recursive: true });
    expect((await startAsOrdinaryUser(["tail", service]).result).stderr).toBe(
      `logship: fatal: unable to find a log in ${service}: it is no log directory, nor a service with one: there is no current, main/current or log/main/current\n`,
    );
    writeFileSync(join(service, "log", "logs", "current"), "hello\n");
    symlinkSync("loop", join(service, "log", "loop"));
    expect(await startAsOrdinaryUser(["tail", service]).result).toMatchObject({
      stdout: "hello\n",
      stderr: "",
      exitCode: 0,
    });
  });

  test.skipIf(!canBeOrdinaryUser)("waits for a current that multilog has only just made", async () => {
    const directory = logDirectory(["begin"]);
    chmodSync(directory, 0o755);
    const current = join(directory, "current");
    const tail = startAsOrdinaryUser(["tail", "-f", "--tai", directory]);
    await until("the first line", () => tail.stdout.endsWith(" begin\n"));
    for (let index = 1; index <= 20; index++) {
      renameSync(current, join(directory, `${seconds(index)}.s`));
      writeFileSync(current, `${seconds(index)} line ${index}\n`, { mode: 0o600 });
      await Bun.sleep(10); // the moment in which nobody else may read it
      chmodSync(current, 0o644);
      await until("the line", () => tail.stdout.endsWith(` line ${index}\n`) || tail.stderr !== "");
    }
    expect(tail.stderr).toBe("");
    tail.kill("SIGTERM");
    await tail.result;
    chmodSync(current, 0o600);
    const denied = await startAsOrdinaryUser(["tail", directory]).result;
    expect(denied.stderr).toBe(`logship: fatal: unable to open ${current}: access denied\n`);
  });

  test("refuses what is no regular file, where reading would wait or mean nothing", async () => {
    const directory = temporaryDirectory("log");
    Bun.spawnSync(["mkfifo", join(directory, "current")]);
    for (const args of [[directory], ["-f", join(directory, "current")], ["/dev/zero"]]) {
      const result = await run(["tail", ...args]);
      expect(result.stderr).toMatch(/^logship: fatal: unable to open \S+: not a regular file\n$/);
      expect(result.exitCode).toBe(111);
    }
  });

  test("shows a line without end in pieces, in bounded memory", async () => {
    const directory = temporaryDirectory("log");
    const current = join(directory, "current");
    writeFileSync(current, "first\n");
    truncateSync(current, 300 * 1024 * 1024);
    const last = await run(["tail", "-n", "2", directory]);
    expect(last.stdout.length).toBeGreaterThan(1_000_000);
    expect(last.peakMiB).toBeLessThan(150);
    const output = join(temporaryDirectory("output"), "output"); // too much to look through again and again
    const under = ["sh", "-c", `exec "$0" "$@" >${output}`];
    const tail = start(["tail", "-f", "-n", "1", directory], { under });
    await tail.until("the last piece", () => Bun.file(output).size > 1_000_000);
    truncateSync(current, 450 * 1024 * 1024);
    appendFileSync(current, "end\n");
    await until("the end", async () => (await Bun.$`tail -c 4 ${output}`.text()) === "end\n");
    tail.kill("SIGTERM");
    expect((await tail.result).peakMiB).toBeLessThan(150);
  });

  test.skipIf(!needs("script"))("shows a file of holes on a terminal in bounded memory", async () => {
    const directory = temporaryDirectory("log");
    writeFileSync(join(directory, "current"), "");
    truncateSync(join(directory, "current"), 50 * 1024 * 1024);
    const tail = Bun.spawn(["script", "-qec", `exec ${executable} tail ${directory}`, "/dev/null"], {
      stdin: "ignore",
      stdout: "pipe",
    });
    let [shownBytes, peakMiB] = [0, 0];
    for await (const chunk of tail.stdout) {
      shownBytes += chunk.length;
      peakMiB = Math.max(peakMiB, peakOfChild(tail.pid));
    }
    expect(await tail.exited).toBe(0);
    // Ten pieces of a line, of which each byte is shown as four.
    expect(shownBytes).toBeGreaterThan(4 * 10_000_000);
    expect(peakMiB).toBeGreaterThan(20);
    expect(peakMiB).toBeLessThan(200);
  });

  test.each([
    [["/nowhere"], "unable to open /nowhere: file does not exist", 111],
    [["--since", "soon", "/tmp"], "unable to parse --since soon: must be a time such as 10m (ago)", 100],
    [["--grep", "(", "/tmp"], "unable to parse --grep (: must be a regular expression", 100],
    [["--zone", "Nowhere/City", "/tmp"], "unable to parse --zone Nowhere/City: must be a time zone", 100],
  ])("tail %p fails with one line", async (args, message, exitCode) => {
    const result = await run(["tail", ...args]);
    expect(result.stdout).toBe("");
    expect(result.stderr).toStartWith(`logship: fatal: ${message}`);
    expect(result.stderr.trimEnd().split("\n").length).toBe(1);
    expect(result.exitCode).toBe(exitCode);
  });

  test("ends quietly when its reader goes away, and loudly when the disk is full", async () => {
    const directory = logDirectory(Array.from({ length: 20_000 }, (_, index) => `line ${index}`));
    const shell = Bun.spawn(
      ["bash", "-c", `"$0" tail -n 20000 "$1" | head -n 1; echo \${PIPESTATUS[0]}`, executable, directory],
      {
        stderr: "pipe",
        stdout: "pipe",
      },
    );
    expect(await new Response(shell.stdout).text()).toEndWith(" line 0\n0\n");
    expect(await new Response(shell.stderr).text()).toBe("");
    const full = Bun.spawn([executable, "tail", directory], {
      stdout: openSync("/dev/full", "w"),
      stderr: "pipe",
    });
    expect(await new Response(full.stderr).text()).toBe(
      "logship: fatal: unable to write standard output: out of disk space\n",
    );
    expect(await full.exited).toBe(111);
  });

  test("follows a plain file that is renamed and made again", async () => {
    const file = join(temporaryDirectory("file"), "access.log");
    writeFileSync(file, "one\n");
    const tail = start(["tail", "-f", file]);
    await until("the first line", () => tail.stdout === "one\n");
    appendFileSync(file, "two\n");
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, "three\n");
    writeFileSync(file, "four\n");
    await until("the last line", () => tail.stdout === "one\ntwo\nthree\nfour\n");
    tail.kill("SIGTERM");
    await tail.result;
  });

  test("-f waits for a directory that is not there yet", async () => {
    const parent = temporaryDirectory("later");
    const tail = start(["tail", "-f", "--tai", join(parent, "service")]);
    mkdirSync(join(parent, "service/log/main"), { recursive: true });
    appendFileSync(join(parent, "service/log/main/current"), "one\n");
    await until("the line", () => tail.stdout === "one\n");
    tail.kill("SIGTERM");
    await tail.result;
  });

  test("-f ends when its reader goes away, also if nothing more is written", async () => {
    const directory = logDirectory(["a"]);
    const shell = Bun.spawn(
      ["bash", "-c", `"$0" tail -f "$1" | head -n 1; echo \${PIPESTATUS[0]}`, executable, directory],
      {
        stdout: "pipe",
      },
    );
    expect(await new Response(shell.stdout).text()).toEndWith(" a\n0\n");
  });

  test.skipIf(!needs("script"))("colours warnings and failures on a terminal only", async () => {
    const directory = temporaryDirectory("log");
    writeFileSync(join(directory, "current"), "logship: warning: w\nlogship: fatal: f\nplain\n");
    const onTerminal = Bun.spawn(["script", "-qec", `${executable} tail ${directory}`, "/dev/null"], {
      stdin: "ignore",
      stdout: "pipe",
    });
    expect((await new Response(onTerminal.stdout).text()).replaceAll("\r", "")).toBe(
      "\x1b[33mlogship: warning: w\x1b[0m\n\x1b[31mlogship: fatal: f\x1b[0m\nplain\n",
    );
    expect((await run(["tail", directory])).stdout).toBe("logship: warning: w\nlogship: fatal: f\nplain\n");
  });

  test("shows the last lines of 100 files of 16 MB", async () => {
    const directory = temporaryDirectory("large");
    const block = Buffer.from(`${seconds(0)} ${"x".repeat(73)}\n`.repeat(160_000));
    for (let index = 0; index < 100; index++) {
      const name = join(directory, index < 99 ? `${seconds(index)}.s` : "current");
      // Sparse but for the end, which is all that is read.
      const file = openSync(name, "w");
      writeSync(file, block.subarray(0, 65_536 - (65_536 % 100)), 0, 65_500, 16_000_000 - 65_500);
    }
    const result = await run(["tail", "-n", "10", directory]);
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toEndWith("x".repeat(73));
  });
});

describe.skipIf(!needs("multilog"))("logship tail -f beside multilog", () => {
  test("shows each of 100000 lines once and in order while a file is rotated every 5 ms", async () => {
    const directory = join(temporaryDirectory("log"), "main");
    // A busy machine may stop a follower for a while: only the first files of some 160 are deleted, when the last are written.
    const multilog = Bun.spawn(["multilog", "t", "s50000", "n130", directory], { stdin: "pipe" });
    const tail = start(["tail", "-f", "-n", "100000", "--tai", directory]);
    let startedAt = performance.now();
    for (let first = 0; first < 100_000; first += 500) {
      const lines = Array.from(
        { length: 500 },
        (_, index) => `${String(first + index).padStart(8, "0")} ${"x".repeat(62)}\n`,
      );
      multilog.stdin.write(lines.join(""));
      await multilog.stdin.flush();
      if (first === 0) {
        await until("tail to follow", () => tail.stdout.includes(" 00000499 "));
        startedAt = performance.now();
      }
      await Bun.sleep(Math.max(0, startedAt + first / 100 - performance.now()));
    }
    await until("the last line", () => tail.stdout.includes(" 00099999 "));
    const seen = tail.stdout
      .trimEnd()
      .split("\n")
      .map((line) => Number(line.slice(26, 34)));
    expect(seen.length).toBe(100_000);
    expect(seen.every((number, index) => number === index)).toBe(true);
    multilog.stdin.end();
    await multilog.exited;
    tail.kill("SIGTERM");
    expect((await tail.result).stderr).toBe("");
  });

  test("goes on across restarts and kills of multilog", async () => {
    const directory = join(temporaryDirectory("log"), "main");
    mkdirSync(directory);
    const tail = start(["tail", "-f", "-n", "1000", "--tai", directory]);
    const expected: string[] = [];
    for (const signal of ["SIGTERM", "SIGKILL", "SIGALRM", "SIGKILL", "SIGTERM"] as const) {
      const multilog = Bun.spawn(["multilog", "t", directory], { stdin: "pipe" });
      expected.push(`line before ${signal} ${expected.length}`);
      multilog.stdin.write(`${expected.at(-1)}\n`);
      await multilog.stdin.flush();
      await until("the line", () => tail.stdout.split("\n").length === expected.length + 1);
      multilog.kill(signal);
      multilog.stdin.end();
      await multilog.exited;
    }
    expect(tail.stdout.replace(/^@[0-9a-f]{24} /gm, "")).toBe(`${expected.join("\n")}\n`);
    expect(readFileSync(join(directory, "current"), "utf8")).toEndWith(`${expected.at(-1)}\n`);
    tail.kill("SIGTERM");
    await tail.result;
  });
});
