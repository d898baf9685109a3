import { readSync } from "node:fs";
import { LineMemory } from "../lines/line-memory.ts";
import { unableTo } from "../system/errors.ts";
import { INPUT_CHUNK_BYTES, type Input, readInput, yielding } from "../system/input.ts";
import type { SplitLimits } from "./boundaries.ts";
import { copyIntoFiles, type PieceSource } from "./copied-pieces.ts";
import { vectorSearch } from "./line-search.ts";
import { pieceDirectory } from "./piece-directory.ts";
import { splitIntoFiles } from "./piece-files.ts";

/** Smaller pieces are several in what is read at once. */
const LEAST_COPIED_BYTES = 64 * 1024;

/**
 * Splits an input into files, in the way that takes the least: pieces of a size are copied out of a file by the kernel, all
 * else is read and written.
 *
 * @param path The input's, or `-`.
 * @param done Told how many bytes more have been taken.
 * @throws FatalError as opening, reading and writing do; `unable to read <path>: it changed while it was split`
 */
export async function splitInput(
  input: Input,
  path: string,
  limits: SplitLimits,
  names: Iterator<string, unknown>,
  done: (bytes: number) => void,
): Promise<void> {
  const mostBytes = await copiedBytes(input, limits);
  if (mostBytes === undefined) {
    const memory = new LineMemory(LineMemory.sizeOf(INPUT_CHUNK_BYTES));
    const at = memory.allot(INPUT_CHUNK_BYTES);
    const chunks = readInput(input, memory.bytes.subarray(at, at + INPUT_CHUNK_BYTES));
    const lineSearch = vectorSearch(memory);
    await splitIntoFiles(counted(chunks, done), { ...limits, lineSearch }, names, pieceDirectory(path));
    return;
  }
  const { copyRange } = await import("../system/copy-range.ts");
  const giveWay = yielding();
  await copyIntoFiles(sourceOf(input), mostBytes, names, pieceDirectory(path, copyRange), (bytes) => {
    done(bytes);
    return giveWay();
  });
}

/** How large pieces are that are copied; undefined where they are not. Standard input may be in the middle of its file. */
async function copiedBytes(
  { fd, sizeBytes }: Input,
  { bytes, records, recordEnd }: SplitLimits,
): Promise<number | undefined> {
  if (fd === 0 || sizeBytes === undefined || records !== undefined || recordEnd !== "line") return undefined;
  if (bytes === undefined || bytes < LEAST_COPIED_BYTES) return undefined;
  return (await import("../system/c-library.ts")).isCallable ? bytes : undefined;
}

function sourceOf({ fd, name, sizeBytes = 0 }: Input): PieceSource {
  return {
    fd,
    sizeBytes,
    readAt(target, position) {
      try {
        return readSync(fd, target, 0, target.length, position);
      } catch (error) {
        throw unableTo("read", name, error);
      }
    },
    failChanged() {
      throw unableTo("read", name, "it changed while it was split");
    },
  };
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  done: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    done(chunk.length);
  }
}
