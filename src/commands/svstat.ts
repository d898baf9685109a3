import { formatStatus, readStatus } from "../supervise/status.ts";
import { writeOutput } from "../system/output.ts";
import { shownOn } from "../system/shown.ts";

/** `svstat dir...`: always exit code 0, as daemontools has it, even where nothing can be read or written. */
export async function svstat(directories: string[]): Promise<number> {
  const lines = directories.map((directory) => {
    return `${directory}: ${formatStatus(readStatus(directory), Date.now())}\n`;
  });
  try {
    const shown = shownOn(1, writeOutput);
    shown.write(Buffer.from(lines.join("")));
    shown.end();
  } catch {
    // svstat says nothing about a full or closed output either.
  }
  return 0;
}
