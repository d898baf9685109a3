import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { escapeName } from "../../src/contract/shipped-key.ts";
import { executable } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { environmentOf } from "./s3-server.ts";
import { type S3rver, startS3rver } from "./s3rver.ts";

const account = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();

/** Directories of a host that commands name; here they are below the stage's own. */
const PLACES = ["/tmp/out", "/var/log/nginx", "/service", "/usr/local/bin"];

/**
 * A place where commands of the documents are played as on a host named web1, whose account is ec2-user: logship in
 * /usr/local/bin, an S3 server in us-west-2, and a directory to work in. `await using` ends it.
 */
export class ShellStage {
  readonly directory = temporaryDirectory("stage");
  readonly environment: Record<string, string>;
  readonly server: S3rver;

  private constructor(server: S3rver) {
    this.server = server;
    for (const place of [...PLACES, "/home"]) mkdirSync(this.at(place), { recursive: true });
    symlinkSync(executable, this.at("/usr/local/bin/logship"));
    this.environment = {
      PATH: `${this.at("/usr/local/bin")}:${process.env.PATH}`,
      HOME: this.at("/home"),
      TZ: "UTC",
      LC_ALL: "C",
      ...environmentOf(server),
      AWS_REGION: "us-west-2",
      LOGSHIP_HOST: "web1",
      LOGSHIP_CONCURRENCY: "1", // so that receipts come in the order of the pieces
      LOGSHIP_STATE: this.at("/home/positions"),
      LOGSHIP_SERVICES: this.at("/service"),
    };
  }

  static async open(): Promise<ShellStage> {
    return new ShellStage(await startS3rver());
  }

  /** Where a path of the host is here. */
  at(path: string): string {
    return join(this.directory, path);
  }

  /** Runs a line of shell as a person types it. @returns all that it prints, as that host would print it */
  async play(line: string): Promise<string> {
    const here = PLACES.reduce((text, place) => text.replaceAll(place, this.at(place)), line);
    const shell = Bun.spawn(["bash", "-c", `exec 2>&1\n${here}`], {
      cwd: this.at("/home"),
      env: this.environment,
      stdin: "ignore",
      stdout: "pipe",
    });
    return this.#asOnThatHost(await new Response(shell.stdout).text());
  }

  #asOnThatHost(text: string): string {
    return text
      .replaceAll(`${escapeName(this.directory.slice(1))}_`, "")
      .replaceAll(this.directory, "")
      .replaceAll(`(as ${account})`, "(as ec2-user)");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}
