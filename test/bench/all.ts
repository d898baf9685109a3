/**
 * `npm run bench [-- ROUNDS]`: logship beside its peers, one table, in test/bench/RESULTS.md. The S3 server is a process of
 * its own that forgets what it is sent. Peers from Debian: awscli, rclone, s3cmd, daemontools, s6.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { runDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";
import { numberedLines } from "../support/stored-lines.ts";
import { selfSigned } from "../support/tls.ts";
import { type Contender, peer, Table } from "./table.ts";

const table = new Table(Number(process.argv[2] ?? 5));
const shared = mkdtempSync("/dev/shm/logship-bench-");
const { key, certificate } = selfSigned(["127.0.0.1"]);
const servers: Bun.Subprocess[] = [];
const credentials = {
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "k",
  AWS_SECRET_ACCESS_KEY: "s",
  NODE_EXTRA_CA_CERTS: certificate,
};

async function startServer(scheme: "http" | "https"): Promise<string> {
  const pem = scheme === "https" ? [key, certificate] : [];
  const server = Bun.spawn([process.execPath, join(import.meta.dir, "s3-server.ts"), ...pem], {
    stdout: "pipe",
  });
  servers.push(server);
  const { value } = await server.stdout.getReader().read();
  return `${scheme}://127.0.0.1:${Buffer.from(value!).toString().trim()}`;
}

function directoryOf(name: string, files: number, bytes: number): string {
  const directory = join(shared, name);
  mkdirSync(directory);
  const content = numberedLines(bytes / 100, 100);
  for (let index = 0; index < files; index++) writeFileSync(join(directory, `f${index}`), content);
  return directory;
}

/** Each as its users would start it, with 16 uploads at a time where that can be said. */
function uploaders(path: string, endpoint: string): Record<string, Contender> {
  const remote = `:s3,provider=Other,env_auth=true,endpoint='${endpoint}':bucket`;
  const rclone = ["copy", "--config", "/dev/null", "--transfers", "16", "--ca-cert", certificate];
  const host = new URL(endpoint).host;
  const s3cmd = ["--host", host, "--host-bucket", host, "--no-ssl", "--access_key=k", "--secret_key=s"];
  return {
    logship: {
      name: "logship",
      command: [executable, "upload", "--concurrency", "16", "--to", "s3://bucket", path],
    },
    s5cmd: {
      name: "s5cmd",
      command: [
        peer("s5cmd") ?? "",
        "--endpoint-url",
        endpoint,
        "--numworkers",
        "16",
        "cp",
        `${path}/`,
        "s3://bucket/",
      ],
      install: "s5cmd (from its releases, onto PATH)",
    },
    rclone: {
      name: "rclone",
      command: [peer("rclone") ?? "", ...rclone, path, remote],
      install: "rclone (apt-get install rclone)",
    },
    aws: {
      name: "aws s3 cp",
      command: [
        peer("aws") ?? "",
        "s3",
        "cp",
        "--endpoint-url",
        endpoint,
        "--ca-bundle",
        certificate,
        "--recursive",
        path,
        "s3://bucket/",
      ],
      install: "aws (apt-get install awscli)",
    },
    s3cmd: {
      name: "s3cmd put",
      command: [peer("s3cmd") ?? "", ...s3cmd, "put", "--recursive", `${path}/`, "s3://bucket/"],
      install: "s3cmd (apt-get install s3cmd)",
    },
  };
}

async function uploads(what: string, path: string, files: number, endpoint: string, peers: string[]) {
  const all = uploaders(path, endpoint);
  await table.add({
    name: `upload ${what}, ${new URL(endpoint).protocol.slice(0, -1)}`,
    amount: files,
    unit: "objects/s",
    env: { ...credentials, AWS_ENDPOINT_URL_S3: endpoint },
    contenders: ["logship", ...peers].map((name) => all[name]!),
    async check(name) {
      const response = await fetch(`${endpoint}/.counts`, { tls: { rejectUnauthorized: false } });
      const { objects } = (await response.json()) as { objects: number };
      if (objects !== files) throw new Error(`${name} stored ${objects} objects of ${files}`);
    },
  });
}

async function multilogs(megabytes: number): Promise<void> {
  const input = join(shared, "input");
  writeFileSync(input, numberedLines(megabytes * 5000, 200));
  const ours = join(standIns("multilog"), "multilog");
  const patterns = ["-*", "+* ERROR *", "+*line 0*", "-*GET /health*", "+*.*"];
  const regular = ["-", "+ ERROR ", "+line 0", "-GET /health", "+\\."];
  const shell = 'cd "$0" && rm -rf d && in=$1 && shift && exec "$@" <"$in" 2>/dev/null';
  const start = (program: string | undefined, script: string[]) =>
    program ? ["bash", "-c", shell, shared, input, program, ...script] : [""];
  for (const [name, script, s6] of [
    ["t ./d", ["t", "./d"], ["t", "./d"]],
    ["./d", ["./d"], ["./d"]],
    ["with five patterns", [...patterns, "./d"], [...regular, "./d"]],
  ] as const) {
    await table.add({
      name: `multilog ${name}, ${megabytes} MB of 200-byte lines`,
      amount: megabytes,
      unit: "MB/s",
      contenders: [
        { name: "logship", command: start(ours, [...script]) },
        {
          name: "daemontools",
          command: start(peer("multilog"), [...script]),
          install: "multilog (apt-get install daemontools)",
        },
        {
          name: "s6-log",
          command: start(peer("s6-log"), ["n10", "s99999", ...s6]),
          install: "s6-log (apt-get install s6)",
        },
      ],
    });
  }
}

try {
  const [http, https] = [await startServer("http"), await startServer("https")];
  const small = directoryOf("small", 1000, 100_000);
  await uploads("1000 x 100 KB", small, 1000, http, ["s5cmd", "rclone", "aws", "s3cmd"]);
  await uploads("1000 x 100 KB", small, 1000, https, ["s5cmd", "rclone", "aws"]);
  rmSync(small, { recursive: true });
  await uploads("40 x 8 MB", directoryOf("large", 40, 8_000_000), 40, http, ["s5cmd", "rclone"]);
  await multilogs(100);
} finally {
  for (const server of servers) server.kill();
  rmSync(shared, { recursive: true, force: true });
  rmSync(runDirectory, { recursive: true, force: true });
}
