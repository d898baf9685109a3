import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./run-directory.ts";

/** What commands to type begin with. */
const NAMES = [
  ...[
    "apt-get",
    "aws",
    "chown",
    "curl",
    "df",
    "du",
    "env",
    "envdir",
    "export",
    "free",
    "getent",
    "grep",
    "head",
  ],
  ...[
    "id",
    "install",
    "ldd",
    "logship",
    "ls",
    "lscpu",
    "mkdir",
    "mv",
    "ps",
    "rm",
    "sort",
    "sudo",
    "systemctl",
  ],
  ...["tail", "timedatectl", "touch", "uname", "unset", "yum"],
];

/** In place of each a function that only tells its words, counted and ended by NUL; `id` tells its caller a number. */
const FUNCTIONS = NAMES.map((name) => {
  const answer = name === "id" ? "printf 7" : ":";
  return `${name}() { printf '%s\\0' $(($# + 1)) ${name} "$@" >&3; ${answer}; }`;
});

/**
 * Runs lines as a person types them, each in a bash that can do no harm: it finds no program, and what it would call tells
 * only what it was given.
 *
 * @returns the words of each call of each line; those of a line in no order
 * @throws Error what the shell complains of
 */
export function runHarmlessly(lines: readonly string[]): string[][][] {
  const directory = temporaryDirectory("harmless");
  mkdirSync(join(directory, "bin"));
  const script = ["exec 3>&1", "set -f", ...FUNCTIONS, ...lines.map((line) => `${line}\nprintf '0\\0' >&3`)];
  const env = { PATH: join(directory, "bin"), HOME: "/nonexistent", LC_ALL: "C.UTF-8" };
  const shell = Bun.spawnSync(["/bin/bash", "--norc", "-c", script.join("\n")], { env, cwd: directory });
  if (shell.stderr.length > 0) throw new Error(`${shell.stderr}`);
  const told = shell.stdout.toString().split("\0").slice(0, -1);
  const calls: string[][][] = [[]];
  for (let i = 0; i < told.length; ) {
    const count = Number(told[i]);
    if (count === 0) calls.push([]);
    else calls.at(-1)!.push(told.slice(i + 1, i + 1 + count));
    i += 1 + count;
  }
  return calls.slice(0, -1).map(sortedCalls);
}

/** As the calls of a pipeline are compared, which are made side by side. */
export function sortedCalls(calls: readonly string[][]): string[][] {
  return [...calls].sort((a, b) => (a.join("\0") < b.join("\0") ? -1 : 1));
}
