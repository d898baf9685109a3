import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./run-directory.ts";
import { until } from "./until.ts";

const TAB = "\t";
const TELL = "\x14"; // control-T
const CLEAR = "\x15"; // control-U

/** How a shell is started without the files of its user, and told to write what stands in its line when TELL is pressed. */
const SHELLS = {
  bash: {
    command: "bash --norc -i",
    tell: (file: string) => `bind -x '"\\C-t": printf %s "$READLINE_LINE" > ${file}'`,
  },
  zsh: {
    command: "zsh -f -i",
    tell: (file: string) => `tell() { print -rn -- "$BUFFER" > ${file} }; zle -N tell; bindkey '^T' tell`,
  },
} as const;

/** A shell on a terminal, and a person who types into it. `await using` ends it. */
export class TypingShell {
  readonly #file = join(temporaryDirectory("typing"), "line");
  readonly #terminal: Bun.Subprocess<"pipe", "pipe", "ignore">;
  readonly #reading: Promise<void>;
  #screen = "";

  private constructor(command: string, env: Record<string, string>) {
    this.#terminal = Bun.spawn(["script", "-qec", command, "/dev/null"], {
      env: { ...env, TERM: "xterm" },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
    });
    this.#reading = this.#read();
  }

  /** @param setUp What the shell is told first. */
  static async start(
    shell: keyof typeof SHELLS,
    setUp: string,
    env: Record<string, string>,
  ): Promise<TypingShell> {
    const { command, tell } = SHELLS[shell];
    const typing = new TypingShell(command, env);
    typing.#type(`${setUp}; ${tell(typing.#file)}; echo ready-$((40 + 2))\n`);
    await until(`${shell} is ready`, () => typing.#screen.includes("ready-42"));
    return typing;
  }

  /** What a line is after it was typed and Tab was pressed. */
  async completed(line: string): Promise<string> {
    rmSync(this.#file, { force: true });
    this.#type(`${CLEAR}${line}${TAB}${TELL}`);
    await until(`${line} is completed`, () => existsSync(this.#file) && readFileSync(this.#file).length > 0);
    return readFileSync(this.#file, "utf8");
  }

  #type(keys: string): void {
    this.#terminal.stdin.write(keys);
    this.#terminal.stdin.flush();
  }

  async #read(): Promise<void> {
    for await (const bytes of this.#terminal.stdout) this.#screen += Buffer.from(bytes).toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#terminal.kill("SIGKILL");
    await this.#terminal.exited;
    await this.#reading;
  }
}
