import { candidatesFor } from "../cli/candidates.ts";
import { defineCommand } from "../cli/command.ts";
import { hostWords } from "../cli/host-words.ts";
import { COMPLETIONS, SHELLS, type Shell } from "../completion/scripts.ts";
import { unableToParse } from "../system/errors.ts";
import { printText } from "../system/output.ts";
import { oneOf } from "../system/quantity.ts";

export const completion = defineCommand({
  positional: "<shell> [word...]",
  options: {},
  isRaw: true,
  examples: ['eval "$(logship completion bash)"', "logship completion fish | source"],
  notes: `SHELL is ${SHELLS.join(", ")}. What it prints makes that shell complete the commands of logship, their options, and values of these; logship setup puts it where the shells look. With WORD it prints what may stand at the last of them, which is what the shell asks then.`,
  async run(_options, [name, ...words], host) {
    if (name === undefined)
      throw unableToParse("command line", `completion needs a shell: ${SHELLS.join(", ")}`);
    const shell = shellOf(name);
    // What the script of the shell asks: the words behind `logship` up to the cursor.
    printText(
      words.length === 0
        ? COMPLETIONS[shell].script
        : await candidatesFor(words, host.commands, hostWords(host)),
    );
    return 0;
  },
});

function shellOf(name: string): Shell {
  try {
    return oneOf(SHELLS)(name);
  } catch (error) {
    throw unableToParse(`shell ${name}`, (error as Error).message);
  }
}
