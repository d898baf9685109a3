import { WINDOW_BYTES, Window } from "../follow/cursor.ts";
import type { Generation, Pending } from "./generation.ts";
import type { ShipHost } from "./source.ts";

/** True if it is not yet known whether a piece can be stored. */
export function isUnderWay({ isLeftOver, isStored, taken }: Pending): boolean {
  return !isLeftOver && !isStored && taken === undefined;
}

/**
 * For a generation of which a key is taken by something else, as after its state was restored from an older copy or its
 * machine was cloned: that stays, and from there on everything is shipped under a new generation, also what lies behind and
 * was stored. The generation itself is what became of it, and the pieces before it are its own.
 *
 * @returns false if its file no longer holds what it held, so that it has to be found first
 */
export async function goOnAnew(
  name: string,
  generation: Generation,
  nextId: () => string,
  { uploader, messages }: ShipHost,
): Promise<boolean> {
  const taken = generation.pending.filter((pending) => pending.taken);
  const { intention, taken: why } = taken.reduce((a, b) => (b.intention.first < a.intention.first ? b : a));
  const { first, last, key } = intention;
  const cursor = await cursorAt(generation, first);
  if (!cursor || !generation.isIntact()) return false;
  const before = { generation: generation.id, end: first };
  generation.beginAnew(nextId(), cursor, before);
  messages.warning(
    `unable to upload ${name}:${first}-${last} to ${uploader.locate(key)}: ${why!.reason}: it stays, and ${name} is ` +
      `shipped on from byte ${first} under a new generation, ${generation.id}; some lines may be there twice`,
  );
  return true;
}

/** For one whose file is gone: tells what can be stored no more. @returns bytes that are lost */
export function giveUpTaken(name: string, generation: Generation, { messages }: ShipHost): number {
  const taken = generation.pending.filter((pending) => pending.taken);
  generation.pending = generation.pending.filter((pending) => !pending.taken);
  let lost = 0;
  for (const { intention, taken: why } of taken) {
    const { first, last } = intention;
    lost += last - first;
    messages.warning(
      `unable to upload ${name}:${first}-${last}: ${why!.reason}, and its file is gone: ${last - first} bytes are lost`,
    );
  }
  return lost;
}

/** The cursor at an offset of what a file holds; undefined if it does not reach there any more. */
export async function cursorAt(generation: Generation, offset: number) {
  const head = await bytesAt(generation, 0, WINDOW_BYTES);
  const length = Math.min(offset, WINDOW_BYTES);
  const tail = await bytesAt(generation, offset - length, length);
  if (tail.length < length) return undefined;
  return { offset, head: Window.of(head), tail: Window.of(tail) };
}

async function bytesAt(generation: Generation, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, await generation.read(buffer, position));
}
