import { collect, type Output } from "./collect.ts";

/**
 * Makes what all tests of a run share: the first of them makes it, the others wait for it.
 *
 * @param path What is made; its directory has to be there.
 * @param script Makes it in one step, of bash; finds the path as `$1` and its own arguments behind it.
 * @returns what the script said, with exit code 0 if it was made already
 */
export function madeOnce(path: string, script: string, args: string[], cwd = "/"): Promise<Output> {
  const command = ["bash", "-c", `[[ -e $1 ]] || { ${script}; }`, "make", path, ...args];
  return collect(["flock", `${path}.lock`, ...command], cwd);
}
