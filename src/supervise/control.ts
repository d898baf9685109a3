import { closeSync, constants, openSync, writeSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { probeDirectory } from "./status.ts";

/**
 * Writes letters to the supervise of a directory in one write; supervise takes one of them at a time, and after starting
 * a program it takes none for a second.
 *
 * @returns why it could not be done, in svc's words, or undefined
 */
export function control(directory: string, letters: string): string | undefined {
  try {
    probeDirectory(directory);
  } catch (error) {
    return `unable to chdir to ${directory}: ${reasonOf(error)}`;
  }
  let fd: number;
  try {
    fd = openSync(`${directory}/supervise/control`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const reason = errnoName(error) === "ENXIO" ? "supervise not running" : reasonOf(error);
    return `unable to control ${directory}: ${reason}`;
  }
  try {
    if (letters !== "") writeSync(fd, letters);
    return undefined;
  } catch (error) {
    return `error writing commands to ${directory}: ${reasonOf(error)}`;
  } finally {
    closeSync(fd);
  }
}
