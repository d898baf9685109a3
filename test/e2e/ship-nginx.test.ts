/** logship ship beside a real nginx and a real logrotate: each request is stored once. */
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot, needs } from "../support/needs.ts";
import { freePort } from "../support/port.ts";
import { Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

const isPossible = needs("nginx", "logrotate") && isRoot();
const ROUNDS = 4;
const REQUESTS = 40;

/** What differs between hosts in /etc/logrotate.d/nginx. */
const WAYS: readonly (readonly [name: string, directives: string])[] = [
  ["renamed and compressed a rotation later", "compress\n delaycompress"],
  ["renamed and compressed at once", "compress"],
  ["copied and emptied", "copytruncate"],
];

/** nginx in a directory, as its package runs it: with workers that open their log again on USR1. */
async function startNginx(directory: string) {
  const port = await freePort();
  const logs = join(directory, "logs");
  mkdirSync(logs);
  chmodSync(logs, 0o755);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; user root; worker_processes 2; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
  ${paths.join(" ")}
  access_log ${logs}/access.log;
  server { listen 127.0.0.1:${port}; location / { return 204; } }
}
`,
  );
  const command = ["nginx", "-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`];
  const server = Bun.spawn(command, { stderr: "ignore" });
  await until("nginx answering", () => fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false));
  return { server, logs, get: (path: string) => fetch(`http://127.0.0.1:${port}/${path}`) };
}

/**
 * Has nginx open its log again, and waits until its workers have: what they write to the old file meanwhile is lost to
 * whoever ships, if logrotate compresses it at once.
 */
function reopening(directory: string): string {
  const isOld = `readlink /proc/$p/fd/* | grep -q access.log.1`;
  return `nginx=$(cat ${directory}/pid); kill -USR1 $nginx
 for p in $(cat /proc/$nginx/task/$nginx/children); do while ${isOld}; do sleep 0.01; done; done`;
}

/** nginx answers before it writes its line, which logrotate may lose if it comes between its copy and its emptying. */
async function untilLogged(log: string, first: number, end: number): Promise<void> {
  const paths = Array.from({ length: end - first }, (_, index) => ` /request-${first + index}. `);
  await until("nginx having logged", () => {
    const text = readFileSync(log, "latin1");
    return paths.every((path) => text.includes(path));
  });
}

async function rotate(directory: string, logs: string, directives: string): Promise<void> {
  const config = join(directory, "logrotate.conf");
  const reopen = directives.includes("copytruncate")
    ? ""
    : `postrotate\n ${reopening(directory)}\n endscript`;
  writeFileSync(
    config,
    `${logs}/*.log {\n rotate 9\n missingok\n su root root\n ${directives}\n sharedscripts\n ${reopen}\n}\n`,
  );
  chmodSync(config, 0o644);
  const child = Bun.spawn(["logrotate", "-f", "-s", join(directory, "status"), config], { stderr: "pipe" });
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["", 0]);
}

describe.skipIf(!isPossible)("requests to nginx, whose log logrotate has", () => {
  test.each(WAYS)("%s, are each stored once, logship running or not", async (_, directives) => {
    const shipment = new Shipment();
    const nginx = await startNginx(shipment.directory);
    const log = join(nginx.logs, "access.log");
    const pattern = join(nginx.logs, "*access.log");
    let count = 0;
    const requests = async () => {
      const first = count;
      while (count < first + REQUESTS) await nginx.get(`request-${count++}.`);
      await untilLogged(log, first, count);
    };
    await shipment.once([log]);
    for (let round = 0; round < ROUNDS; round++) {
      const isRunning = round % 2 === 0;
      const logship = isRunning ? shipment.start([pattern]) : undefined;
      await requests();
      await rotate(shipment.directory, nginx.logs, directives);
      await requests();
      await rotate(shipment.directory, nginx.logs, directives);
      await requests();
      logship?.kill("SIGKILL");
      await logship?.result;
    }
    const last = await shipment.once([pattern]);
    expect([last.stderr, last.exitCode]).toEqual(["", 0]);
    nginx.server.kill();
    await nginx.server.exited;
    const numbers = [...shipment.text.matchAll(/ \/request-(\d+)\. /g)].map(([, number]) => Number(number));
    const expected = Array.from({ length: count }, (_, index) => index);
    expect({ files: readdirSync(nginx.logs).length > 1, numbers: numbers.toSorted((a, b) => a - b) }).toEqual(
      {
        files: true,
        numbers: expected,
      },
    );
    expect(readFileSync(join(shipment.directory, "error.log"), "utf8")).not.toContain("[emerg]");
  });
});
