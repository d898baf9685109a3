import type { LargeContent, SpareConnections } from "./destination.ts";
import { PartReader } from "./part-reader.ts";

/** How long the other parts may still take after one has failed. */
const LAST_PARTS_MS = 2000;

/** Sends a part, numbered from 1. */
export type SendPart = (number: number, part: Buffer, signals: PartSignals) => Promise<void>;

export interface PartSignals {
  /** Once aborted, no part is begun or tried again. */
  readonly halt: AbortSignal;
  /** Once aborted, requests under way are given up. */
  readonly abort: AbortSignal;
}

/**
 * Sends a content in parts: one always, and as many beside it as there are spare connections and memory, which are given
 * back after each part. After one has failed the others that are under way have a moment to end, for the server may store
 * a part after it was told to remove them all. When this returns or throws no part is under way.
 *
 * @throws the first failure, of a part or of the content
 */
export async function sendSideBySide(
  content: LargeContent,
  spare: SpareConnections,
  send: SendPart,
  signal: AbortSignal,
): Promise<void> {
  const halted = new AbortController();
  const cut = new AbortController();
  const signals: PartSignals = {
    halt: AbortSignal.any([signal, halted.signal]),
    abort: AbortSignal.any([signal, cut.signal]),
  };
  const failures: unknown[] = [];
  let lastParts: NodeJS.Timeout | undefined;
  const fail = (error: unknown) => {
    failures.push(error);
    halted.abort();
    lastParts ??= setTimeout(() => cut.abort(), LAST_PARTS_MS);
  };
  const room = new Room(content, spare);
  const reader = new PartReader(content.open());
  const underWay = new Set<Promise<void>>();
  let isAtEnd = false;
  for (let number = 0; !isAtEnd && failures.length === 0; ) {
    const buffer = room.take();
    if (buffer === undefined) {
      await Promise.race(underWay);
      continue;
    }
    const part = await reader.fill(buffer).catch(fail);
    isAtEnd = part === undefined || part.length < buffer.length;
    const sending = (part?.length ? send(++number, part, signals).catch(fail) : Promise.resolve()).finally(
      () => {
        underWay.delete(sending);
        room.give(buffer);
      },
    );
    underWay.add(sending);
  }
  await reader.close();
  await Promise.all(underWay);
  clearTimeout(lastParts);
  if (failures.length > 0) throw failures[0];
}

/** Memory and connections for the parts of one content, of which one is always there. */
class Room {
  readonly #content: LargeContent;
  readonly #spare: SpareConnections;
  #taken = 0;

  constructor(content: LargeContent, spare: SpareConnections) {
    this.#content = content;
    this.#spare = spare;
  }

  take(): Buffer | undefined {
    const isFirst = this.#taken === 0;
    if (!isFirst && !this.#spare.tryTake()) return undefined;
    const buffer = this.#content.memory.take();
    if (buffer) this.#taken++;
    else if (!isFirst) this.#spare.give();
    return buffer;
  }

  give(buffer: Buffer): void {
    this.#content.memory.give(buffer);
    this.#taken--;
    if (this.#taken > 0) this.#spare.give();
  }
}
