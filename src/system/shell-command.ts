import { shellWord } from "./shell-word.ts";

/**
 * A command line for a person to type. Only `shell` makes one, and it quotes all that is not written in the source, so
 * that no text of a stranger is ever a part of a command but as a word.
 */
export class ShellCommand {
  readonly #text: string;
  readonly #isTypable: boolean;

  private constructor(text: string, isTypable: boolean) {
    this.#text = text;
    this.#isTypable = isTypable;
  }

  /** One line of printable characters; undefined if one of its words cannot be typed, such as a name that is not UTF-8. */
  get text(): string | undefined {
    return this.#isTypable ? this.#text : undefined;
  }

  static of(literals: TemplateStringsArray, ...values: readonly (string | ShellCommand)[]): ShellCommand {
    let text = literals[0]!;
    let isTypable = true;
    for (const [index, value] of values.entries()) {
      const isCommand = value instanceof ShellCommand;
      isTypable &&= isCommand ? value.#isTypable : !UNTYPABLE.test(value);
      text += isCommand ? value.#text : wordOf(value, text === "" || text.endsWith(" "));
      text += literals[index + 1]!;
    }
    return new ShellCommand(text, isTypable);
  }
}

/** What stands for bytes that are not UTF-8, and what no argument of a program holds. */
const UNTYPABLE = /[\0\ufffd\p{Surrogate}]/u;

/** A word that begins with a hyphen would be read as an option: as a path it is the same with `./` before it. */
function wordOf(value: string, isAtBeginning: boolean): string {
  return isAtBeginning && value.startsWith("-") ? `./${shellWord(value)}` : shellWord(value);
}

/**
 * Makes a command: shell`du -xh ${directory} | sort -h | tail`. What stands in the source is the shell's own text, and every
 * value becomes one word of it or a part of one, except that a command is put in as it is: shell`${sudo}rm ${path}`.
 */
export const shell = ShellCommand.of;
