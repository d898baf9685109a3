import { closeSync, constants, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../support/run-directory.ts";

export interface FakeStatus {
  /** Seconds since the last change of pid. */
  readonly age: number;
  readonly nanoseconds?: number;
  readonly pid?: number;
  readonly paused?: number;
  readonly want?: "u" | "d";
}

/** The 18 bytes of `supervise/status`. */
export function statusBytes({ age, nanoseconds = 0, pid = 0, paused = 0, want }: FakeStatus): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.writeBigUInt64BE(2n ** 62n + 10n + BigInt(Math.floor(Date.now() / 1000) - age));
  bytes.writeUInt32BE(nanoseconds, 8);
  bytes.writeUInt32LE(pid, 12);
  bytes[16] = paused;
  bytes[17] = want?.charCodeAt(0) ?? 0;
  return bytes;
}

/** A service directory as supervise leaves it behind, without supervise. */
export class ServiceDirectory {
  readonly parent = temporaryDirectory("services");
  readonly path = join(this.parent, "s");
  #reader: number | undefined;

  constructor() {
    mkdirSync(join(this.path, "supervise"), { recursive: true });
  }

  write(name: string, content: string | Uint8Array = ""): this {
    writeFileSync(join(this.path, name), content);
    return this;
  }

  directory(name: string): this {
    mkdirSync(join(this.path, name), { recursive: true });
    return this;
  }

  fifo(name: string, isRead: boolean): this {
    const path = join(this.path, name);
    Bun.spawnSync(["mkfifo", "-m", "0600", path]);
    if (isRead) this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return this;
  }

  /** As if supervise ran and had written this. */
  supervised(status: FakeStatus): this {
    return this.fifo("supervise/ok", true).write("supervise/status", statusBytes(status));
  }

  [Symbol.dispose](): void {
    if (this.#reader !== undefined) closeSync(this.#reader);
  }
}
