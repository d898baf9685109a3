import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { probeDirectory } from "./status.ts";

/** Why letters could not be written. */
export interface Refusal {
  /** In svc's words. */
  readonly problem: string;
  /** No supervise runs there now; one may be started at any moment. */
  readonly isGone: boolean;
}

/**
 * Writes letters to the supervise of a directory in one write; supervise takes one of them at a time, and after starting
 * a program it takes none for a second.
 *
 * @param into `anything` writes into whatever bears the name, as svc 0.76 does; `fifo` leaves other files alone.
 * @returns why it could not be done, or undefined
 */
export function control(directory: string, letters: string, into: "fifo" | "anything"): Refusal | undefined {
  const refuse = (problem: string, isGone = false): Refusal => ({ problem, isGone });
  try {
    probeDirectory(directory);
  } catch (error) {
    return refuse(`unable to chdir to ${directory}: ${reasonOf(error)}`);
  }
  let fd: number;
  try {
    fd = openSync(`${directory}/supervise/control`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const isGone = errnoName(error) === "ENXIO";
    return refuse(
      `unable to control ${directory}: ${isGone ? "supervise not running" : reasonOf(error)}`,
      isGone,
    );
  }
  try {
    if (into === "fifo" && !fstatSync(fd).isFIFO())
      return refuse(`unable to control ${directory}: supervise/control is not a FIFO`);
    if (letters !== "") writeSync(fd, letters);
    return undefined;
  } catch (error) {
    return refuse(`error writing commands to ${directory}: ${reasonOf(error)}`);
  } finally {
    closeSync(fd);
  }
}
