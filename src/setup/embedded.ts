/** What the build has put into the executable beside the program, as files that only this process can read. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The scripts of install/. */
export const INSTALLER = "install";

/** The programs of daemontools, where the build has put them in. */
export const DAEMONTOOLS = "daemontools";

/** The man pages. */
export const MAN_PAGES = "man";

export function isEmbedded(name: string): boolean {
  return existsSync(join(import.meta.dir, name));
}

/**
 * Writes the files of an embedded directory into a new one; directories above it are made too. After a failure, some
 * of it is there.
 *
 * @param mode Of each file, whatever the umask.
 * @throws the system's error, EEXIST if the directory is there already
 */
export function unpackEmbedded(name: string, directory: string, mode: number): void {
  const source = join(import.meta.dir, name);
  mkdirSync(join(directory, ".."), { recursive: true });
  mkdirSync(directory);
  for (const file of readdirSync(source)) {
    writeFileSync(join(directory, file), readFileSync(join(source, file)), { flag: "wx" });
    chmodSync(join(directory, file), mode);
  }
}
