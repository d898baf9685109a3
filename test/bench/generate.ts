/**
 * `bun test/bench/generate.ts`: how fast generate is, beside programs that do less: `yes` repeats one such line, `seq`
 * writes numbers, and the awk script is the generator that a person writes in five minutes. Rates are per CPU second;
 * the ratio compares bytes with `yes` in the same run.
 */
import { executable } from "../support/logship.ts";
import { measure, row } from "./measure.ts";

const RECORDS = 6_000_000;
const RECORDS_OF_AWK = 200_000;
const TIMES = 3;

const AWK = `BEGIN {
  srand(7); split("200 304 404 500", status, " "); q = "\\""
  for (i = 0; i < ${RECORDS_OF_AWK}; i++) {
    printf "{%stime%s:%s2017-01-12T14:36:56+00:00%s,", q, q, q, q
    printf "%sremote_addr%s:%s%d.%d.%d.%d%s,", q, q, q, rand() * 223, rand() * 256, rand() * 256, rand() * 256, q
    printf "%sbody_bytes_sent%s:%s%d%s,%srequest_time%s:%s%.3f%s,", q, q, q, rand() * 40000, q, q, q, q, rand(), q
    printf "%sstatus%s:%s%s%s,%srequest%s:%sGET /products/%d HTTP/1.1%s}\\n", q, q, q, status[int(rand() * 4) + 1], q, q, q, q, rand() * 48000, q
  }
}`;

const generate = (format: string) => [
  executable,
  "generate",
  "--format",
  format,
  "--records",
  String(RECORDS),
];
const [line = ""] = outputOf([...generate("json").slice(0, -1), "1"]).split("\n");

const contenders: [name: string, records: number, command: string[]][] = [
  ["yes, one line", RECORDS, ["sh", "-c", 'yes "$0" | head -n "$1"', line, String(RECORDS)]],
  ["seq, numbers", 10 * RECORDS, ["seq", String(10 * RECORDS)]],
  ["awk, five fields", RECORDS_OF_AWK, ["awk", AWK]],
  ["logship json", RECORDS, generate("json")],
  ["logship combined", RECORDS, generate("combined")],
  ["logship nginx-json", RECORDS, generate("nginx-json")],
  ["logship script", RECORDS, generate("script")],
];

/** The processor time of `cat` does not count: it is not waited for. */
const intoPipe = (command: string[]) => [
  "bash",
  "-c",
  'exec "$@" > >(exec cat > /dev/null)',
  "bash",
  ...command,
];

for (const [sink, wrap] of [
  ["/dev/null", (command: string[]) => command],
  ["a pipe to cat", intoPipe],
] as const) {
  row(`to ${sink}`, "M records/s", "MB/s", "ratio", "MiB RSS");
  let peer = 0;
  for (const [name, records, command] of contenders) {
    const { cpuMs, peakMiB } = await measure(wrap(command), {}, TIMES);
    const bytesPerMs = Number(outputOf(["sh", "-c", '"$0" "$@" | wc -c', ...command])) / cpuMs;
    peer ||= bytesPerMs;
    const rates = [records / cpuMs / 1000, bytesPerMs / 1000, bytesPerMs / peer, peakMiB];
    row(name, ...rates.map((rate, column) => rate.toFixed(column % 2 === 0 ? 2 : 0)));
  }
  process.stdout.write("\n");
}

function outputOf(command: string[]): string {
  return Bun.spawnSync(command).stdout.toString();
}
