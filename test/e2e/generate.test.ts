import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, run, start } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { AT_ONCE_MS, until } from "../support/until.ts";

const REPEATABLE = ["--seed", "7", "--start", "2017-01-12T14:36:56Z"];
const FIELDS = [
  "time",
  "remote_addr",
  "remote_user",
  "body_bytes_sent",
  "request_time",
  "status",
  "request",
  "request_method",
  "http_referrer",
  "http_user_agent",
];

/** Runs a line of shell in which `$logship` is the program; standard error goes to the result too. */
async function shell(line: string, stdin: Uint8Array | "ignore" = "ignore") {
  const cwd = temporaryDirectory("shell");
  const env = { PATH: process.env.PATH ?? "", logship: executable, HOME: cwd, TZ: "America/Sao_Paulo" };
  const child = Bun.spawn(["bash", "-c", line], { cwd, env, stdin, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode, cwd };
}

test.each(["json", "combined", "nginx-json", "script"])(
  "generate writes %s again byte for byte with the same seed and start",
  async (format) => {
    const args = ["generate", "--format", format, "--records", "5000", ...REPEATABLE];
    const [one, two] = await Promise.all([run(args), run(args)]);
    expect(one.exitCode).toBe(0);
    expect(one.stdout.length).toBeGreaterThan(1_000_000);
    expect(two.stdout).toBe(one.stdout);
  },
);

test("generate without a seed writes something else each time", async () => {
  const [one, two] = await Promise.all([1, 2].map(() => run(["generate", "--records", "5", "--start", "0"])));
  expect(one!.stdout).not.toBe(two!.stdout);
});

const READERS: Record<string, string> = {
  json: "records = [json.loads(line) for line in sys.stdin]",
  "nginx-json": "records = [json.loads('{' + line + '}') for line in sys.stdin]",
  script: "records = [json.loads(text + '}') for text in sys.stdin.read().split('\\n}\\n')[:-1]]",
  combined: `
import re
line = re.compile(r'(\\S+) - (\\S+) \\[([^]]+)\\] "([^"]*)" (\\d{3}) (\\d+) "([^"]*)" "([^"]*)"\\n')
def plain(text): return re.sub(rb'\\\\x([0-9A-F]{2})', lambda m: bytes([int(m[1], 16)]), text.encode()).decode()
matches = [line.fullmatch(text) for text in sys.stdin]
records = [dict(zip(${JSON.stringify(FIELDS)}, [m[3], m[1], plain(m[2]), m[6], '0', m[5], plain(m[4]), plain(m[4]).split()[0], plain(m[7]), plain(m[8])])) for m in matches]`,
};
const SUMMARY = `
assert all(list(r) == ${JSON.stringify(FIELDS)} for r in records)
assert all(isinstance(v, str) for r in records for v in r.values())
assert all(r['request'].split(' ')[0] == r['request_method'] for r in records)
assert all(100 <= int(r['status']) < 600 and int(r['body_bytes_sent']) >= 0 and float(r['request_time']) >= 0 for r in records)
for r in records: ipaddress.ip_address(r['remote_addr'])
digest = hashlib.sha256()
for r in records: digest.update(repr([r[f].replace(' /empresa', '') for f in ${JSON.stringify(FIELDS.filter((name) => name !== "time" && name !== "request_time"))}]).encode())
print(len(records), sum('"' in r['request'] for r in records) > 0, sum('\\\\' in r['http_user_agent'] for r in records) > 0, digest.hexdigest())`;

test.skipIf(!needs("python3"))("Python reads the same 20 000 requests from every format", async () => {
  const summaries = await Promise.all(
    Object.entries(READERS).map(async ([format, reader]) => {
      const program = `import sys, json, hashlib, ipaddress\n${reader}\n${SUMMARY}`;
      const file = join(temporaryDirectory("reader"), "read.py");
      writeFileSync(file, program);
      const line = `"$logship" generate --format ${format} --records 20000 ${REPEATABLE.join(" ")} | python3 ${file}`;
      const { stdout, stderr } = await shell(line);
      expect(stderr).toBe("");
      return stdout;
    }),
  );
  expect(summaries[0]).toStartWith("20000 True True ");
  expect(new Set(summaries).size).toBe(1);
});

test.skipIf(!needs("jq"))("jq reads the json format and finds ten texts in each record", async () => {
  const line = `"$logship" generate --records 20000 | jq -s -c '[length, (map(length) | unique), (map(.[]|type) | unique)]'`;
  expect((await shell(line)).stdout).toBe('[20000,[10],["string"]]\n');
});

test("generate never sets the time back and never ahead", async () => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { stdout } = await run(["generate", "--duration", "1500ms", "--rate", "2000/s"]);
  const times = stdout
    .trimEnd()
    .split("\n")
    .map((line) => Date.parse(JSON.parse(line).time));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
  expect(new Set(times).size).toBeGreaterThanOrEqual(2);
});

test("generate --rate is real: within 1 % over 10 seconds, and records come all the time", async () => {
  const startedAt = performance.now();
  const generating = start(["generate", "--format", "combined", "--rate", "500/s", "--duration", "10s"]);
  const counts: number[] = [];
  const sampler = setInterval(() => counts.push(generating.stdout.split("\n").length - 1), 500);
  const { stdout, exitCode } = await generating.result;
  clearInterval(sampler);
  expect(exitCode).toBe(0);
  expect(performance.now() - startedAt).toBeWithin(9_900, AT_ONCE_MS);
  expect(stdout.split("\n").length - 1).toBe(5000);
  expect(new Set(counts).size).toBeGreaterThan(8);
});

test("generate --bytes ends with a whole record below the size", async () => {
  const { stdout } = await run(["generate", "--bytes", "100k", ...REPEATABLE]);
  expect(stdout.length).toBeWithin(100 * 1024 - 2048, 100 * 1024 + 1);
  expect(stdout).toEndWith('"}\n');
});

test("generate --bytes without room for a record is a usage error", async () => {
  const first = (await run(["generate", "--records", "1", ...REPEATABLE])).stdout;
  const result = await run(["generate", "--bytes", String(first.length - 1), ...REPEATABLE]);
  const message = `unable to fit a record into ${first.length - 1} bytes: the next one has ${first.length}`;
  expect(result).toMatchObject({ stdout: "", stderr: `logship: fatal: ${message}\n`, exitCode: 100 });
  const fitting = await run(["generate", "--bytes", String(first.length), ...REPEATABLE]);
  expect(fitting).toMatchObject({ stdout: first, stderr: "", exitCode: 0 });
});

test("generate takes --start in the zone, and moves on by --step", async () => {
  const args = ["generate", "--start", "2017-01-12T14:36:56", "--step", "500ms", "--records", "3"];
  const times = async (zone: string, env = {}) => {
    const { stdout } = await run([...args, "--timezone", zone], { env });
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).time);
  };
  expect(await times("America/Sao_Paulo")).toEqual([
    "2017-01-12T14:36:56-02:00",
    "2017-01-12T14:36:56-02:00",
    "2017-01-12T14:36:57-02:00",
  ]);
  expect((await times("local", { TZ: "Asia/Kathmandu" }))[0]).toBe("2017-01-12T14:36:56+05:45");
  expect((await times("utc", { TZ: "Asia/Kathmandu" }))[0]).toBe("2017-01-12T14:36:56+00:00");
  expect((await times("<-03>3"))[0]).toBe("2017-01-12T14:36:56-03:00");
});

test.each([
  [
    ["--timezone", "Mars/Olympus"],
    "--timezone Mars/Olympus: must be a time zone such as Europe/Lisbon or <-03>3",
  ],
  [["--start", "noon"], "--start noon: must be a time such as 2017-01-12T14:36:56Z, or Unix seconds"],
  [["--rate", "0"], "--rate 0: must be a rate such as 100/s"],
  [["--format", "xml"], "--format xml: must be one of json, combined, nginx-json, script"],
  [["--records", "1.5"], "--records 1.5: must be a whole number, 1 or more"],
  [["--seed", "-1"], "--seed -1: must be a whole number, 0 or more"],
  [["--duration", "0"], "--duration 0: must be longer than 0"],
  [["--step", "soon"], "--step soon: must be a duration such as 100us, 1ms or 2s, at least 1us"],
  [["--step", "0"], "--step 0: must be a duration such as 100us, 1ms or 2s, at least 1us"],
  [["--step", "0.0004ms"], "--step 0.0004ms: must be a duration such as 100us, 1ms or 2s, at least 1us"],
  [["--bytes", "1 "], "--bytes 1 : must be a size such as 500k or 2M, at least 1"],
])("generate %p is a usage error and writes nothing", async (args, reason) => {
  const { stdout, stderr, exitCode } = await run(["generate", ...args]);
  expect(stdout).toBe("");
  expect(stderr).toBe(`logship: fatal: unable to parse ${reason}\n`);
  expect(exitCode).toBe(100);
});

test("generate ends quietly with 0 when its reader goes away", async () => {
  const { stdout, stderr } = await shell(`"$logship" generate | head -n 3 | wc -l; echo "\${PIPESTATUS[@]}"`);
  expect(stderr).toBe("");
  expect(stdout).toBe("3\n0 0 0\n");
});

test("generate at a slow rate notices that its reader has gone", async () => {
  const { stdout } = await shell(
    `"$logship" generate --rate 50/s | head -n 1 | wc -l; echo "\${PIPESTATUS[0]}"`,
  );
  expect(stdout).toBe("1\n0\n");
});

test("generate says that the disk is full and exits 111", async () => {
  const { stderr, exitCode } = await shell(`"$logship" generate > /dev/full`);
  expect(stderr).toBe("logship: fatal: unable to write to standard output: out of disk space\n");
  expect(exitCode).toBe(111);
});

test.skipIf(!needs("python3"))(
  "generate loses nothing on a pipe that is non-blocking and read slowly",
  async () => {
    const reader = `
import os, sys, time, fcntl, subprocess, hashlib
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETFL, fcntl.fcntl(w, fcntl.F_GETFL) | os.O_NONBLOCK)
p = subprocess.Popen([os.environ['logship'], 'generate', '--records', '3000', '--seed', '7', '--start', '0'], stdout=w)
os.close(w)
digest = hashlib.sha256()
while True:
    chunk = os.read(r, 50000)
    if not chunk: break
    digest.update(chunk)
    time.sleep(0.01)
print(p.wait(), digest.hexdigest())`;
    const file = join(temporaryDirectory("slow"), "slow.py");
    writeFileSync(file, reader);
    const [slow, plain] = await Promise.all([
      shell(`python3 ${file}`),
      shell(`"$logship" generate --records 3000 --seed 7 --start 0 | sha256sum | cut -d' ' -f1`),
    ]);
    expect(slow.stderr).toBe("");
    expect(slow.stdout).toBe(`0 ${plain.stdout}`);
  },
);

test.each(["SIGTERM", "SIGINT"] as const)("%s ends generate at once", async (signal) => {
  for (const args of [["--rate", "1/h"], []]) {
    const generating = start(["generate", ...args]);
    await until("the first record", () => generating.stdout.includes("\n"));
    generating.kill(signal);
    const { exitCode, stderr } = await generating.result;
    expect(stderr).toBe("");
    expect(exitCode).toBe(signal === "SIGTERM" ? 143 : 130);
  }
});

test.skipIf(!needs("strace"))("generate opens no file for writing", async () => {
  const cwd = temporaryDirectory("strace");
  const trace = join(cwd, "trace");
  await run(["generate", "--records", "1000"], {
    cwd,
    under: ["strace", "-f", "-e", "trace=open,openat,creat", "-o", trace],
  });
  const writes = readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => /O_WRONLY|O_RDWR|O_CREAT/.test(line) && !line.includes("/dev/"));
  expect(writes).toEqual([]);
});

test("generate keeps its memory below 90 MiB however much it writes", async () => {
  const cwd = temporaryDirectory("memory");
  const fifo = join(cwd, "fifo");
  expect(Bun.spawnSync(["mkfifo", fifo]).exitCode).toBe(0);
  const child = Bun.spawn(["sh", "-c", `exec "${executable}" generate --records 2000000 > "${fifo}"`], {
    cwd,
  });
  const fd = openSync(fifo, "r");
  const buffer = Buffer.alloc(1 << 20);
  let records = 0;
  let peakKiB = 0;
  for (let bytes = readSync(fd, buffer); bytes > 0; bytes = readSync(fd, buffer)) {
    for (let at = buffer.indexOf(10); at >= 0 && at < bytes; at = buffer.indexOf(10, at + 1)) records++;
    if (records % 100 < 20) {
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      peakKiB = Math.max(peakKiB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    }
  }
  closeSync(fd);
  expect(await child.exited).toBe(0);
  expect(records).toBe(2_000_000);
  expect(peakKiB / 1024).toBeWithin(20, 90);
});
