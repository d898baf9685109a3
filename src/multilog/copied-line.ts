const NEWLINE = 0x0a;

/** The action `e`: each of the lines in one write. What cannot be written is left out. */
export function copyLinesTo(write: (data: Uint8Array) => void): (lines: Buffer) => void {
  return (lines) => {
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf(NEWLINE, at) + 1;
      try {
        write(lines.subarray(at, end));
      } catch {
        // As daemontools has it: the log directories matter more than standard error.
      }
      at = end;
    }
  };
}
