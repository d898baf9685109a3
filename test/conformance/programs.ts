/** Programs that install servers, and servers as processes. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/until.ts";

const START_MS = 180_000;
const STOP_MS = 20_000;

/** How long one program may take that installs something; it is ended then. */
export const installing = { limitMs: 30 * 60_000 };

/** @throws Error `PROGRAM: <its last words>` */
export async function call(command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = Bun.spawn(["nice", "-n", "10", ...command], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: installing.limitMs,
  });
  const told = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(`${command[0]}: ${told.trim().slice(-500)}`);
}

/** Installs packages of PyPI, with all that they stand on, into an environment of its own. */
export async function installPython(directory: string, ...packages: readonly string[]): Promise<void> {
  await call(["python3", "-m", "venv", directory]);
  await call([join(directory, "bin/pip"), "install", "--quiet", ...packages]);
}

/** Compiles a Go module's program into a directory, one package at a time. */
export async function installGo(directory: string, module: string): Promise<void> {
  await call(["go", "install", module], { GOBIN: directory, GOFLAGS: "-p=1", GOMAXPROCS: "1" });
}

/** Fetches one jar of Maven Central, without what it stands on: `group:artifact:version:jar:classifier`. */
export async function installJar(directory: string, artifact: string): Promise<void> {
  const get = ["mvn", "-q", "-B", "dependency:get", "-Dtransitive=false", `-Dartifact=${artifact}`];
  await call(get);
  const copy = [`-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`, "-Dmdep.stripVersion=true"];
  await call(["mvn", "-q", "-B", "dependency:copy", ...copy]);
}

export interface Program {
  readonly command: readonly string[];
  readonly env?: Record<string, string>;
  /** Where its messages go. */
  readonly log: string;
  /** Asked again and again until it is true. */
  isReady(): Promise<boolean>;
}

/**
 * Starts a server and waits until it is ready.
 *
 * @returns what stops it: TERM, and KILL after a while
 * @throws Error with the end of its messages, if it ends before
 */
export async function startProgram({
  command,
  env = {},
  log,
  isReady,
}: Program): Promise<() => Promise<void>> {
  const output = openSync(log, "a");
  const child = Bun.spawn([...command], {
    env: { PATH: process.env.PATH ?? "", HOME: join(log, ".."), LC_ALL: "C.UTF-8", ...env },
    cwd: join(log, ".."),
    stdin: "ignore",
    stdout: output,
    stderr: output,
  });
  closeSync(output);
  const stop = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await child.exited;
    clearTimeout(kill);
  };
  try {
    const look = async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${readFileSync(log, "utf8").slice(-500)}`);
      return await isReady().catch(() => false);
    };
    await until(`an answer of ${command[0]}`, look, START_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** True once a server answers an HTTP request, whatever it says, but not that it is not ready yet. */
export async function answers(url: string): Promise<boolean> {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return status !== 502 && status !== 503;
}
