import { mkdirSync, readdirSync, readFileSync } from "node:fs";
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

/** In place of each a function that only notes its words, counted and ended by NUL; `id` tells its caller a number. */
const FUNCTIONS = NAMES.map((name) => {
  const answer = name === "id" ? "printf 7" : ":";
  // Those of a pipeline are processes that write at the same time.
  return `${name}() { printf '%s\\0' $(($# + 1)) ${name} "$@" >>"$NOTES/$LINE.$BASHPID"; ${answer}; }`;
});

/**
 * Runs lines as a person types them, in a bash that can do no harm: it finds no program, and what it would call notes only
 * what it was given.
 *
 * @returns the words of each call of each line; those of a line in no order
 * @throws Error what the shell complains of
 */
export function runHarmlessly(lines: readonly string[]): string[][][] {
  const directory = temporaryDirectory("harmless");
  for (const name of ["bin", "notes"]) mkdirSync(join(directory, name));
  const script = ["set -f", ...FUNCTIONS, ...lines.map((line, index) => `LINE=${index}\n${line}`)];
  const env = {
    PATH: join(directory, "bin"),
    NOTES: join(directory, "notes"),
    HOME: "/nonexistent",
    LC_ALL: "C.UTF-8",
  };
  const shell = Bun.spawnSync(["/bin/bash", "--norc", "-c", script.join("\n")], { env, cwd: directory });
  if (shell.stderr.length > 0) throw new Error(`${shell.stderr}`);
  const calls: string[][][] = lines.map(() => []);
  for (const name of readdirSync(env.NOTES))
    calls[Number.parseInt(name, 10)]!.push(...callsIn(readFileSync(join(env.NOTES, name), "utf8")));
  return calls.map(sortedCalls);
}

function callsIn(notes: string): string[][] {
  const words = notes.split("\0");
  const calls: string[][] = [];
  for (let at = 0; at < words.length - 1; at += 1 + Number(words[at]))
    calls.push(words.slice(at + 1, at + 1 + Number(words[at])));
  return calls;
}

/** As the calls of a pipeline are compared, which are made side by side. */
export function sortedCalls(calls: readonly string[][]): string[][] {
  return [...calls].sort((a, b) => (a.join("\0") < b.join("\0") ? -1 : 1));
}
