import { fstatSync, writeSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { unableTo } from "./errors.ts";

/**
 * Writes all bytes to standard output before it returns, also where a reader has made the pipe non-blocking.
 *
 * @throws the system's error, with all that fitted already written
 */
export function writeOutput(data: string | Uint8Array): void {
  let rest: Uint8Array = typeof data === "string" ? Buffer.from(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (errnoName(error) !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
}

/**
 * Writes a text that somebody may read only the beginning of.
 *
 * @throws FatalError `unable to write to standard output: <reason>`, unless the reader went away
 */
export function printText(text: string): void {
  try {
    writeOutput(text);
  } catch (error) {
    if (errnoName(error) !== "EPIPE") throw unableTo("write to", "standard output", error);
  }
}

/**
 * Writes chunks to standard output until there are no more or nobody reads them any more; that the reader has gone is
 * no failure.
 *
 * @throws FatalError `unable to write to standard output: <reason>`
 */
export async function pipeToOutput(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    try {
      writeOutput(chunk);
    } catch (error) {
      if (errnoName(error) === "EPIPE") return;
      throw unableTo("write to", "standard output", error);
    }
  }
}

/** The reader of standard output has closed it: there is nobody left to write for. */
class ReaderLeft extends Error {}

/**
 * Runs work that writes to standard output for as long as it is read: a reader that goes away has seen all it wanted,
 * and ends the work with exit code 0.
 *
 * @throws FatalError `unable to write standard output: <reason>`, and what the work throws
 */
export async function untilReaderLeaves(
  work: (write: (data: string | Uint8Array) => void) => Promise<number>,
): Promise<number> {
  try {
    return await work((data) => {
      try {
        writeOutput(data);
      } catch (error) {
        throw errnoName(error) === "EPIPE" ? new ReaderLeft() : unableTo("write", "standard output", error);
      }
    });
  } catch (error) {
    if (error instanceof ReaderLeft) return 0;
    throw error;
  }
}

/** Makes a function that tells, without writing anything, whether the reader of a piped standard output has gone away. */
export async function readerWatch(): Promise<() => boolean> {
  if (!fstatSync(1).isFIFO()) return () => false;
  const { pollOf } = await import("./libc.ts");
  // The writing end of a pipe has nothing to report but an error.
  const poll = pollOf([1]);
  return () => poll(0) !== 0;
}
