/** What would move the cursor, change the order of what is shown, or is not shown at all. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * A text as one word of a shell's command line, in quotes only where it needs them. Hidden characters are written as
 * bytes, $'a\012b', so that the word can be shown and typed; a shell that does not know this form takes all of it as text.
 */
export function shellWord(text: string): string {
  if (HIDDEN.test(text)) return `$'${[...text].map(ansiCharacter).join("")}'`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function ansiCharacter(character: string): string {
  if (!HIDDEN.test(character) && character !== "'" && character !== "\\") return character;
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
