import type { RunScript } from "./line-actions.ts";

const SHOWN_BYTES = 200;
const END = Buffer.from("\n");
const CUT_END = Buffer.from("...\n");

/** The action `e`: each line in one write, of long ones the first 200 bytes. What cannot be written is left out. */
export function copyLinesTo(write: (data: Uint8Array) => void): RunScript {
  const copy = Buffer.allocUnsafeSlow(SHOWN_BYTES + CUT_END.length);
  return (text, from, to) => {
    const shown = Math.min(to - from, SHOWN_BYTES);
    text.copy(copy, 0, from, from + shown);
    const end = to - from > SHOWN_BYTES ? CUT_END : END;
    end.copy(copy, shown);
    try {
      write(copy.subarray(0, shown + end.length));
    } catch {
      // As daemontools has it: the log directories matter more than standard error.
    }
  };
}
