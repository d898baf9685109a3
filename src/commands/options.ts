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
    const attribute = camelCase(isNegative ? name.slice(3) : name);
    const isOnCommandLine = command.getOptionValueSource(attribute) === "cli";
    if (!spec.parse) {
      values[key] = isOnCommandLine ? given[attribute] : readFlag(variable, fromEnvironment, isNegative);
    } else if (isOnCommandLine) {
      const texts = [given[attribute]].flat() as string[];
      const parsed = texts.map((text) => parseOne(spec, `--${name} ${text}`, text));
      values[key] = spec.repeatable ? parsed : parsed[0];
    } else if (fromEnvironment !== undefined) {
      const texts = spec.repeatable
        ? fromEnvironment.split(/\s+/).filter((t) => t !== "")
        : [fromEnvironment];
      const parsed = texts.map((text) => parseOne(spec, `${variable}=${text}`, text));
      values[key] = spec.repeatable ? parsed : parsed[0];
    } else {
      values[key] = spec.fallback?.value;
    }
  }
  return values as OptionValues<Table>;
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
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw unableToParse(`${variable}=${text}`, "must be yes or no");
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
