/** Text for man(7), as both groff and mandoc read it. */

const WIDTH = 78;
const LONG_WORD = 40;
const ESCAPED: Record<string, string> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** A text without any meaning for roff, wherever it stands in a line. */
export function escaped(text: string): string {
  return text
    .replaceAll("…", "...") // ASCII terminals leave it out
    .replace(/[\\\-'`^~]/g, (character) => ESCAPED[character]!)
    .replace(
      /[^\0-\x7f]/g,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replace(/^\./, "\\&.");
}

/** Running text in lines of its source, which may not be long; a long address may be broken behind its slashes. */
export function filled(text: string): string {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const source = word.length > LONG_WORD ? escaped(word).replaceAll("/", "/\\:") : escaped(word);
    const longer = lines.length > 0 ? `${lines.at(-1)} ${source}` : source;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(source);
  }
  return lines.join("\n");
}

/** Lines that stay as they are. */
export function verbatim(lines: readonly string[]): string {
  return [".EX", ...lines.map(escaped), ".EE", ".nh"].join("\n"); // .EE turns hyphenation on again
}

/** A term in bold with what it means. */
export function definition(term: string, meaning: string): string {
  return `.TP\n\\fB${escaped(term)}\\fR\n${filled(meaning)}`;
}
