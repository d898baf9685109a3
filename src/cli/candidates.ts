import { SHELLS } from "../completion/scripts.ts";
import { type Choice, choicesOf } from "./choices.ts";
import type { CommandEntry, CommandSpec } from "./command.ts";
import type { HostWords } from "./host-words.ts";

/** A word that may stand at the cursor, and what it means. */
interface Candidate {
  readonly word: string;
  readonly meaning?: string;
}

/** What may stand somewhere: words, and names of files that the shell knows best. */
interface Offer {
  readonly candidates: readonly Candidate[];
  readonly paths?: "files" | "directories";
}

const LONGEST_MEANING = 60;
/** Which services a command line is about. */
const SERVICES = "--services";
/** What would end a line of the answer or move the cursor, and what stands for bytes that are not UTF-8. */
const UNTYPABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;
const NOTHING: Offer = { candidates: [] };

/**
 * What a shell may complete at the cursor.
 *
 * @param given The words behind `logship`, the one at the cursor last, up to the cursor. Where a shell takes `=` and `:` for
 *   words, the candidates are for what stands behind the last of them; else they are whole, but for what stands behind the
 *   sign of `--option=value`.
 * @returns a line for each: the word, a tab and its meaning; `:files` or `:directories` asks the shell for its own
 */
export async function candidatesFor(
  given: readonly string[],
  commands: readonly CommandEntry[],
  host: HostWords,
): Promise<string> {
  const { words, head } = joined(given);
  const current = words.at(-1)!;
  const [, option = "", value] = /^(--[a-z0-9-]+=)(.*)$/s.exec(current) ?? [];
  const { candidates, paths } = await offerAt(words, commands, host);
  const typed = value ?? current;
  const behind = head.slice(option.length);
  const lines = candidates
    .filter(({ word }) => word.startsWith(typed) && !UNTYPABLE.test(word))
    .map(({ word, meaning = "" }) => `${word.slice(behind.length)}\t${shortened(meaning)}\n`);
  return lines.join("") + (paths === undefined ? "" : `:${paths}\n`);
}

/** To what fits beside a word in a line of a menu. */
function shortened(meaning: string): string {
  return meaning.length <= LONGEST_MEANING ? meaning : `${meaning.slice(0, LONGEST_MEANING - 1).trimEnd()}…`;
}

/** Puts together what bash takes apart: `--format`, `=`, `js`. `head` is what it has cut off before the cursor. */
function joined(given: readonly string[]): { words: string[]; head: string } {
  const words: string[] = [];
  let head = "";
  let isOpen = false;
  for (const [index, word] of given.entries()) {
    const isSign = /^[=:]+$/.test(word) && index > 0;
    if (isSign || isOpen) words.push(`${words.pop() ?? ""}${word}`);
    else words.push(word);
    head = isSign ? words.at(-1)! : isOpen ? head : "";
    isOpen = isSign;
  }
  return { words, head };
}

async function offerAt(
  words: readonly string[],
  commands: readonly CommandEntry[],
  host: HostWords,
): Promise<Offer> {
  const [name = "", ...args] = words;
  if (args.length === 0) return offerOfCommands(name, commands);
  if (name === "help") return args.length === 1 ? offerOfCommands("", commands) : NOTHING;
  const spec = await commands.find((command) => command.name === name)?.load();
  return spec === undefined ? NOTHING : offerOfArguments(spec, args, host);
}

function offerOfCommands(current: string, commands: readonly CommandEntry[]): Offer {
  const names = commands.map(({ name, summary }) => ({ word: name, meaning: summary }));
  const options = [
    { word: "--help", meaning: "print this help" },
    { word: "--version", meaning: "print version and commit" },
  ];
  return { candidates: current.startsWith("-") ? options : names };
}

function offerOfArguments(spec: CommandSpec, args: readonly string[], host: HostWords): Offer {
  const choices = choicesOf(spec);
  const current = args.at(-1)!;
  const given = new Set<string>();
  let wanted: Choice | undefined;
  let positionals = 0;
  let directory: string | undefined;
  for (const word of args.slice(0, -1)) {
    if (wanted !== undefined) {
      if (wanted.name === SERVICES) directory = word;
      wanted = undefined;
      continue;
    }
    const choice = choices.find(({ name }) => name === word.replace(/=.*/s, ""));
    if (choice === undefined && !word.startsWith("-")) positionals++;
    if (choice !== undefined) given.add(choice.name);
    if (choice?.name === SERVICES && word.includes("=")) directory = word.slice(SERVICES.length + 1);
    if (choice?.placeholder !== undefined && !word.includes("=")) wanted = choice;
  }
  const services = () => host.services(directory);
  const assigned = choices.find(({ name }) => current.startsWith(`${name}=`));
  if (assigned ?? wanted) return offerOfValue((assigned ?? wanted)!, services, host);
  const options = choices.filter(({ name, isRepeatable }) => isRepeatable || !given.has(name));
  const offered = { candidates: options.map(({ name, meaning }) => ({ word: name, meaning })) };
  if (current.startsWith("-")) return offered;
  return offerOfPositional(spec.positional, positionals, services) ?? offered;
}

function offerOfValue(
  { name, placeholder, words }: Choice,
  services: () => string[],
  host: HostWords,
): Offer {
  const named = (names: readonly string[]) => ({
    candidates: [...words, ...names].map((word) => ({ word })),
  });
  switch (placeholder) {
    case "file":
      return { candidates: [], paths: "files" };
    case "dir":
      return { candidates: [], paths: "directories" };
    case "source":
      return { ...named(services()), paths: "files" };
    case "account":
      return named(host.accounts());
    case "profile":
      return named(host.profiles());
    case "zone":
      return named(host.zones());
    case "name=value":
      return named(name === "--env" ? host.profiles().map((profile) => `AWS_PROFILE=${profile}`) : []);
    default:
      return named([]);
  }
}

/** @param index How many stand before it. @returns undefined where the command takes none, or none more */
function offerOfPositional(positional = "", index: number, services: () => string[]): Offer | undefined {
  const all = (positional.match(/[<[][^-][^>\]]*[>\]]/g) ?? []).map((text) => text.slice(1, -1));
  const last = all.at(-1);
  const name = all[index] ?? (last?.endsWith("...") ? last : undefined);
  const kinds = name?.replace("...", "").split("|") ?? [];
  const names = kinds.some((kind) => kind === "dir" || kind === "source") ? services() : [];
  const candidates = names.map((word) => ({ word, meaning: "service" }));
  if (kinds.some((kind) => ["file", "path", "prefix", "source"].includes(kind)))
    return { candidates, paths: "files" };
  if (kinds.some((kind) => kind === "dir" || kind === "actions")) return { candidates, paths: "directories" };
  if (kinds.includes("shell")) return { candidates: SHELLS.map((word) => ({ word })) };
  return undefined;
}
