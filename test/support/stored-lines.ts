import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** All that a log directory holds, oldest first: files with labels, then `current`. */
export function storedBytes(directory: string): Buffer {
  return Buffer.concat(logFiles(directory).map((name) => readFileSync(join(directory, name))));
}

/** The file in which logship keeps what it has read and not written; daemontools has none and looks at none. */
export const RECORD = "unwritten";

/** The names of the files that hold lines, oldest first. */
export function logFiles(directory: string): string[] {
  const names = readdirSync(directory);
  const old = names.filter((name) => name.startsWith("@")).sort();
  return names.includes("current") ? [...old, "current"] : old;
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

/** A line that says which it is, `bytes` long with its newline. */
export function numberedLine(number: number, bytes: number): string {
  return `${`line ${String(number).padStart(9, "0")} `.padEnd(bytes - 1, ".")}\n`;
}

export function numberedLines(count: number, bytes: number, from = 0): Buffer {
  const lines = Buffer.alloc(count * bytes);
  for (let index = 0; index < count; index++)
    lines.write(numberedLine(from + index, bytes), index * bytes, "latin1");
  return lines;
}
