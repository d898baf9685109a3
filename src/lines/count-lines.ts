import { LineMemory } from "./line-memory.ts";

/** What the processor keeps near. */
const BLOCK_BYTES = 64 * 1024;

let memory: { readonly lines: LineMemory; readonly at: number } | undefined;

/** How many line ends there are in bytes anywhere: a copy and a count of it are quicker than a search for each. */
export function countLineEnds(bytes: Uint8Array): number {
  memory ??= blockMemory();
  const { lines, at } = memory;
  let count = 0;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    lines.bytes.set(block, at);
    count += lines.countLines(at, at + block.length);
  }
  return count;
}

function blockMemory() {
  const lines = new LineMemory(LineMemory.sizeOf(BLOCK_BYTES));
  return { lines, at: lines.allot(BLOCK_BYTES) };
}
