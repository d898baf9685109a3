import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { executable } from "./logship.ts";

/** Writes numbered lines to a log, as a server does, and rotates it in one way or another. */
export interface NumberedWriter {
  /** What logship is told to ship. */
  readonly source: string;
  /** How many lines have been written; the next one bears this number. */
  readonly count: number;
  write(lines: number): void;
  /** As long as it is rotated, lines may be refused. */
  rotate(): Promise<void>;
  /** Not if it is false. */
  readonly isBusyWhileRotated?: boolean;
  close(): Promise<void>;
}

/** More than a loop makes, however slow the machine: what is deleted unshipped is another story. */
const KEPT = 100;

export abstract class FileWriter implements NumberedWriter {
  readonly source: string;
  count = 0;
  protected fd: number;
  readonly #padding: string;

  constructor(directory: string, name: string, padding = "") {
    mkdirSync(directory, { recursive: true });
    this.source = join(directory, name);
    this.fd = openSync(this.source, "a");
    this.#padding = padding;
  }

  write(lines: number): void {
    let text = "";
    for (let index = 0; index < lines; index++) text += `${this.count++}${this.#padding}\n`;
    writeSync(this.fd, text);
  }

  abstract rotate(): Promise<void>;

  /** Lines may be written while it is rotated. */
  get isBusyWhileRotated(): boolean {
    return true;
  }

  /** Goes on in the file that bears the name now. */
  protected reopen(): void {
    const next = openSync(this.source, "a");
    closeSync(this.fd);
    this.fd = next;
  }

  async close(): Promise<void> {
    closeSync(this.fd);
  }

  /** access.log.1 becomes access.log.2 and so on; the oldest goes. */
  protected shift(): void {
    for (let index = KEPT; index >= 1; index--) {
      for (const end of ["", ".gz"]) {
        const path = `${this.source}.${index}${end}`;
        if (!existsSync(path)) continue;
        if (index === KEPT) unlinkSync(path);
        else renameSync(path, `${this.source}.${index + 1}${end}`);
      }
    }
  }
}

/** Rotated by renaming; the writer opens the new file a moment later, and writes to the old one until then. */
export class RenamedLog extends FileWriter {
  async rotate(): Promise<void> {
    this.shift();
    renameSync(this.source, `${this.source}.1`);
    await Bun.sleep(5);
    this.reopen();
  }
}

/** Rotated by renaming, and compressed at once. */
export class CompressedLog extends RenamedLog {
  override async rotate(): Promise<void> {
    await super.rotate();
    const path = `${this.source}.1`;
    writeFileSync(`${path}.gz.tmp`, gzipSync(readFileSync(path)));
    renameSync(`${path}.gz.tmp`, `${path}.gz`);
    unlinkSync(path);
  }
}

/** Rotated by copying and emptying; nothing is written meanwhile. */
export class EmptiedLog extends FileWriter {
  async rotate(): Promise<void> {
    this.shift();
    copyFileSync(this.source, `${this.source}.1`);
    truncateSync(this.source);
  }
}

/** Written by multilog, which rotates by size and keeps three files. */
export class MultilogLog implements NumberedWriter {
  readonly source: string;
  count = 0;
  readonly #child: Bun.Subprocess<"pipe", "ignore", "inherit">;

  constructor(directory: string, sizeBytes: number) {
    this.source = join(directory, "main");
    mkdirSync(directory, { recursive: true });
    const script = [`s${sizeBytes}`, "n3", this.source];
    this.#child = Bun.spawn([executable, "multilog", ...script], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
    });
  }

  write(lines: number): void {
    let text = "";
    for (let index = 0; index < lines; index++) text += `${this.count++}\n`;
    this.#child.stdin.write(text);
    this.#child.stdin.flush();
  }

  async rotate(): Promise<void> {}

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#child.exited;
  }
}
