import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { reasonOf } from "./errors.ts";

/** Why a file is not read. `denied` is for lack of permission. */
export type Unread = {
  readonly kind: "absent" | "denied" | "broken";
  readonly reason: string;
};

/** Reads a file whatever it is, without ever waiting for somebody else, as reading a FIFO would. */
export function readRegularFile(path: string): Buffer | Unread {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return { kind: "broken", reason: "not a regular file" };
    return readFileSync(fd);
  } catch (error) {
    const code = errnoName(error) ?? "";
    const kind = ["ENOENT", "ENOTDIR"].includes(code) ? "absent" : code === "EACCES" ? "denied" : "broken";
    return { kind, reason: reasonOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
