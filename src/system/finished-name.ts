/** Names that multilog gives to finished files: complete (`.s`), or found after a crash (`.u`). */
const FINISHED = /^@[0-9a-f]{24}\.[su]$/;

/** Whether a name in a log directory is that of a finished file, and not merely one that begins with `@`. */
export function isFinishedName(name: string): boolean {
  return FINISHED.test(name);
}
