import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FORMAT, type FormatName } from "../../src/access-log/format.ts";
import { needs } from "../support/needs.ts";
import { freePort } from "../support/port.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";

const hasNginx = needs("nginx");
const directory = temporaryDirectory("nginx");
const port = await freePort();
let server: Bun.Subprocess | undefined;

const NGINX_JSON = [
  '"time": "$time_iso8601"',
  '"remote_addr": "$remote_addr"',
  '"remote_user": "$remote_user"',
  '"body_bytes_sent": "$body_bytes_sent"',
  '"request_time": "$request_time"',
  '"status": "$status"',
  '"request": "$request"',
  '"request_method": "$request_method"',
  '"http_referrer": "$http_referer"',
  '"http_user_agent": "$http_user_agent"',
].join(", ");

beforeAll(async () => {
  if (!hasNginx) return;
  const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
  ${temporaryPaths.join(" ")}
  log_format nginx-json escape=json '${NGINX_JSON}';
  access_log ${directory}/combined;
  access_log ${directory}/nginx-json nginx-json;
  server { listen 127.0.0.1:${port}; location / { return 404; } }
}
`,
  );
  const command = ["nginx", "-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`];
  server = Bun.spawn(command, { env: { ...process.env, TZ: "America/Sao_Paulo" }, stderr: "ignore" });
  await until("nginx answering", () => fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false));
  // A request is logged behind its answer, and must not be taken for the next one.
  for (const log of ["combined", "nginx-json"])
    await until("the first request in the log", () =>
      readFileSync(join(directory, log), "latin1").endsWith("\n"),
    );
});
afterAll(async () => {
  server?.kill();
  await server?.exited;
});

/** Sends a request as it is and returns when it has been answered. */
async function request(path: string, headers: string[]): Promise<void> {
  const answered = Promise.withResolvers<void>();
  const lines = [`GET ${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", ""];
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data() {}, close: () => answered.resolve(), error: (_, error) => answered.reject(error) },
  });
  socket.write(Buffer.from(lines.join("\r\n"), "latin1"));
  await answered.promise;
}

/** What nginx has just logged, and the same request in our words. */
async function logged(name: FormatName, path: string, referrer: string, userAgent: string) {
  const file = join(directory, name);
  const before = readFileSync(file).length;
  await request(path, [`Referer: ${referrer}`, `User-Agent: ${userAgent}`]);
  const line = await until("a record", () => readFileSync(file).subarray(before).toString("latin1"));
  const format = FORMAT[name];
  const unixSeconds = Math.floor(Date.now() / 1000);
  const period = { offsetSeconds: -3 * 3600, from: -Infinity, until: Infinity };
  const visitor = format.visitor("127.0.0.1", "-");
  const parsed = { method: "GET", path, protocol: "HTTP/1.1", status: 404 };
  const texts = [format.head(parsed), format.tail(parsed)];
  const bytes = /"body_bytes_sent": "(\d+)"|404 (\d+) /.exec(line)!;
  const size = bytes[1] ?? bytes[2]!;
  const record = (time: string) =>
    format.order === "fields"
      ? [time, visitor, size, format.beforeDuration, "0.000", ...texts]
      : [visitor, time, ...texts, size, format.beforeReferrer];
  const end = [format.escape(referrer), format.agent(userAgent)];
  const ours = [unixSeconds - 1, unixSeconds].map((seconds) =>
    [...record(format.time(seconds, period)), ...end].join(""),
  );
  return { line: plain(line), ours };
}

/** With escape=json nginx leaves out what is missing; we write the `-` that it writes otherwise. */
function plain(line: string): string {
  return line.replace('"remote_user": ""', '"remote_user": "-"').replace(/("request_time": "0\.00)\d/, "$10");
}

/** All bytes that nginx takes in a header, and in the path of a request. */
const HEADER_BYTES = String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index + 1)).replace(
  /[\r\n]/g,
  "",
);
const PATH_BYTES = HEADER_BYTES.replace(/[^!-~\x80-\xff]|[#?%]/g, "");

test.skipIf(!hasNginx).each(["combined", "nginx-json"] as const)(
  "the format %s is byte for byte what nginx logs for the same request",
  async (name) => {
    const samples: [string, string, string][] = [
      ["/", "-", "curl/8.5.0"],
      ['/products/1"+or+"1"="7', "https://www.example.com/", '() { :; }; echo "a\\b"'],
      ["/search?q=caf\xc3\xa9\\x", 'http://a/"', "\t x \x7f"],
      [`/${PATH_BYTES}`, `a${HEADER_BYTES}b`, `a${HEADER_BYTES}b`],
    ];
    for (const [path, referrer, userAgent] of samples) {
      const { line, ours } = await logged(name, path, referrer, userAgent.trim());
      expect(ours).toContain(line);
    }
  },
);
