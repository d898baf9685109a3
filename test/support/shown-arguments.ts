import { basename } from "node:path";
import { Command } from "commander";
import { describedCommands } from "../../src/build/described-commands.ts";
import { addOptions, readOptions } from "../../src/cli/options.ts";
import { parseScript } from "../../src/multilog/script.ts";
import { parseSvcArguments } from "../../src/supervise/letters.ts";
import { simpleCommands } from "./shell-words.ts";

export const commands = new Map((await describedCommands()).map((command) => [command.name, command]));

/** The arguments of each call of logship in a piece of shell, also behind sudo, ssh and variables. */
export function callsOfLogship(script: string): string[][] {
  return simpleCommands(script)
    .map(withoutPrefixes)
    .filter(([program = ""]) => basename(program) === "logship")
    .map((words) => words.slice(1));
}

function withoutPrefixes(words: string[]): string[] {
  const [first = "", second = ""] = words;
  if (first === "sudo" || /^[A-Z_]+=/.test(first)) return withoutPrefixes(words.slice(1));
  if (first === "ssh") return withoutPrefixes(words.slice(second.startsWith("-") ? 3 : 2));
  return words;
}

/** The long options that a command knows: `--gzip`. */
export function optionsOf(name: string): Set<string> {
  const { spec } = commands.get(name)!;
  const flags = [...Object.values(spec.options).map((option) => option.flags), "--help"];
  const terms = spec.terms?.rows.map(([term]) => term) ?? [];
  return new Set([...flags, ...terms].flatMap((text) => text.match(/--[a-z0-9-]+/g) ?? []));
}

/** Reads arguments as the command does, without running it. @throws what the command would answer */
export function parseAsLogship([name = "", ...args]: readonly string[]): void {
  if (name === "--version" || name === "--help") return;
  const spec = commands.get(name)?.spec;
  if (spec === undefined) throw new Error(`logship has no command ${name}`);
  if (args.includes("--help")) return;
  if (name === "multilog")
    parseScript(
      args.map((arg) => Buffer.from(arg)),
      true,
    );
  else if (name === "svc") {
    if (parseSvcArguments(args).kind !== "ok") throw new Error(`svc has no such letters: ${args}`);
  } else if (spec.isRaw) {
    const unknown = args.find((arg) => arg.startsWith("-") && !optionsOf(name).has(arg));
    if (unknown !== undefined) throw new Error(`${name} has no option ${unknown}`);
  } else {
    const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
    if (spec.positional) command.arguments(spec.positional);
    addOptions(command, spec.options).allowExcessArguments(false).parse(args, { from: "user" });
    readOptions(command, spec.options, {});
  }
}
