import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";

/**
 * The name under which a file is written until it is complete: in the same directory, hidden, no longer than any name may
 * be, and one that no other program or object has. Open it with O_EXCL.
 */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${randomUUID()}.tmp`);
}

/** Whether a file of this name, without directories, is one that is being written or was left behind by a crash. */
export function isTemporaryName(name: string): boolean {
  return /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/.test(name);
}
