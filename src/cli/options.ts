import { type Command, Option } from "commander";
import { NotParsed, unableToParse } from "../system/errors.ts";
import type { Parser } from "../system/quantity.ts";

/** One option of a command: how it is written, what it means, and how its text becomes a value. */
export interface OptionSpec<T> {
  readonly flags: string;
  readonly help: string;
  /** Shown in the help as the default; the value itself is applied by the reader. */
  readonly fallback?: { readonly text: string; readonly value: T };
  /** Absent for a flag, which has no text. */
  readonly parse?: Parser<T>;
  readonly repeatable?: boolean;
  /** The title above it in the help. */
  readonly group?: string;
}

const NO_FLAG = "must be yes or no";

export type OptionTable = Record<string, OptionSpec<unknown>>;

/** The values of a table: always there with a default or as a flag, otherwise possibly undefined. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Key in keyof Table]: Table[Key] extends { fallback: { value: infer T } }
    ? T
    : Table[Key] extends { parse: (text: string) => infer T }
      ? T | undefined
      : boolean;
};

/** An option with a value that may be left out. */
export function option<T>(flags: string, help: string, parse: Parser<T>) {
  return { flags, help, parse } as const;
}

/** An option with a value, and the text that counts when it is left out. */
export function optionOr<T>(flags: string, help: string, parse: Parser<T>, text: string) {
  return { flags, help, parse, fallback: { text, value: parse(text) } } as const;
}

/** An option without a value: given or not. `--no-x` turns off what is on by default. */
export function flag(flags: string, help: string) {
  return { flags, help } as const;
}

/** An option that may be given several times; in the environment its values are separated by spaces. */
export function repeatable<T>(flags: string, help: string, parse: Parser<T>) {
  return {
    flags,
    help,
    repeatable: true,
    parse: parse as unknown as Parser<T[]>,
    fallback: { text: "", value: [] as T[] },
  } as const;
}

/** The text of an option that names something, whatever it is; an empty one is a variable of a shell that is not set. */
export function anyName(text: string): string {
  if (text === "") throw new NotParsed("must not be empty");
  return text;
}

/** The same options, below a title in the help: `Pieces`. */
export function inGroup<Table extends OptionTable>(group: string, table: Table): Table {
  return Object.fromEntries(Object.entries(table).map(([key, spec]) => [key, { ...spec, group }])) as Table;
}

/** The long name without dashes: `sse` of `-s, --sse <mode>`. */
export function longName(spec: OptionSpec<unknown>): string {
  const match = /--([a-z0-9-]+)/.exec(spec.flags);
  if (!match) throw new Error(`option without a long name: ${spec.flags}`);
  return match[1]!;
}

/** The environment variable of an option: `LOGSHIP_FOLDER_MARKER` of `--no-folder-marker`. */
export function variableOf(spec: OptionSpec<unknown>): string {
  return `LOGSHIP_${longName(spec).replace(/^no-/, "").replaceAll("-", "_").toUpperCase()}`;
}

/** As the help shows it: `Pieces:`. */
export function groupTitle(spec: OptionSpec<unknown> | undefined): string {
  return `${spec?.group ?? "Options"}:`;
}

/** Adds the options of a table to a command, with their defaults in the help. */
export function addOptions(command: Command, table: OptionTable): Command {
  for (const spec of Object.values(table)) {
    const help = spec.fallback?.text ? `${spec.help} (default: ${spec.fallback.text})` : spec.help;
    const option = new Option(spec.flags, help).helpGroup(groupTitle(spec));
    if (spec.repeatable) option.argParser((text: string, all: string[] = []) => [...all, text]);
    command.addOption(option);
    const name = longName(spec);
    // For a variable that turns it off.
    if (name.startsWith("no-")) command.addOption(new Option(`--${name.slice(3)}`).hideHelp());
  }
  return command;
}

/**
 * Reads the values of a table: the command line wins over the environment, which wins over the default.
 * An empty variable counts as not set, as envdir leaves it.
 *
 * @throws UsageError `unable to parse --size 5x: <reason>` or `unable to parse LOGSHIP_SIZE=5x: <reason>`
 */
export function readOptions<Table extends OptionTable>(
  command: Command,
  table: Table,
  environment: Record<string, string | undefined>,
): OptionValues<Table> {
  const given = command.opts() as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(table)) {
    const variable = variableOf(spec);
    const fromEnvironment = environment[variable] || undefined;
    const name = longName(spec);
    const isNegative = name.startsWith("no-");
    const attribute = attributeOf(name);
    const isOnCommandLine = command.getOptionValueSource(attribute) === "cli";
    if (!spec.parse) {
      values[key] = isOnCommandLine ? given[attribute] : readFlag(variable, fromEnvironment, isNegative);
    } else if (isOnCommandLine) {
      const texts = [given[attribute]].flat() as string[];
      const parsed = texts.map((text) => parseOne(spec, `--${name} ${text}`, text));
      values[key] = spec.repeatable ? parsed : parsed[0];
    } else if (fromEnvironment !== undefined) {
      const texts = textsOf(spec, fromEnvironment);
      const parsed = texts.map((text) => parseOne(spec, `${variable}=${text}`, text));
      values[key] = spec.repeatable ? parsed : parsed[0];
    } else {
      values[key] = spec.fallback?.value;
    }
  }
  return values as OptionValues<Table>;
}

/** The options that are on the command line, with their texts: `--to` with `s3://my-logs`. */
export function givenOptions(command: Command, table: OptionTable): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const spec of Object.values(table)) {
    const attribute = attributeOf(longName(spec));
    if (command.getOptionValueSource(attribute) !== "cli") continue;
    const value = command.opts()[attribute];
    if (spec.parse) given.set(`--${longName(spec)}`, [value].flat().join(" "));
    else given.set(`--${value === false ? "no-" : ""}${longName(spec).replace(/^no-/, "")}`, "");
  }
  return given;
}

/** Why the text of a variable is none of the option; undefined if it is one. */
export function variableProblem(spec: OptionSpec<unknown>, text: string): string | undefined {
  if (!spec.parse) return parseFlag(text) === undefined ? NO_FLAG : undefined;
  try {
    for (const one of textsOf(spec, text)) spec.parse(one);
    return undefined;
  } catch (error) {
    if (error instanceof NotParsed) return error.message;
    throw error;
  }
}

/** The environment without the variables of a table that cannot be parsed. */
export function withoutWrong(
  table: OptionTable,
  environment: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const rest = { ...environment };
  for (const spec of Object.values(table)) {
    const name = variableOf(spec);
    if (rest[name] && variableProblem(spec, rest[name]) !== undefined) delete rest[name];
  }
  return rest;
}

/** The texts that a variable holds. */
function textsOf(spec: OptionSpec<unknown>, text: string): string[] {
  return spec.repeatable ? text.split(/\s+/).filter((one) => one !== "") : [text];
}

function parseOne(spec: OptionSpec<unknown>, thing: string, text: string): unknown {
  try {
    return spec.parse!(text);
  } catch (error) {
    if (error instanceof NotParsed) throw unableToParse(thing, error.message);
    throw error;
  }
}

function readFlag(variable: string, text: string | undefined, whenAbsent: boolean): boolean {
  if (text === undefined) return whenAbsent;
  const isOn = parseFlag(text);
  if (isOn === undefined) throw unableToParse(`${variable}=${text}`, NO_FLAG);
  return isOn;
}

function parseFlag(text: string): boolean | undefined {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  return /^(0|false|no|off)$/i.test(text) ? false : undefined;
}

/** What commander calls it. */
function attributeOf(longName: string): string {
  return camelCase(longName.replace(/^no-/, ""));
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
