import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { INSTALL, peer, peerPath } from "./peer.ts";
import { type Stage, sentTo } from "./stage.ts";
import type { Rows, Work } from "./table.ts";

const GENERATED_RECORDS = 3_000_000;
const RUN_BYTES = 1_000_000_000;
const SPLIT_MEGABYTES = 1000;

/** What a person writes in five minutes: five fields of a record. */
const AWK = `BEGIN {
  srand(7); split("200 304 404 500", status, " "); q = "\\""
  for (bytes = 0; bytes < ${RUN_BYTES}; ) {
    line = sprintf("{%stime%s:%s2017-01-12T14:36:56+00:00%s,%sremote_addr%s:%s%d.%d.%d.%d%s,%sbody_bytes_sent%s:%s%d%s,%sstatus%s:%s%s%s,%srequest%s:%sGET /products/%d HTTP/1.1%s}",
      q, q, q, q, q, q, q, rand() * 223, rand() * 256, rand() * 256, rand() * 256, q, q, q, q, rand() * 40000, q, q, q, q, status[int(rand() * 4) + 1], q, q, q, q, rand() * 48000, q)
    print line; bytes += length(line) + 1
  }
}`;

/** `generate`, `split` and `run` beside what people write for it. */
export const records: Rows = {
  "generate --format json": () => generated("json"),
  "generate --format combined": () => generated("combined"),
  "split -C 16M, 1 GB": (stage) => split(stage, ["-C", "16M"]),
  "split -l 100000, 1 GB": (stage) => split(stage, ["-l", "100000"]),
  "run, 1 GB generated, split and uploaded, http": run,
};

function generated(format: "json" | "combined"): Work {
  const generate = [executable, "generate", "--seed", "1", "--start", "2017-01-12T14:36:56Z"];
  const command = [...generate, "--format", format, "--records", String(GENERATED_RECORDS)];
  const bytes = Number(Bun.spawnSync(["sh", "-c", '"$0" "$@" | wc -c', ...command]).stdout.toString());
  const line = "x".repeat(Math.round(bytes / GENERATED_RECORDS) - 1);
  const yes = ["sh", "-c", 'yes "$0" | head -n "$1"', line, String(GENERATED_RECORDS)];
  const flog = ["-f", format === "json" ? "json" : "apache_combined", "-n", String(GENERATED_RECORDS)];
  return {
    amount: bytes / 1e6,
    unit: "MB/s",
    contenders: [
      { name: "logship generate", command },
      { name: "yes, one line, into head", command: yes, aim: { wall: 0.25 } },
      peer("flog", flog, "go install github.com/mingrammer/flog; Debian's flog is another program"),
    ],
  };
}

function split(stage: Stage, limit: readonly string[]): Work {
  const input = stage.lines(SPLIT_MEGABYTES, 200);
  const out = join(stage.directory, "pieces");
  const fresh = 'rm -rf "$0" && mkdir "$0" && exec "$@"';
  const within = (command: readonly string[]) => ["sh", "-c", fresh, out, ...command];
  const args = [...limit, input, join(out, "x.")];
  return {
    amount: SPLIT_MEGABYTES,
    unit: "MB/s",
    contenders: [
      { name: "logship split", command: within([executable, "split", ...args]) },
      peer("split", args, "GNU coreutils", { wall: 1, cpu: 1 }, within),
    ],
    profile:
      "reading and writing 1 GB are the kernel's and cost both the same; what is left is the start of logship's runtime, 0.03 s",
  };
}

/** Generating, splitting and uploading, which the peers do by files on tmpfs. */
async function run(stage: Stage): Promise<Work> {
  const endpoint = await stage.startServer("http");
  const out = join(stage.directory, "batch");
  const uploader = peerPath("s5cmd") === undefined ? "rclone" : "s5cmd";
  const uploads = {
    rclone: `env -u AWS_CA_BUNDLE rclone copy --config /dev/null --transfers 16 "$0" ":s3,provider=Other,env_auth=true,endpoint='$AWS_ENDPOINT_URL_S3':bucket"`,
    s5cmd: `s5cmd --endpoint-url "$AWS_ENDPOINT_URL_S3" --numworkers 16 cp "$0/" s3://bucket/ >/dev/null`,
  };
  const script = `rm -rf "$0" && mkdir "$0" && awk "$1" | split -C 2M - "$0/x." && ${uploads[uploader]}`;
  const scripted = ["-o", "pipefail", "-c", script, out, AWK];
  const logship = [
    "run",
    "--once",
    "--concurrency",
    "16",
    "--bytes",
    String(RUN_BYTES),
    "--to",
    "s3://bucket",
  ];
  return {
    amount: RUN_BYTES / 1e6,
    unit: "MB/s",
    env: stage.environment(endpoint),
    contenders: [
      { name: "logship run", command: [executable, ...logship] },
      {
        name: `awk, split, ${uploader}`,
        command: peerPath(uploader) === undefined ? undefined : ["bash", ...scripted],
        install: INSTALL[uploader],
        aim: { wall: 8, cpu: 8 },
      },
    ],
    limit: { cpuSeconds: 3 },
    profile:
      "of logship's processor time a third makes records, a fifth is the SHA-256 that a server without TLS verifies, a quarter is the kernel's, which copies and carries 1 GB over loopback, a sixth copies pieces into requests, and a tenth is the compiler's and the collector's. The peer spends more than half of its time in awk, which writes five fields for logship's ten",
    async check(name) {
      const { bytes } = await sentTo(endpoint);
      if (Math.abs(bytes - RUN_BYTES) > 1_000_000) throw new Error(`${name} stored ${bytes} bytes`);
    },
  };
}
