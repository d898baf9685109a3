import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * Variables by which the runtime makes another program of an executable: options and files to run (OPTIONS, PRELOAD), its own
 * command line (BE_BUN), a debugger that runs what it is sent (INSPECT), files written under any name (BYTECODE), reports to
 * somebody else (CRASH). Bun has no build option that shuts them out.
 */
export const CLOSED_VARIABLES = [
  "BUN_BE_BUN",
  "BUN_BYTECODE_DIGEST_OUT",
  "BUN_BYTECODE_ORDER_NAMES_OUT",
  "BUN_BYTECODE_ORDER_OUT",
  "BUN_CRASH_REPORT_URL",
  "BUN_ENABLE_CRASH_REPORTING",
  "BUN_INSPECT",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_INSPECT_PRELOAD",
  "BUN_OPTIONS",
];

/** In the place of the first letter: no shell, and no name in an environment, can have it. */
const UNSETTABLE = "=";

/**
 * Has an executable look for other names than these, which nobody can set. Its size and all else stay.
 *
 * @throws Error `<path>: <name> is there <n> times`, if a name is not there exactly once, as a C string of its own
 */
export function closeVariables(path: string): void {
  const bytes = readFileSync(path);
  const places = CLOSED_VARIABLES.map((name) => placeOf(bytes, name, path));
  const fd = openSync(path, "r+");
  try {
    for (const place of places) writeSync(fd, UNSETTABLE, place);
  } finally {
    closeSync(fd);
  }
}

function placeOf(bytes: Buffer, name: string, path: string): number {
  const string = `\0${name}\0`;
  const places: number[] = [];
  for (let at = bytes.indexOf(string); at !== -1; at = bytes.indexOf(string, at + 1)) places.push(at + 1);
  if (places.length !== 1) throw new Error(`${path}: ${name} is there ${places.length} times`);
  return places[0]!;
}
