/** Debian from the oldest that is still kept to the newest, as containers that systemd boots. */
import { cpSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../../src/build/project.ts";
import type { Output } from "../install/collect.ts";
import { Container } from "../install/container.ts";
import { distPrograms, distWith } from "../install/dist.ts";
import { tarballIfPossible } from "../install/tarball.ts";
import { lacks, needs } from "../support/needs.ts";
import type { Storage } from "./storage.ts";
import { readWalk, type Walk } from "./walk.ts";

export const DEBIANS = {
  "Debian 11": "bullseye",
  "Debian 12": "bookworm",
  "Debian 13": "trixie",
  "Debian testing": "testing",
} as const;

/** What cannot be had here is undefined, and noted; in CI it is an error. */
export async function debianIfPossible(name: keyof typeof DEBIANS): Promise<DebianHost | undefined> {
  const tarball = needs("openssl") ? await tarballIfPossible(...distPrograms) : undefined;
  if (tarball === undefined) return undefined;
  const host = new DebianHost(DEBIANS[name], await distWith(tarball));
  try {
    await host.container.build();
  } catch (error) {
    process.stderr.write(`${error}\n`);
    lacks(`${name} (debootstrap ${DEBIANS[name]})`);
    return undefined;
  }
  return host;
}

/** A host with one file of logship, and this project beside it. */
export class DebianHost {
  readonly container: Container;

  constructor(suite: string, dist: string) {
    const shared = { "/mnt/project": root, "/mnt/dist": dist, "/mnt/bun": dirname(process.execPath) };
    this.container = new Container({ suite, shared });
  }

  /** All main paths, installation among them. */
  async walk({ environment, certificate }: Storage): Promise<Walk> {
    cpSync(certificate, join(this.container.root, "etc/storage.pem"));
    const settings = Object.entries({ ...environment, AWS_CA_BUNDLE: "/etc/storage.pem" });
    const command = ["sh", "/mnt/project/test/hosts/main-paths.sh", "--setup", "/mnt/dist/logship"];
    return readWalk(
      await this.container.run("env", ...settings.map(([key, value]) => `${key}=${value}`), ...command),
    );
  }

  /** Test files of this project, by that host's C library and programs. They find daemontools in /usr/bin. */
  async test(...files: string[]): Promise<Output> {
    const bun = `/mnt/bun/${basename(process.execPath)}`;
    return this.container.shell(`
      /mnt/dist/logship setup --unpack-daemontools /root/daemontools && cp /root/daemontools/* /usr/bin || exit
      cd /mnt/project && CI=true ${bun} test --timeout=300000 ${files.join(" ")}`);
  }
}
