/** Commands that a person is told to type: whatever strangers have named things, they are the words that were meant. */
import { expect, test } from "bun:test";
import { type ShellCommand, shell } from "../../src/system/shell-command.ts";
import { shellWord } from "../../src/system/shell-word.ts";
import { runHarmlessly, sortedCalls } from "../support/harmless-shell.ts";
import { seededRandom } from "../support/random.ts";
import { type SourceCommand, sourceCommands } from "../support/source-commands.ts";

const HOSTILE = [
  "a b",
  "it's",
  `"quoted"`,
  "$(touch /tmp/harm)",
  "`touch harm`",
  "$HOME$IFS",
  "a\nb\n",
  "x; touch harm",
  "x && touch harm || touch harm & touch harm",
  "x | touch harm > harm < harm",
  "--reference=/etc/shadow",
  "-rf",
  "\x1b]0;title\x07\x1b[2J",
  "back\\slash\\",
  "it's\n'both'\\",
  "\x07' \\' $(touch harm) '",
  "*?[a-z]{a,b}~",
  "~root",
  "# comment",
  "!!",
  "\t",
  "",
  "caf\u00e9 \u65e5\u672c",
  "gpj.\u202egnp\u2028\u0085\u200b",
  "=",
  "a=b",
  "%1",
];

const random = seededRandom("hostile words");
const commands = await sourceCommands();

function randomText(): string {
  const characters = [..."ab-/ '\"\\$(){}`;|&<>*?[]!#~=%^\n\t\x1b\u009b\u202e\u00e9\u{1f600}"];
  const length = 1 + Math.floor(random() * 12);
  return Array.from({ length }, () => characters[Math.floor(random() * characters.length)]).join("");
}

function made({ literals, expressions }: SourceCommand, value: (index: number) => string): ShellCommand {
  const strings = Object.assign([...literals], { raw: literals }) as unknown as TemplateStringsArray;
  // A command that is put into another is one of the list itself; here it has to be one that is there.
  const values = expressions.map((expression, index) =>
    expression === "sudo" ? shell`sudo ` : value(index),
  );
  return shell(strings, ...values);
}

/** What a path or name may stand as: a leading hyphen would make an option of it. */
function given(word: string, text: string): string {
  return word.startsWith("MARK") && text.startsWith("-") ? `./${text}` : text;
}

test("src/ makes commands to type in no other way", () => {
  expect(commands.length).toBeGreaterThan(50);
  expect(commands.map(({ file }) => file)).toContain("doctor/region.ts");
  // @ts-expect-error a text is no command
  const forced: ShellCommand = "rm -rf /";
  // @ts-expect-error nor is one made from a text
  expect(() => [forced, shell("rm -rf /")]).not.toThrow();
});

const withValues = commands.filter(({ expressions }) => expressions.some((name) => name !== "sudo"));
const rows = withValues.map((command) => [command.file, shown(command), command] as const);

test.each(rows)("%s: %s passes hostile words on as they are", (_file, _shown, command) => {
  // Where a word goes is seen from one that needs no quotes.
  const [marked] = runHarmlessly([made(command, (index) => `MARK${index}KRAM`).text!]);
  expect(marked!.flat().join()).toContain("KRAM");
  const texts = [...HOSTILE, ...Array.from({ length: 20 }, randomText)];
  const lines = texts.map((text) => made(command, () => text).text!);
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  const expected = texts.map((text) =>
    sortedCalls(
      marked!.map((call) => call.map((word) => word.replace(/MARK\d+KRAM/g, () => given(word, text)))),
    ),
  );
  expect(runHarmlessly(lines)).toEqual(expected);
});

test("what cannot be typed makes no command", () => {
  for (const text of ["\ufffd", "caf\ufffd", "a\0b", "\ud800"])
    expect(shell`rm ${text}`.text).toBeUndefined();
});

test("a shell that does not know $'…' takes all that is in it as text, too", () => {
  for (const text of Array.from({ length: 30 }, () => `\n${randomText()}'"\\$(touch harm)`)) {
    const script = `set -f; for word in ${shellWord(text)}; do echo one; done`;
    const { stdout, stderr } = Bun.spawnSync(["/bin/sh", "-c", script], { env: { PATH: "/nonexistent" } });
    expect(`${stdout}${stderr}`).toBe("one\n");
  }
});

function shown({ literals, expressions }: SourceCommand): string {
  return literals.map((literal, index) => literal + (expressions[index] === undefined ? "" : "…")).join("");
}
