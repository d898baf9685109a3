import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { formatLabel } from "../../src/tai64n/label.ts";

/**
 * Does to a log directory what multilog does, one file call at a time, so that a test can look between any two of them.
 * `steps()` are the calls of a rotation; running only some of them is a crash.
 */
export class LogWriter {
  readonly directory: string;
  /** Older files are deleted so that fewer than this remain. */
  keep = 1000;
  processor: ((content: string) => string) | undefined;
  #unixSeconds = 1_500_000_000;

  constructor(directory: string) {
    this.directory = directory;
  }

  label(): string {
    return formatLabel({ unixSeconds: this.#unixSeconds++, nanoseconds: 500 });
  }

  write(text: string): void {
    appendFileSync(this.#path("current"), text);
  }

  /** The first start, or one after a crash. */
  start(): void {
    this.#unlink("state");
    this.#unlink("newstate");
    const isComplete = this.#exists("processed") && (statSync(this.#path("processed")).mode & 0o100) !== 0;
    this.#unlink(isComplete ? "previous" : "processed");
    if (isComplete) this.#file("processed", "s");
    else if (this.#exists("previous")) this.#file("previous", "u");
    if (this.#exists("current")) this.#file("current", "u");
    this.#create("state");
    this.#create("current");
  }

  rotate(): void {
    for (const step of this.steps()) step();
  }

  steps(): (() => void)[] {
    const { processor } = this;
    const result = processor === undefined ? "previous" : "processed";
    const process = [
      () => writeFileSync(this.#path("processed"), processor!(readFileSync(this.#path("previous"), "utf8"))),
      () => writeFileSync(this.#path("newstate"), "state"),
      () => chmodSync(this.#path("processed"), 0o744),
      () => this.#unlink("previous"),
      () => renameSync(this.#path("newstate"), this.#path("state")),
    ];
    return [
      () => renameSync(this.#path("current"), this.#path("previous")),
      () => this.#create("current"),
      ...(processor === undefined ? [() => chmodSync(this.#path("previous"), 0o744)] : process),
      () => linkSync(this.#path(result), this.#path(`${this.label()}.s`)),
      () => this.#unlink(result),
      () => this.#prune(),
    ];
  }

  /** A name whose file has another one already was given that before the crash. */
  #file(name: string, suffix: string): void {
    if (statSync(this.#path(name)).nlink > 1) {
      this.#unlink(name);
      return;
    }
    renameSync(this.#path(name), this.#path(`${this.label()}.${suffix}`));
    this.#prune();
  }

  #prune(): void {
    const names = readdirSync(this.directory).filter((name) => name.startsWith("@"));
    for (const name of names.sort().slice(0, Math.max(0, names.length - this.keep + 1))) this.#unlink(name);
  }

  #create(name: string): void {
    writeFileSync(this.#path(name), "");
  }

  #unlink(name: string): void {
    rmSync(this.#path(name), { force: true });
  }

  #exists(name: string): boolean {
    return existsSync(this.#path(name));
  }

  #path(name: string): string {
    return `${this.directory}/${name}`;
  }
}
