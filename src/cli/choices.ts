import type { CommandSpec } from "./command.ts";
import { longName, type OptionSpec } from "./options.ts";

/** An option as completion sees it, of a table or of a grammar of its own. */
export interface Choice {
  readonly name: string;
  readonly meaning: string;
  /** `file` of `--metrics <file>`; undefined for a flag. */
  readonly placeholder: string | undefined;
  readonly words: readonly string[];
  readonly isRepeatable: boolean;
}

const HELP: Choice = {
  name: "--help",
  meaning: "print this help",
  placeholder: undefined,
  words: [],
  isRepeatable: false,
};

/** The options of its table, or what stands in its help as if it were one: `--ship SOURCE`, `-u`. */
export function choicesOf({ options, terms, isRaw }: CommandSpec): Choice[] {
  const choices = isRaw ? (terms?.rows ?? []).flatMap(choicesOfTerm) : Object.values(options).map(choiceOf);
  return [...choices, HELP];
}

/** None for a term that is no option, such as `sSIZE`. */
function choicesOfTerm([term, meaning]: readonly [string, string]): Choice[] {
  const [, name, placeholder] = /^(--?[a-z][a-z-]*)(?: (\S+))?$/.exec(term) ?? [];
  if (name === undefined) return [];
  return [{ name, meaning, placeholder: placeholder?.toLowerCase(), words: [], isRepeatable: true }];
}

function choiceOf(spec: OptionSpec<unknown>): Choice {
  return {
    name: `--${longName(spec)}`,
    meaning: spec.help,
    placeholder: spec.parse && (/<(.*)>/.exec(spec.flags)?.[1] ?? ""),
    words: spec.parse?.words ?? [],
    isRepeatable: spec.repeatable ?? false,
  };
}
