import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { type S3rver, startS3rver } from "../support/s3rver.ts";
import type { Output } from "./collect.ts";
import { Container, type ContainerSettings } from "./container.ts";

const BUCKET = "requisitions-logs";
const COPIED = "/root/logship";
export const ONE_FILE = "/home/ec2-user/logship";
/** Where setup.sh makes something. */
const PLACES =
  "/daemon /service /etc/service /command /usr/local /var/lib/logship /lib/systemd/system /etc/systemd /etc/bash_completion.d";

/** A bare host to which a person has copied the program, the installer and the source of daemontools, beside an S3 server. */
export class Host {
  readonly container: Container;
  readonly #objects = temporaryDirectory("objects");
  #s3: S3rver | undefined;

  constructor(settings?: ContainerSettings) {
    this.container = new Container(settings);
  }

  /** Instead of `prepare()`: a host without S3 server, to which nothing but one file has been copied. */
  async prepareWith(oneFile: string): Promise<void> {
    await this.container.build();
    cpSync(oneFile, join(this.container.root, ONE_FILE));
    await this.container.boot();
  }

  async prepare(tarball: string): Promise<void> {
    this.#s3 = await startS3rver(this.#objects);
    await this.container.build();
    const { root } = this.container;
    mkdirSync(join(root, COPIED, "dist"), { recursive: true });
    cpSync(executable, join(root, COPIED, "dist/logship"));
    cpSync(join(import.meta.dir, "../../install"), join(root, COPIED, "install"), { recursive: true });
    cpSync(tarball, join(root, "root/daemontools.tar.gz"));
    writeFileSync(join(root, "root/other.tar.gz"), "something else");
    await this.container.boot();
  }

  async dispose(): Promise<void> {
    await this.container.powerOff();
    await this.#s3?.stop();
  }

  setup(...args: string[]): Promise<Output> {
    return this.container.run(`${COPIED}/install/setup.sh`, ...args);
  }

  logship(...args: string[]): Promise<Output> {
    return this.container.run("logship", ...args);
  }

  /**
   * Starts a setup, waits until it has said so many lines or ended, and sends it a signal.
   *
   * @param command Of the shell.
   * @param target `program` gets the signal alone, as from another terminal; `all` is also what it has started.
   */
  setupKilled(command: string, lines: number, signal: string, target: "program" | "all"): Promise<Output> {
    return this.container.shell(`
      set -m; said=(); : >/root/said; exec 8<> <(:)
      ${command} >/root/said 2>&1 8>&- &
      while kill -0 $! 2>/dev/null && (( \${#said[@]} < ${lines} )); do read -rt .01 -u 8; mapfile -t said </root/said; done
      kill -${signal} ${target === "all" ? "-- -" : ""}$! 2>/dev/null
      wait $!`);
  }

  /** Arguments of setup.sh for small batches once a second. */
  get settings(): string[] {
    const s3 = this.#s3!;
    const variables = {
      AWS_ENDPOINT_URL: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      LOGSHIP_RECORDS: "300",
      LOGSHIP_PIECE_BYTES: "20k",
    };
    return [
      ...["--daemontools-tarball", "/root/daemontools.tar.gz"],
      ...[`--bucket=${BUCKET}`, "--region", s3.region, "--interval", "1s"],
      ...Object.entries(variables).flatMap(([name, value]) => [`--env=${name}=${value}`]),
    ];
  }

  /** Every file that a setup could have touched, with what would show a change. */
  async traces(): Promise<string> {
    const isLeftOut = "-name supervise -prune -o -path '*/log/main/*' -prune";
    const found = await this.container.shell(
      `find ${PLACES} ${isLeftOut} -o -printf '%p %y %m %u %T@ %l\\n' 2>/dev/null | sort`,
    );
    return found.stdout;
  }

  /** The process whose arguments, each followed by a space, match a pattern of the shell; the first if there are several. */
  async pidOf(pattern: string): Promise<number | undefined> {
    const found = await this.container.shell(
      `for p in /proc/[0-9]*; do
        words=; while IFS= read -rd '' word; do words+="$word "; done <$p/cmdline
        [[ $words == ${pattern} ]] && echo \${p#/proc/}
      done 2>/dev/null`,
    );
    const [first] = found.stdout.split("\n");
    return first ? Number(first) : undefined;
  }

  batchCount(): number {
    return readdirSync(join(this.#objects, BUCKET)).length;
  }

  hasObject(key: string): boolean {
    return existsSync(join(this.#objects, BUCKET, `${key}._S3rver_object`));
  }
}

/** The paths alone: directories that something else made and that were changed meanwhile have another time. */
export function pathsIn(traces: string): string {
  return traces.replace(/^(\S+) .*$/gm, "$1");
}
