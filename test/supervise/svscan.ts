import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** A real svscan with real services. `await using` ends all of it. */
export class Svscan {
  readonly services: string;
  #svscan: Bun.Subprocess | undefined;
  #hasTitle = false;
  readonly #names: string[] = [];

  /** @param services A directory that is there. */
  constructor(services = temporaryDirectory("service")) {
    this.services = services;
  }

  /** @param run What the run script does, as shell. @param logRun The same for its logger. */
  add(name: string, run: string, logRun?: string): string {
    const directory = join(this.services, name);
    writeScript(directory, run);
    if (logRun !== undefined) writeScript(join(directory, "log"), logRun);
    this.#names.push(name);
    return directory;
  }

  /** @param under What to start it with, such as limits. */
  start(under: readonly string[] = []): void {
    this.#svscan = Bun.spawn([...under, "svscan", this.services], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
  }

  /** As svscanboot starts it: what it and its programs complain of is to be seen in the list of processes. */
  startWithTitle(): void {
    this.#hasTitle = true;
    const script = `svscan "$1" 2>&1 | readproctitle service errors: ${".".repeat(400)}; :`;
    const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
    this.#svscan = Bun.spawn(["sh", "-c", script, "svscanboot", this.services], quiet);
  }

  /** Runs logship with this as its services directory. */
  logship(...args: string[]) {
    return start(args, { env: { LOGSHIP_SERVICES: this.services } }).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // svscan and readproctitle are children of its shell; those of svscan have to live until they are told to end.
    if (this.#hasTitle) Bun.spawnSync(["pkill", "-KILL", "-P", String(this.#svscan?.pid)]);
    this.#svscan?.kill("SIGKILL");
    await this.#svscan?.exited;
    const directories = this.#names.flatMap((name) => [name, `${name}/log`]);
    const end = Bun.spawn(["svc", "-dkx", ...directories], { cwd: this.services, stderr: "ignore" });
    await end.exited;
  }
}

function writeScript(directory: string, script: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "run"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, "run"), 0o755);
}
