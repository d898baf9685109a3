/** What a newcomer sees of `npm start` before anything is built, where the machine lacks something. */
import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../src/build/project.ts";
import { needs } from "./support/needs.ts";
import { temporaryDirectory } from "./support/run-directory.ts";
import { selfSigned, startTlsFront } from "./support/tls.ts";
import { until } from "./support/until.ts";

const node = Bun.which("node")!;

/** A checkout in which nothing is installed, on a machine of which some programs are given as scripts. */
class Checkout {
  readonly path = temporaryDirectory("checkout");
  readonly #bin = temporaryDirectory("bin");

  constructor(programs: Record<string, string> = {}) {
    mkdirSync(join(this.path, "src/build"), { recursive: true });
    for (const name of ["package.json", "package-lock.json", "src/build/ready.sh"])
      copyFileSync(join(root, name), join(this.path, name));
    for (const [name, script] of Object.entries({ bun: "exit 1", ...programs })) {
      writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(this.#bin, name), 0o755);
    }
  }

  /** Starts `npm run -s ready` as `npm start` does. */
  start(env: Record<string, string> = {}) {
    return Bun.spawn([join(dirname(node), "npm"), "run", "-s", "ready"], {
      cwd: this.path,
      env: {
        PATH: `${this.#bin}:${dirname(node)}:/usr/bin:/bin`,
        HOME: temporaryDirectory("home"),
        npm_config_update_notifier: "false",
        // As patient as in a test.
        npm_config_fetch_retry_mintimeout: "10",
        npm_config_fetch_retry_maxtimeout: "10",
        ...env,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async run(env: Record<string, string> = {}) {
    const ready = this.start(env);
    const [stdout, stderr] = await Promise.all([ready.stdout.text(), ready.stderr.text()]);
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    return { stderr, first: lines[0], last: lines.at(-1), exitCode: await ready.exited };
  }
}

const INSTALLING =
  "logship: info: installing the packages of package-lock.json, with npm ci: less than a minute, where the network is fast";

test("an older Node.js is told which one is needed, in one line", async () => {
  const old = `case "$2" in process.version) echo v18.20.8 ;; *) exec ${node} "$@" ;; esac`;
  const checkout = new Checkout({ node: `[ "$1" = -p ] || exec ${node} "$@"\n${old}` });
  const { stderr, exitCode } = await checkout.run();
  expect(stderr).toBe(
    "logship: fatal: unable to build with Node.js v18.20.8: version 20 or later has to be there (https://nodejs.org)\n",
  );
  expect(exitCode).toBe(111);
  expect(existsSync(join(checkout.path, "node_modules"))).toBe(false);
});

test("a registry that is not reached: npm's own reason, and a last line that sums it up", async () => {
  const registry = "http://127.0.0.1:1/";
  const { stderr, first, last, exitCode } = await new Checkout().run({ npm_config_registry: registry });
  expect(first).toBe(INSTALLING);
  expect(stderr).toMatch(/^npm error code ECONNREFUSED$/m);
  expect(last).toBe(
    `logship: fatal: unable to install the packages: the registry ${registry} is not reached (connect ECONNREFUSED 127.0.0.1:1)`,
  );
  expect(stderr).not.toMatch(/install\.js|MODULE_NOT_FOUND|^\s+at |node:internal/m);
  expect(exitCode).toBe(111);
});

test.skipIf(!needs("openssl"))("a registry whose certificate nobody here knows", async () => {
  const front = await startTlsFront("http://127.0.0.1:1", selfSigned(["127.0.0.1"]));
  const registry = `${front.endpoint}/`;
  const { first, last, exitCode } = await new Checkout().run({ npm_config_registry: registry });
  front.stop();
  expect(first).toBe(INSTALLING);
  expect(last).toMatch(
    /^logship: fatal: unable to install the packages: the certificate of https:\/\/127\.0\.0\.1:\d+\/ is not trusted \([^()]+\); NODE_EXTRA_CA_CERTS=FILE trusts those in a file$/,
  );
  expect(exitCode).toBe(111);
});

test("whoever waits is told that it is still at work", async () => {
  const go = join(temporaryDirectory("go"), "go");
  const npm = `[ "$1" != ci ] || { until [ -e ${go} ]; do sleep 0.1; done; echo "npm error code EINTEGRITY" >&2; exit 1; }`;
  const checkout = new Checkout({ npm });
  const ready = checkout.start({ READY_PATIENCE: "1" });
  let told = "";
  const reading = (async () => {
    for await (const bytes of ready.stderr) told += Buffer.from(bytes).toString();
  })();
  await until("a sign of life", () => /^logship: info: npm ci is still at work, for \d+ s now$/m.test(told));
  writeFileSync(go, "");
  await reading;
  expect(told).toEndWith(
    "npm error code EINTEGRITY\nlogship: fatal: unable to install the packages: npm ci has failed with EINTEGRITY, see above\n",
  );
});

test("a package of bun that npm has left out without a word", async () => {
  const installer = 'throw new Error("Failed to install package \\"bun\\"");';
  const install = `mkdir -p node_modules/bun; echo '${installer}' > node_modules/bun/install.js`;
  const { stderr, exitCode } = await new Checkout({ npm: install }).run();
  expect(stderr).toContain(`${INSTALLING}\nlogship: info: installing bun\n`);
  expect(stderr).toEndWith(
    'logship: fatal: unable to install bun: Failed to install package "bun"; remove node_modules and begin again: rm -r node_modules\n',
  );
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode).toBe(111);
});

test("what is there already is left alone, without a word", async () => {
  const checkout = new Checkout({ bun: "echo 1.4.5", npm: "echo npm was asked; exit 1" });
  mkdirSync(join(checkout.path, "node_modules"));
  writeFileSync(join(checkout.path, "node_modules/.package-lock.json"), "");
  utimesSync(join(checkout.path, "package-lock.json"), 0, 0);
  const { stderr, exitCode } = await checkout.run();
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});
