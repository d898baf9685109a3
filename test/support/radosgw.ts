/**
 * Ceph's RADOS Gateway on loopback, with its objects in memory: a second, stricter S3 server.
 *
 * It checks signatures and Content-MD5, knows users who own their buckets, and refuses a LocationConstraint
 * other than its own region's. One gateway serves a whole test run: whoever needs it first starts it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { isSharedRun, runDirectory } from "./run-directory.ts";
import type { S3Server } from "./s3-server.ts";
import { until } from "./until.ts";

/** The programs to name in `needs()`. */
export const radosGatewayPrograms = [
  "monmaptool",
  "ceph-mon",
  "ceph-mgr",
  "ceph-osd",
  "ceph",
  "radosgw",
  "radosgw-admin",
] as const;

export interface RadosGateway extends S3Server {
  /** Another account on the same server, to own the buckets that are not ours. */
  readonly stranger: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The gateway of this test run; the first call starts it, which takes about ten seconds. */
export async function radosGateway(): Promise<RadosGateway> {
  if (!isSharedRun) throw new Error("run this test with npm test, which stops the gateway afterwards");
  const home = join(runDirectory, "radosgw");
  const ready = join(home, "ready.json");
  if (isFirst(home)) await start(home, ready);
  else
    await until(
      "start of the RADOS Gateway",
      () => existsSync(ready) || existsSync(`${home}/failed`),
      180_000,
    );
  if (!existsSync(ready))
    throw new Error(`the RADOS Gateway did not start: ${readFileSync(`${home}/failed`)}`);
  return JSON.parse(readFileSync(ready, "utf8"));
}

/** Ends the daemons of the gateway in that directory, if any; its objects are gone with them. */
export function stopRadosGateway(home: string): void {
  if (!existsSync(home)) return;
  for (const name of readdirSync(home).filter((name) => /^\d+$/.test(name)))
    stopRadosDaemons(join(home, name));
}

/** Ends the daemons that `startRadosDaemons()` has started there. */
export function stopRadosDaemons(directory: string): void {
  for (const name of readdirSync(directory).filter((name) => name.endsWith(".pid"))) {
    try {
      process.kill(Number(readFileSync(join(directory, name), "utf8")), "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

function isFirst(home: string): boolean {
  try {
    mkdirSync(home);
    return true;
  } catch {
    return false;
  }
}

/** Another program may take a free port before a daemon does: then all begin again. */
async function start(home: string, ready: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const daemons = join(home, String(attempt));
    mkdirSync(daemons);
    try {
      const gateway = await startRadosDaemons(daemons);
      writeFileSync(`${ready}.new`, JSON.stringify(gateway));
      return renameSync(`${ready}.new`, ready);
    } catch (error) {
      stopRadosDaemons(daemons);
      if (attempt === 3) return writeFileSync(join(home, "failed"), String(error));
    }
  }
}

/** Starts monitor, manager, store and gateway in an empty directory; it takes about ten seconds. */
export async function startRadosDaemons(home: string): Promise<RadosGateway> {
  const monitor = `v1:127.0.0.1:${await freePort()}`;
  const port = await freePort();
  const cluster = crypto.randomUUID();
  const disk = crypto.randomUUID();
  const configuration = join(home, "ceph.conf");
  for (const name of ["mon", "mgr", "osd"]) mkdirSync(join(home, name));
  writeFileSync(configuration, configurationText(home, cluster, monitor, port));
  const call = async (...command: string[]) => {
    const [program, ...args] = command;
    const child = Bun.spawn(["timeout", "30", program!, "-c", configuration, ...args], {
      stdin: "ignore",
      stdout: Bun.file(join(home, "out")),
      stderr: Bun.file(join(home, "err")),
    });
    if ((await child.exited) !== 0)
      throw new Error(`${command.join(" ")}: ${readFileSync(join(home, "err"), "utf8")}`);
  };
  const monmap = join(home, "monmap");
  await call("monmaptool", "--create", "--addv", "a", `[${monitor}]`, "--fsid", cluster, monmap);
  await call("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap);
  await call("ceph-mon", "-i", "a");
  await call("ceph-mgr", "-i", "x");
  await call("ceph", "osd", "new", disk, "0");
  await call("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk);
  await call("ceph", "osd", "crush", "add", "0", "1", "host=h", "root=default");
  await call("ceph-osd", "-i", "0");
  await call("radosgw", "-n", "client.rgw");
  const endpoint = `http://127.0.0.1:${port}`;
  await until("answer of the RADOS Gateway", () => fetch(endpoint).catch(() => undefined), 60_000);
  const [owner, stranger] = [account("logship"), account("stranger")];
  for (const [name, keys] of Object.entries({ owner, stranger })) {
    const keyOptions = ["--access-key", keys.accessKeyId, "--secret-key", keys.secretAccessKey];
    await call(
      "radosgw-admin",
      "-n",
      "client.rgw",
      "user",
      "create",
      "--uid",
      name,
      "--display-name",
      name,
      ...keyOptions,
    );
  }
  return { endpoint, region: "default", ...owner, stranger };
}

function account(name: string) {
  return { accessKeyId: `${name.toUpperCase()}KEY`, secretAccessKey: `${name}-secret` };
}

function configurationText(home: string, cluster: string, monitor: string, port: number): string {
  const settings = {
    fsid: cluster,
    mon_host: monitor,
    mon_initial_members: "a",
    public_addr: "127.0.0.1",
    public_network: "127.0.0.0/8",
    auth_cluster_required: "none",
    auth_service_required: "none",
    auth_client_required: "none",
    osd_pool_default_size: 1,
    osd_pool_default_min_size: 1,
    osd_pool_default_pg_num: 8,
    osd_crush_chooseleaf_type: 0,
    osd_crush_update_on_start: false,
    osd_class_update_on_start: false,
    osd_objectstore: "memstore",
    memstore_device_bytes: 4 * 1024 ** 3,
    mon_allow_pool_size_one: true,
    run_dir: home,
    admin_socket: `${home}/$name.$pid.asok`,
    pid_file: `${home}/$name.pid`,
    log_file: `${home}/$name.log`,
    mon_data: `${home}/mon`,
    mgr_data: `${home}/mgr`,
    osd_data: `${home}/osd`,
    keyring: `${home}/keyring`,
    rgw_frontends: `beast endpoint=127.0.0.1:${port}`,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  return `[global]\n${lines.join("")}`;
}
