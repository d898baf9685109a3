import { read } from "node:fs";
import { errnoName } from "./errno.ts";
import { unableTo } from "./errors.ts";
import { pollOf, readableBytes } from "./libc.ts";

const STDIN = 0;

/** Standard input for a program that has other things to do meanwhile, and that may have to stop without its end. */
export interface StdinReader {
  /** True if reading does not wait. */
  isReady(): boolean;
  /** How many bytes are there at once; 0 at the end, and where the kernel does not tell. */
  readableBytes(): number;
  /**
   * @returns how many bytes were read, 0 at the end; undefined if there was nothing after all
   * @throws FatalError `unable to read standard input: <reason>`
   */
  read(buffer: Uint8Array): Promise<number | undefined>;
}

export function stdinReader(): StdinReader {
  const poll = pollOf([STDIN]);
  return {
    isReady: () => poll(0) !== 0,
    readableBytes: () => readableBytes(STDIN) ?? 0,
    async read(buffer) {
      try {
        return await readOnce(buffer);
      } catch (error) {
        if (errnoName(error) === "EAGAIN" || errnoName(error) === "EINTR") return undefined;
        throw unableTo("read", "standard input", error);
      }
    },
  };
}

function readOnce(buffer: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(STDIN, buffer, 0, buffer.length, null, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
