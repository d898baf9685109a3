/** logship tail --since in logs without labels: access logs, whose times it reads, and others. */
import { describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, run, start } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

const FORMATS = ["json", "combined", "nginx-json", "script"] as const;
const RECORDS = 60;
/** A record a minute from 14:00 on, in a zone whose clock is three hours behind. */
const TRAFFIC = [
  ...["--seed", "7", "--start", "2017-01-12T14:00:00", "--timezone", "America/Bahia"],
  ...["--step", "1m", "--records", String(RECORDS)],
];

/** Records of access logs, each with all its lines. */
async function recordsOf(format: string): Promise<string[]> {
  const { stdout } = await run(["generate", "--format", format, ...TRAFFIC]);
  const lines = stdout.split(/(?<=\n)/);
  const linesOfRecord = lines.length / RECORDS;
  return Array.from({ length: RECORDS }, (_, index) =>
    lines.slice(index * linesOfRecord, (index + 1) * linesOfRecord).join(""),
  );
}

function fileWith(text: string): string {
  const path = join(temporaryDirectory("times"), "access.log");
  writeFileSync(path, text);
  return path;
}

describe("logship tail --since", () => {
  test.each(FORMATS)("begins at its time in an access log in the format %s", async (format) => {
    const records = await recordsOf(format);
    const path = fileWith(records.join(""));
    const shown = async (...args: string[]) => {
      const result = await run(["tail", ...args, path], { env: { TZ: "America/Bahia" } });
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      return result.stdout;
    };
    expect(await shown("--since", "2017-01-12T17:50:00Z")).toBe(records.slice(50).join(""));
    expect(await shown("--since", "2017-01-12 14:49:59.5")).toBe(records.slice(50).join(""));
    expect(await shown("--since", "2017-01-12 14:00")).toBe(records.join(""));
    expect(await shown("--since", "2017-01-12 15:00")).toBe("");
    const linesOfRecord = records[0]!.split("\n").length - 1;
    const few = String(3 * linesOfRecord);
    expect(await shown("-n", few, "--since", "2017-01-12 14:50")).toBe(records.slice(57).join(""));
    expect(await shown("-n", "1000", "--since", "2017-01-12 14:50")).toBe(records.slice(50).join(""));
  });

  test("takes a time without offset for that of --zone", async () => {
    const records = await recordsOf("script");
    const path = fileWith(records.join(""));
    const result = await run(["tail", "--since", "2017-01-12T17:50:00Z", "--zone", "America/Bahia", path]);
    expect(result.stdout).toBe(records.slice(50).join(""));
    expect((await run(["tail", "--since", "2017-01-12T14:50:00Z", "--utc", path])).stdout).toBe(
      result.stdout,
    );
  });

  test("keeps lines that are not in order, as servers write them that note when a request came", async () => {
    const line = (minute: number) =>
      `10.0.0.1 - - [12/Jan/2017:14:0${minute}:00 +0000] "GET / HTTP/1.1" 200 1\n`;
    const path = fileWith([0, 3, 1, 4, 2, 5].map(line).join(""));
    const wanted = [3, 4, 2, 5].map(line).join("");
    for (const count of [[], ["-n", "9"]])
      expect((await run(["tail", ...count, "--since", "2017-01-12T14:02Z", path])).stdout).toBe(wanted);
  });

  test("keeps a line without a time with the one before it", async () => {
    const line = (minute: number) =>
      `10.0.0.1 - - [12/Jan/2017:14:0${minute}:00 +0000] "GET / HTTP/1.1" 200 1\n`;
    const path = fileWith(`${line(1)}  more of 1\n${line(2)}  more of 2\n  and more\n${line(3)}`);
    const wanted = `${line(2)}  more of 2\n  and more\n${line(3)}`;
    for (const count of [[], ["-n", "9"]])
      expect((await run(["tail", ...count, "--since", "2017-01-12T14:02Z", path])).stdout).toBe(wanted);
  });

  test("merges access logs by their times", async () => {
    const directory = temporaryDirectory("merged");
    const line = (minute: number, name: string) =>
      `10.0.0.1 - ${name} [12/Jan/2017:14:0${minute}:00 +0000] "GET / HTTP/1.1" 200 1\n`;
    writeFileSync(join(directory, "a"), line(1, "a") + line(3, "a"));
    writeFileSync(join(directory, "b"), line(2, "b") + line(4, "b"));
    const paths = ["a", "b"].map((name) => join(directory, name));
    const { stdout } = await run(["tail", ...paths]);
    expect(stdout.match(/14:0\d/g)).toEqual(["14:01", "14:02", "14:03", "14:04"]);
  });

  test("reads the times in a log directory whose lines are not stamped", async () => {
    const records = await recordsOf("combined");
    const directory = temporaryDirectory("unstamped");
    const child = Bun.spawn([executable, "multilog", "s4096", "n100", "./main"], {
      cwd: directory,
      stdin: Buffer.from(records.join("")),
    });
    expect(await child.exited).toBe(0);
    const result = await run(["tail", "--since", "2017-01-12T17:30:00Z", join(directory, "main")]);
    expect(result.stdout).toBe(records.slice(30).join(""));
  });

  test.each([[[]], [["-n", "5"]]])("says that lines have no time, %j", async (count) => {
    const path = fileWith("one\ntwo\n");
    const result = await run(["tail", ...count, "--since", "10m", path]);
    const message = `unable to begin at --since 10m in ${path}: its lines have no time that is known`;
    expect(result).toMatchObject({ stdout: "", stderr: `logship: fatal: ${message}\n`, exitCode: 111 });
  });

  test("shows what has times beside what has none, and then says which has none", async () => {
    const records = await recordsOf("json");
    const [timed, timeless] = [fileWith(records.join("")), fileWith("one\n")];
    const result = await run(["tail", "--since", "2017-01-12T17:59:00Z", timed, timeless]);
    expect(result.stdout).toBe(`${timed}: ${records.at(-1)}`);
    expect(result.stderr).toContain(`in ${timeless}: its lines have no time`);
    expect(result.exitCode).toBe(111);
  });

  test("of an empty log shows nothing, and all is well", async () => {
    const result = await run(["tail", "--since", "10m", fileWith("")]);
    expect(result).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
  });

  test("warns with -f, and follows", async () => {
    const path = fileWith("one\n");
    const tail = start(["tail", "-f", "--since", "10m", path]);
    await until("the warning", () => tail.stderr.includes("its lines have no time that is known"));
    expect(tail.stderr).toStartWith("logship: warning: unable to begin at --since 10m in ");
    appendFileSync(path, "two\n");
    await until("the new line", () => tail.stdout === "two\n");
    tail.kill("SIGTERM");
    await tail.result;
  });
});

describe("logship tail", () => {
  test("takes -5 for -n 5, as tail(1)", async () => {
    const path = fileWith("1\n2\n3\n4\n5\n6\n7\n");
    expect(await run(["tail", "-5", path])).toMatchObject({
      stdout: "3\n4\n5\n6\n7\n",
      stderr: "",
      exitCode: 0,
    });
    expect((await run(["tail", path, "-2"])).stdout).toBe("6\n7\n");
  });

  test.each([
    ["-n -2", "-5\nb -n\n"],
    ["--lines -2", "-5\nb -n\n"],
    ["--lines=-2", "-5\nb -n\n"],
    ["--grep -5", "-5\n"],
    ["--grep -5 -1", "-5\n"],
    ["--grep=-5 -1", "-5\n"],
    ["-1 --grep -n", "b -n\n"],
  ])("takes what follows an option for its text, as in tail %s", async (words, stdout) => {
    const path = fileWith("1\n2\n-5\nb -n\n");
    expect(await run(["tail", ...words.split(" "), path])).toMatchObject({ stdout, stderr: "", exitCode: 0 });
  });

  test.each(["-1f", "-f1"])("takes %s for -n 1 -f", async (word) => {
    const path = fileWith("1\n2\n");
    const tail = start(["tail", word, path]);
    await until("the last line", () => tail.stdout === "2\n");
    appendFileSync(path, "3\n");
    await until("the new line", () => tail.stdout === "2\n3\n");
    tail.kill("SIGTERM");
    await tail.result;
  });

  test("takes a name like -5 behind --", async () => {
    const cwd = temporaryDirectory("names");
    mkdirSync(join(cwd, "-5"));
    writeFileSync(join(cwd, "-5/current"), "of -5\n");
    expect((await run(["tail", "--", "-5"], { cwd })).stdout).toBe("of -5\n");
  });

  test.each([
    [["--utc", "--tai"], "parse --tai: times are shown in one way, and there is --utc already"],
    [
      ["--zone", "Asia/Kolkata", "--utc"],
      "parse --zone: times are shown in one way, and there is --utc already",
    ],
    [
      ["--tai", "--zone", "Asia/Kolkata"],
      "parse --zone: times are shown in one way, and there is --tai already",
    ],
  ])("refuses %j", async (args, message) => {
    const result = await run(["tail", ...args, fileWith("1\n")]);
    expect(result).toMatchObject({
      stdout: "",
      stderr: `logship: fatal: unable to ${message}\n`,
      exitCode: 100,
    });
  });

  test("shows times as the command line says, whatever a variable says", async () => {
    const path = fileWith("@4000000058779c4a00000000 a\n");
    const env = { LOGSHIP_UTC: "yes" };
    expect((await run(["tail", "--tai", path], { env })).stdout).toBe("@4000000058779c4a00000000 a\n");
    expect((await run(["tail", path], { env })).stdout).toBe("2017-01-12 15:09:52.000000000 a\n");
  });
});
