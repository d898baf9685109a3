/**
 * The signals of a log writer. The handlers are set when this file is loaded, which main.ts does before all else, so
 * that from the first instruction on none is lost and none ends the program.
 */
import { basename } from "node:path";
import type { Wishes } from "./multilog/intake.ts";

const isLogWriter = [basename(process.argv0), process.argv[2]].includes("multilog");

/** What the signals have asked for so far. */
export const wishes: Wishes = { wantsEnd: false, wantsRotation: false };

if (isLogWriter) {
  process.on("SIGTERM", () => {
    wishes.wantsEnd = true;
  });
  process.on("SIGALRM", () => {
    wishes.wantsRotation = true;
  });
}
