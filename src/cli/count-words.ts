import type { OptionTable } from "./options.ts";

const COUNT = /^-(f?)(\d+)(f?)$/;

/**
 * A command line of tail(1)'s old form in its new one: `-5` as `-n 5`, `-5f` and `-f5` as `-n 5 -f`. What follows an option that takes
 * a text is that text, and behind `--` are names.
 */
export function withCount(args: readonly string[], table: OptionTable): string[] {
  const takesText = new Set(
    Object.values(table).flatMap(({ flags, parse }) =>
      parse ? (flags.match(/(?<![\w-])--?[\w-]+/g) ?? []) : [],
    ),
  );
  const words: string[] = [];
  for (const [index, word] of args.entries()) {
    if (word === "--") return [...words, ...args.slice(index)];
    const [, before, count, behind] = (!takesText.has(args[index - 1] ?? "") && COUNT.exec(word)) || [];
    if (count === undefined) words.push(word);
    else words.push("-n", count, ...(before || behind ? ["-f"] : []));
  }
  return words;
}
