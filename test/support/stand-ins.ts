import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { executable } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";

/** A directory in which the executable has the names of daemontools' programs. */
export function standIns(...names: string[]): string {
  if (!existsSync(executable)) throw new Error(`not built: ${executable}`);
  const directory = temporaryDirectory("stand-ins");
  for (const name of names) symlinkSync(executable, join(directory, name));
  return directory;
}
