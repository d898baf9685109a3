/** The place of one case: its directories, and what nobody may touch beside them. */
import {
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ORDINARY_UID } from "../support/ordinary-user.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { SECRET } from "./texts.ts";

/** Directories that a command may be allowed to write to. */
const OWN = ["cwd", "home", "out", "state", "log", "services"] as const;
type Own = (typeof OWN)[number];

const LARGEST_SEARCHED = 1_000_000;

export class Sandbox {
  readonly root = temporaryDirectory("fuzz");
  #writable: readonly Own[] = [];
  #before = "";

  constructor() {
    for (const name of [...OWN, "precious"] as const) mkdirSync(this.path(name));
    for (const name of ["file", "current", "a.log"]) writeFileSync(this.path("precious", name), "precious\n");
  }

  path(...parts: [Own | "precious", ...string[]]): string {
    return join(this.root, ...parts);
  }

  /** To be called when all is there that the case needs. @param writable What the command may change. */
  seal(...writable: Own[]): void {
    this.#writable = writable;
    this.#before = this.#untouchable();
  }

  /** @throws Error if something was changed that may not be, or a secret was written */
  expectUntouched(): void {
    const after = this.#untouchable();
    if (after !== this.#before) throw new Error(`files were touched:\n${this.#before}\nnow:\n${after}`);
    for (const name of this.#writable)
      for (const [path, stats] of entriesIn(Buffer.from(this.path(name)))) {
        if (!stats.isFile() || stats.size > LARGEST_SEARCHED || isGiven(path)) continue;
        if (readFileSync(path).includes(SECRET)) throw new Error(`a secret is in ${path.toString("latin1")}`);
      }
  }

  /** Names, sizes and times of all that may not be written to. */
  #untouchable(): string {
    const kept = [...OWN, "precious"].filter((name) => !this.#writable.some((own) => own === name));
    const all = [Buffer.from(this.root), ...kept.map((name) => Buffer.from(join(this.root, name)))];
    const found = all.flatMap((directory, index) => [...entriesIn(directory, index > 0)]);
    return found.map(([path, stats]) => `${path.toString("latin1")} ${described(stats)}`).join("\n");
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The files of the AWS tools have secrets. */
function isGiven(path: Buffer): boolean {
  return path.includes("/home/.aws/");
}

/** A directory has another time when something below it is written. */
function described(stats: Stats): string {
  const content = stats.isDirectory() ? "" : ` ${stats.size} ${stats.mtimeMs}`;
  return `${stats.mode.toString(8)} ${stats.ino}${content}`;
}

function* entriesIn(directory: Buffer, isDeep = true): Generator<[path: Buffer, stats: Stats]> {
  for (const name of readdirSync(directory, { encoding: "buffer" }).sort(Buffer.compare)) {
    const path = Buffer.concat([directory, Buffer.from("/"), name]);
    const stats = lstatSync(path);
    yield [path, stats];
    if (isDeep && stats.isDirectory()) yield* entriesIn(path);
  }
}

/** A link that another account has made, which only root can make in its name; links of one's own are followed. */
export function foreignLink(target: string, path: string | Buffer): void {
  if (process.getuid?.() !== 0) return;
  symlinkSync(target, path);
  lchownSync(path, ORDINARY_UID, ORDINARY_UID);
}
