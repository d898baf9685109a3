/** What supervise does on each letter, as `svc -h` and svc's usage line name them. */
export const MEANINGS = {
  u: "up",
  d: "down",
  o: "once",
  x: "exit",
  p: "pause",
  c: "continue",
  h: "hup",
  a: "alarm",
  i: "interrupt",
  t: "term",
  k: "kill",
} as const;

/** `u up, d down, …` in svc's order. */
export const lettersHelp = Object.entries(MEANINGS)
  .map(([letter, meaning]) => `${letter} ${meaning}`)
  .join(", ");

/** A command line of svc, or the first character that is none of its options. */
export type SvcArguments =
  | { readonly kind: "ok"; readonly letters: string; readonly directories: string[] }
  | { readonly kind: "illegal"; readonly option: string };

/**
 * Reads `-dx -u dir dir`: letters in the order given, each once; clusters allowed, `--` ends them, and so does the
 * first argument that is no option (a lone `-` is none).
 */
export function parseSvcArguments(args: string[]): SvcArguments {
  const letters = new Set<string>();
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === "--") {
      index++;
      break;
    }
    if (!argument.startsWith("-") || argument === "-") break;
    for (const letter of argument.slice(1)) {
      if (!(letter in MEANINGS)) return { kind: "illegal", option: letter };
      letters.add(letter);
    }
  }
  return { kind: "ok", letters: [...letters].join(""), directories: args.slice(index) };
}
