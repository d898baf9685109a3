/** Rotations with long steps: between any two of them logship may look, or be killed and started again. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FileWriter } from "./log-writers.ts";

const STEP_MS = 150;

/** `dateext`, and a new file that nobody may read at first; the writer goes on in the old one for a while. */
export class DatedLog extends FileWriter {
  #rotations = 0;

  async rotate(): Promise<void> {
    const second = String(1_484_231_816 + this.#rotations++);
    renameSync(this.source, `${this.source}-20170112-${second}`);
    await Bun.sleep(STEP_MS);
    closeSync(openSync(this.source, "a", 0));
    await Bun.sleep(STEP_MS);
    chmodSync(this.source, 0o644);
    this.reopen();
  }
}

/** What `gzip` does beside a log: the packed file grows under its last name while the plain one is still there. */
export class SlowlyCompressedLog extends FileWriter {
  async rotate(): Promise<void> {
    this.shift();
    renameSync(this.source, `${this.source}.1`);
    await Bun.sleep(STEP_MS);
    this.reopen();
    const plain = `${this.source}.1`;
    const packed = gzipSync(readFileSync(plain));
    for (let at = 0; at < packed.length; at += 1 + (packed.length >> 2)) {
      appendFileSync(`${plain}.gz`, packed.subarray(at, at + 1 + (packed.length >> 2)));
      await Bun.sleep(STEP_MS / 4);
    }
    unlinkSync(plain);
  }
}

/** `copytruncate` and `compress` of a log that takes its time to be copied. */
export class SlowlyCopiedLog extends FileWriter {
  async rotate(): Promise<void> {
    this.shift();
    const content = readFileSync(this.source);
    const copy = `${this.source}.1`;
    for (let at = 0; at < content.length; at += 1 + (content.length >> 2)) {
      appendFileSync(copy, content.subarray(at, at + 1 + (content.length >> 2)));
      await Bun.sleep(STEP_MS / 4);
    }
    truncateSync(this.source);
    if (content.length === 0) writeFileSync(copy, "");
    writeFileSync(`${copy}.gz`, gzipSync(content));
    unlinkSync(copy);
  }

  /** Nothing is written while it is copied; such lines would be lost by the rotation. */
  override get isBusyWhileRotated(): boolean {
    return false;
  }
}

/** Named by a symbolic link, which leads to another file after each rotation, as cronolog and rotatelogs do it. */
export class LinkedLog extends FileWriter {
  #rotations = 0;

  constructor(directory: string, name: string) {
    mkdirSync(directory, { recursive: true });
    if (!existsSync(join(directory, name))) symlinkSync("access-20170112000000.log", join(directory, name));
    super(directory, name);
  }

  async rotate(): Promise<void> {
    const target = `access-${20170112000001 + this.#rotations++}.log`;
    symlinkSync(target, `${this.source}.new`);
    await Bun.sleep(STEP_MS);
    renameSync(`${this.source}.new`, this.source);
    await Bun.sleep(STEP_MS);
    this.reopen();
  }
}
