import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { type Stage, sentTo } from "./stage.ts";
import { peer, type Table } from "./table.ts";

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

export async function records(table: Table, stage: Stage): Promise<void> {
  await generated(table);
  await split(table, stage);
  await run(table, stage);
}

async function generated(table: Table): Promise<void> {
  for (const format of ["json", "combined"]) {
    const generate = [executable, "generate", "--seed", "1", "--start", "2017-01-12T14:36:56Z"];
    const command = [...generate, "--format", format, "--records", String(GENERATED_RECORDS)];
    const bytes = Number(Bun.spawnSync(["sh", "-c", '"$0" "$@" | wc -c', ...command]).stdout.toString());
    const line = "x".repeat(Math.round(bytes / GENERATED_RECORDS) - 1);
    const yes = ["-c", 'yes "$0" | head -n "$1"', line, String(GENERATED_RECORDS)];
    const flog = ["-f", format === "json" ? "json" : "apache_combined", "-n", String(GENERATED_RECORDS)];
    await table.add({
      name: `generate --format ${format}, ${GENERATED_RECORDS / 1e6} million records to /dev/null`,
      amount: bytes / 1e6,
      unit: "MB/s",
      contenders: [
        { name: "logship generate", command },
        { name: "yes (one line)", command: ["sh", ...yes] },
        peer("flog", flog, "go install github.com/mingrammer/flog; Debian's flog is another program"),
      ],
    });
  }
}

async function split(table: Table, stage: Stage): Promise<void> {
  const input = stage.lines("whole", SPLIT_MEGABYTES, 200);
  const out = join(stage.directory, "pieces");
  const fresh = 'rm -rf "$0" && mkdir "$0" && exec "$@"';
  const within = (command: readonly string[]) => ["sh", "-c", fresh, out, ...command];
  for (const limit of [
    ["-C", "16M"],
    ["-l", "100000"],
  ]) {
    const args = [...limit, input, join(out, "x.")];
    await table.add({
      name: `split ${limit.join(" ")}, 1 GB on tmpfs`,
      amount: SPLIT_MEGABYTES,
      unit: "MB/s",
      contenders: [
        { name: "logship split", command: within([executable, "split", ...args]) },
        peer("split", args, "GNU coreutils", within),
      ],
    });
  }
  rmSync(input);
  rmSync(out, { recursive: true });
}

/** Generating, splitting and uploading, which the peers do by files on tmpfs. */
async function run(table: Table, stage: Stage): Promise<void> {
  const endpoint = await stage.startServer("http");
  const out = join(stage.directory, "batch");
  mkdirSync(out);
  const rclone = `env -u AWS_CA_BUNDLE rclone copy --config /dev/null --transfers 16 "$0" ":s3,provider=Other,env_auth=true,endpoint='$AWS_ENDPOINT_URL_S3':bucket"`;
  const s5cmd = `s5cmd --endpoint-url "$AWS_ENDPOINT_URL_S3" --numworkers 16 cp "$0/" s3://bucket/ >/dev/null`;
  const upload = Bun.which("s5cmd") === null ? rclone : s5cmd;
  const scripted = `rm -rf "$0" && mkdir "$0" && awk "$1" | split -C 2M - "$0/x." && ${upload}`;
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
  await table.add({
    name: "run, 1 GB generated, split and uploaded, http",
    amount: RUN_BYTES / 1e6,
    unit: "MB/s",
    env: stage.environment(endpoint),
    contenders: [
      { name: "logship run", command: [executable, ...logship] },
      {
        name: `awk, split, ${upload === rclone ? "rclone" : "s5cmd"}`,
        command: ["bash", "-o", "pipefail", "-c", scripted, out, AWK],
      },
    ],
    async check(name) {
      const { bytes } = await sentTo(endpoint);
      if (Math.abs(bytes - RUN_BYTES) > 1_000_000) throw new Error(`${name} stored ${bytes} bytes`);
    },
  });
  rmSync(out, { recursive: true });
}
