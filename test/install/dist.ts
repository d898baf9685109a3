import { join } from "node:path";
import { runDirectory } from "../support/run-directory.ts";
import { collect } from "./container.ts";

const project = join(import.meta.dir, "../..");

/**
 * What `npm run dist` makes of this project with the source of daemontools; the first of a test run builds it.
 *
 * @returns the directory
 */
export async function distWith(tarball: string): Promise<string> {
  const output = join(runDirectory, "dist");
  const script = '[[ -f $1/SHA256SUMS ]] || "$2" src/build/dist.ts --daemontools-tarball "$3" --output "$1"';
  const command = [
    "flock",
    `${output}.lock`,
    "bash",
    "-c",
    script,
    "dist",
    output,
    process.execPath,
    tarball,
  ];
  const built = await collect(command, project);
  if (built.exitCode !== 0) throw new Error(`dist failed: ${built.stderr}`);
  return output;
}
