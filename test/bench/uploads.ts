import { executable } from "../support/logship.ts";
import { INSTALL, peer } from "./peer.ts";
import { type Stage, sentTo } from "./stage.ts";
import type { Contender, Rows, Work } from "./table.ts";

const AT_ONCE = "16";

type Name = "s5cmd" | "rclone" | "aws" | "s3cmd";

/** `upload` beside the programs that people upload with; each as its users would start it. */
export const uploads: Rows = {
  "upload 1000 x 100 KB, http": (stage) =>
    race(stage, "http", 1000, 100_000, {
      s5cmd: { cpu: 2, wall: 1.25 },
      rclone: {},
      aws: {},
      s3cmd: {},
    }),
  "upload 1000 x 100 KB, https": (stage) =>
    race(stage, "https", 1000, 100_000, { s5cmd: { cpu: 1.67 }, rclone: {}, aws: {} }),
  "upload 200 x 8 MB, http": (stage) =>
    race(stage, "http", 200, 8_000_000, { s5cmd: { cpu: 2 }, rclone: { cpu: 2 } }),
  "upload 2 GB, --concurrency 4": (stage) => inParts(stage, 1, 2_000_000_000),
  "upload 4 x 500 MB, --concurrency 4": (stage) => inParts(stage, 4, 500_000_000),
};

async function race(
  stage: Stage,
  scheme: "http" | "https",
  count: number,
  bytes: number,
  peers: Partial<Record<Name, NonNullable<Contender["aim"]>>>,
): Promise<Work> {
  const path = stage.files(count, bytes);
  const endpoint = await stage.startServer(scheme);
  const uploaders = uploadersOf(path, endpoint, stage.certificate);
  return {
    amount: count,
    unit: "objects/s",
    env: stage.environment(endpoint),
    contenders: [
      {
        name: "logship upload",
        command: [executable, "upload", "--concurrency", AT_ONCE, "--to", "s3://bucket", path],
      },
      ...Object.entries(peers).map(([name, aim]) => ({ ...uploaders[name as Name], aim })),
    ],
    async check(name) {
      const { objects } = await sentTo(endpoint);
      if (objects !== count) throw new Error(`${name} stored ${objects} objects of ${count}`);
    },
  };
}

function uploadersOf(path: string, endpoint: string, certificate: string): Record<Name, Contender> {
  const { host, protocol } = new URL(endpoint);
  const remote = `:s3,provider=Other,env_auth=true,endpoint='${endpoint}':bucket`;
  const tls = protocol === "https:" ? ["--ssl", `--ca-certs=${certificate}`] : ["--no-ssl"];
  const s3cmd = [`--host=${host}`, `--host-bucket=${host}`, ...tls, "--access_key=k", "--secret_key=s"];
  const rclone = ["copy", "--config", "/dev/null", "--transfers", AT_ONCE, "--ca-cert", certificate];
  const s5cmd = ["--endpoint-url", endpoint, "--numworkers", AT_ONCE];
  return {
    s5cmd: peer("s5cmd", [...s5cmd, "cp", `${path}/`, "s3://bucket/"], INSTALL.s5cmd),
    rclone: peer("rclone", [...rclone, path, remote], INSTALL.rclone, {}, withoutBundle),
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

/** rclone takes its certificates by an option and does not bear the variable. */
function withoutBundle(command: readonly string[]): readonly string[] {
  return ["env", "-u", "AWS_CA_BUNDLE", ...command];
}

/** Files in parts: what of them is in memory. */
async function inParts(stage: Stage, count: number, bytes: number): Promise<Work> {
  const path = stage.files(count, bytes);
  const endpoint = await stage.startServer("http");
  return {
    amount: (count * bytes) / 1e6,
    unit: "MB/s",
    env: stage.environment(endpoint),
    contenders: [
      {
        name: "logship upload",
        command: [executable, "upload", "--concurrency", "4", "--to", "s3://bucket", path],
      },
    ],
    limit: { peakMiB: 124 },
    async check(name) {
      const { bytes: sent } = await sentTo(endpoint);
      if (sent !== count * bytes) throw new Error(`${name} stored ${sent} bytes`);
    },
  };
}
