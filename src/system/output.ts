import { writeSync } from "node:fs";
import { errnoName } from "./errno.ts";

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
      Bun.sleepSync(5);
    }
  }
}
