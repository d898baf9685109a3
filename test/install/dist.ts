import { join } from "node:path";
import { runDirectory } from "../support/run-directory.ts";
import { madeOnce } from "./once.ts";

const project = join(import.meta.dir, "../..");

/** The programs to name in `needs()`. */
export const distPrograms = ["musl-gcc", "make", "patch", "xz"];

/**
 * What `npm run dist` makes of this project with the source of daemontools; the first of a test run builds it.
 *
 * @returns the directory
 */
export async function distWith(tarball: string): Promise<string> {
  const output = join(runDirectory, "dist");
  const build =
    'rm -rf "$1.new" && "$2" src/build/dist.ts --daemontools-tarball "$3" --output "$1.new" && mv "$1.new" "$1"';
  const built = await madeOnce(output, build, [process.execPath, tarball], project);
  if (built.exitCode !== 0) throw new Error(`dist failed: ${built.stderr}`);
  return output;
}
