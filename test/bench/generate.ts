/**
 * How fast dist/logship generates records, beside programs that do less: `npm run -s build && bun test/bench/generate.ts`.
 *
 * CPU seconds (user and system) count, not the time on the clock, as the best of some runs; all in the same order again
 * and again, so that whatever else the machine does meets all of them. The last column compares bytes per CPU second
 * with the first peer.
 */
import { join } from "node:path";

const logship = join(import.meta.dir, "../../dist/logship");
const ROUNDS = Number(process.argv[2] ?? 5);
const RECORDS = 3_000_000;
const RECORDS_OF_AWK = 200_000;

const [line = ""] = Bun.spawnSync([logship, "generate", "--records", "1", "--seed", "7", "--start", "0"])
  .stdout.toString()
  .split("\n");

/** The simplest generator that a person would write: each record from a template, with numbers from a random source. */
const AWK = `BEGIN {
  srand(7); split("200 304 404 500", status, " ")
  for (i = 0; i < ${RECORDS_OF_AWK}; i++)
    printf "{\\"time\\":\\"2017-01-12T14:36:56+00:00\\",\\"remote_addr\\":\\"%d.%d.%d.%d\\",\\"remote_user\\":\\"-\\",\\"body_bytes_sent\\":\\"%d\\",\\"request_time\\":\\"%.3f\\",\\"status\\":\\"%s\\",\\"request\\":\\"GET /products/%d HTTP/1.1\\",\\"request_method\\":\\"GET\\",\\"http_referrer\\":\\"https://www.example.com/\\",\\"http_user_agent\\":\\"Mozilla/5.0 (X11; Linux x86_64; rv:50.0) Gecko/20100101 Firefox/50.0\\"}\\n", rand()*223, rand()*256, rand()*256, rand()*256, rand()*40000, rand(), status[int(rand()*4)+1], rand()*48000
}`;

interface Contender {
  readonly name: string;
  readonly command: string[];
  readonly records: number;
}

const generate = (format: string) => [logship, "generate", "--format", format, "--records", String(RECORDS)];
const contenders: Contender[] = [
  {
    name: "yes (one line for ever)",
    command: ["sh", "-c", 'yes "$0" | head -n "$1"', line, String(RECORDS)],
    records: RECORDS,
  },
  { name: "seq (numbers only)", command: ["seq", String(10 * RECORDS)], records: 10 * RECORDS },
  { name: "awk (template)", command: ["awk", AWK], records: RECORDS_OF_AWK },
  ...["json", "combined", "nginx-json", "script"].map((format) => ({
    name: `logship ${format}`,
    command: generate(format),
    records: RECORDS,
  })),
];
const sinks = ["/dev/null", "| cat"] as const;

interface Measured {
  seconds: number;
  readonly bytes: number;
}

/** CPU seconds of a command that writes to a sink. */
function measure({ command }: Contender, sink: (typeof sinks)[number]): number {
  const redirect = sink === "/dev/null" ? "> /dev/null" : "| cat > /dev/null";
  // bash's own `times` cannot tell the two sides of a pipe apart, so the command reports its own.
  const child = Bun.spawnSync(["bash", "-c", `{ "$@"; times >&2; } ${redirect}`, "bash", ...command], {
    stderr: "pipe",
    stdout: "ignore",
    stdin: "ignore",
  });
  const [, ofChildren = ""] = child.stderr.toString().trim().split("\n").slice(-2);
  const times = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}

function bytesOf({ command }: Contender): number {
  const { stdout } = Bun.spawnSync(["bash", "-c", '"$@" | wc -c', "bash", ...command]);
  return Number(stdout.toString());
}

for (const sink of sinks) {
  const results = contenders.map(
    (contender): Measured => ({ seconds: Number.POSITIVE_INFINITY, bytes: bytesOf(contender) }),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, contender] of contenders.entries())
      results[index]!.seconds = Math.min(results[index]!.seconds, measure(contender, sink));
  const peer = results[0]!;
  const rows = contenders.map(({ name, records }, index) => {
    const { seconds, bytes } = results[index]!;
    const ratio = bytes / seconds / (peer.bytes / peer.seconds);
    const columns = [records / seconds / 1e6, bytes / seconds / 1e6, ratio].map((value, column) =>
      value.toFixed(column === 1 ? 0 : 2).padStart(12),
    );
    return name.padEnd(26) + columns.join("");
  });
  const header = `${`to ${sink}`.padEnd(26)}   M records/s        MB/s       ratio`;
  process.stdout.write(`${[header, ...rows].join("\n")}\n\n`);
}
