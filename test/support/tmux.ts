import { join } from "node:path";
import { executable } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { AT_ONCE_MS, until } from "./until.ts";

export interface TerminalSettings {
  readonly columns: number;
  readonly rows: number;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** A terminal with a shell in it, as a person sees it. `await using` ends all of it. */
export class Terminal {
  readonly #socket = join(temporaryDirectory("tmux"), "socket");

  /** HOME, and where the shell begins. */
  readonly home: string;

  constructor({ columns, rows, cwd = temporaryDirectory("cwd"), env = {} }: TerminalSettings) {
    this.home = cwd;
    const variables = { HOME: cwd, TZ: "UTC", LANG: "C.UTF-8", AWS_EC2_METADATA_DISABLED: "true", ...env };
    const shell = "exec env -u TMUX PS1='$ ' ENV= sh -i";
    // One server for each terminal, with no configuration of anybody's.
    this.#tmux(
      ["-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", String(rows), "-c", cwd, shell],
      { PATH: process.env.PATH ?? "", ...variables, logship: executable },
    );
  }

  /** The rows of the screen up to the last that is not empty. */
  get rows(): string[] {
    return this.#tmux(["capture-pane", "-p"]).trimEnd().split("\n");
  }

  /** What is to be seen, a line for each that was written, also where it takes more than one row. */
  get text(): string {
    return this.#tmux(["capture-pane", "-p", "-J"]).trimEnd().replace(/ +$/gm, "");
  }

  /** As `text`, with the codes of colours. */
  get colouredText(): string {
    return this.#tmux(["capture-pane", "-p", "-e"]);
  }

  /** Types a command line, and Enter; `$logship` is the built program. */
  run(command: string): void {
    this.#tmux(["send-keys", "-l", command]);
    this.press("Enter");
  }

  /** Presses a key, as tmux calls it: `q`, `C-c`. */
  press(key: string): void {
    this.#tmux(["send-keys", key]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** Waits until the screen shows something. */
  async shows(pattern: RegExp, isWanted = true, limitMs = AT_ONCE_MS): Promise<string> {
    let text = "";
    const isSo = () => {
      text = this.text;
      return pattern.test(text) === isWanted;
    };
    try {
      await until(`a screen ${isWanted ? "with" : "without"} ${pattern}`, isSo, limitMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows:\n${text}`);
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tmux(["kill-server"]);
  }

  #tmux(args: string[], env?: Record<string, string>): string {
    const { exitCode, stdout, stderr } = Bun.spawnSync(["tmux", "-S", this.#socket, ...args], env && { env });
    if (exitCode !== 0) throw new Error(`tmux ${args[0]}: ${stderr.toString()}`);
    return stdout.toString();
  }
}
